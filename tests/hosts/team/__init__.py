"""A project with its own users, whose tokens belong to teams: UUID keys, German, own pages."""
