"""How fast a model scores: from its tables, as one LightGBM model, and as SQL."""
