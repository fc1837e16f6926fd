"""What was done, by whom and on what, in a chain that nobody can quietly edit."""
