"""How good the score is beside the best peers, on real credit data."""
