"""The pages. Each draws what the services decided; none knows another."""
