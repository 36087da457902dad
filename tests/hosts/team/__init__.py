"""A project whose tokens belong to a Team with a UUID key."""
