"""A project that logs people in with simplejwt, set as HOSTILE says, beside tokens of ours."""
