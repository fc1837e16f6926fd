"""A synthetic economy with known truth."""
