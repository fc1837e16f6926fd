"""Raw files become rows that keep their contracts."""
