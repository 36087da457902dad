"""Candidates that flow in from other systems (docs/integrations.md)."""
