"""Grades: a fixed scale of probabilities of default, and what a model's own grades were seen to do."""
