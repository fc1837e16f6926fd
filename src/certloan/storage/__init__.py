"""The outside world: DuckDB, MLflow and the model store."""
