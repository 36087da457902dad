"""Which database the tokens are written to, where a host has several."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db import router, transaction


def written_to() -> str:
    """The alias that the host's routers give. A replica might not know yet what was written."""
    return router.db_for_write(apps.get_model("apitokens", "APIToken"))


@contextmanager
def atomic() -> Iterator[None]:
    """``transaction.atomic`` there; ``@atomic()`` on a function asks the routers at each call."""
    with transaction.atomic(using=written_to()):
        yield
