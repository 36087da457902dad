"""API keys of partners: a model of the project's own."""
