"""Two at the same moment on the register. The threads commit, so each test has a database of its own."""

import threading

from django.db import connections, transaction

from certifications.parties import register
from certifications.parties.actions import Incomplete
from tests.flow.test_at_once import at_once, committed
from tests.world import World

from .rights import TODAY, entered, now, party

__all__ = ["committed"]


def test_who_asks_for_a_moment_waits_for_whoever_is_writing(committed: World) -> None:
    """Else a right recorded before the moment could become visible after it, and the answer would change."""
    assert committed
    seller, told = party(), []

    def ask() -> None:
        try:
            told.append([entry.standing for entry in register.as_of(TODAY, now()).of([seller.pk])])
        finally:
            connections.close_all()

    reader = threading.Thread(target=ask)
    with transaction.atomic():
        entered(seller)
        reader.start()
        reader.join(timeout=1)
        assert told == []
    reader.join(timeout=10)
    assert told == [["authorised"]]


def test_of_two_that_overlap_one_is_told_which_row_was_faster(committed: World) -> None:
    assert committed
    seller = party()
    answers = at_once(lambda: entered(seller), lambda: entered(seller))
    lost = [answer for answer in answers if isinstance(answer, Incomplete)]
    assert len(lost) == 1
    assert seller.authorisations.get().number in str(lost[0])
