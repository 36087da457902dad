"""A project under `mypy --strict` that uses all of the public API. It is read, not run."""
