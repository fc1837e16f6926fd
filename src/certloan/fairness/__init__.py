"""Rates by group, with their uncertainty."""
