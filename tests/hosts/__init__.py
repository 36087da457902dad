"""`apitokens` in other people's projects: `make test-hosts`. See hosts.py."""
