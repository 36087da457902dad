"""Webhooks: news of a company's cases goes to its own systems, signed, until it is taken."""
