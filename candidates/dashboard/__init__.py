"""The figures of the dashboard, each a real number, and what they show."""
