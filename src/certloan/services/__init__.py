"""The acts people perform."""
