"""Orders, which programs add."""
