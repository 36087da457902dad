"""Other people's projects: each installs `apitokens` in its own way and runs in its own process."""
