"""Cases as a spreadsheet: what a person may see, one row each, never all of them in memory."""
