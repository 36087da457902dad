"""JWT API tokens for Django: made on a settings page, used through DRF, named wherever they act."""

__version__ = "0.1.0"
