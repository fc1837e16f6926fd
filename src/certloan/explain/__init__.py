"""Why a decision is what it is."""
