"""Evidence becomes features: what was known on the day."""
