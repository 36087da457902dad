"""What happened to candidates, for the apps above.

Each is sent inside the transaction that did it: what a receiver writes is there with it or not at
all, and a receiver that raises takes all of it back.
"""

from django.dispatch import Signal

candidates_added = Signal()
"""``candidates``: one or some of one company, each with its case."""

case_status_changed = Signal()
"""``case`` is in another state than ``before``, a code."""

report_changed = Signal()
"""``case`` is finished and in the same state as before, and something else stands in its report."""

candidate_erased = Signal()
"""``candidate`` is about to lose its personal data: so must whatever repeats it elsewhere."""
