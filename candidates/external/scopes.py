"""What a call asks of a token; ``APITOKENS_SCOPES`` declares them with a sentence each."""

READ = "candidates:read"
WRITE = "candidates:write"
REPORTS = "reports:read"
