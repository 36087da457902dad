"""My Team: who works for a company, and who is invited."""
