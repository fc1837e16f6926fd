"""Whether today's applicants still look like those the model learnt from."""
