"""Decisions as files that people keep."""
