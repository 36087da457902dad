"""What the teams have in store."""
