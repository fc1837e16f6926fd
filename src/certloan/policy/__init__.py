"""Score and facts become a decision."""
