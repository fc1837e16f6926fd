"""The features of one enterprise, without an engine: an officer waits for one case, and an engine plans for a million."""
