"""A project with Django's own User, who owns their tokens themselves."""
