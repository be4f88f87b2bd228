"""Two people with the same file in the same moment: every customer and every draft is made once."""

import pytest

from certifications.declarations.models import Declaration
from certifications.flow.uploads import KINDS, go_on
from certifications.parties.models import Customer
from certifications.people.models import User
from certifications.uploads import actions
from certifications.uploads.models import Upload
from tests.flow.test_at_once import at_once, committed
from tests.world import World

from .files import HEAD, HOSPITAL, SALES, csv, customers
from .steps import now, sent
from .test_declarations import row

__all__ = ["committed"]  # the fixture of a database that threads share


@pytest.mark.parametrize("kind", ["customers", "declarations"])
def test_the_same_file_from_two_people_at_once_is_written_once(committed: World, kind: str) -> None:
    if kind == "declarations":
        committed.customer()
    content = csv(HEAD, HOSPITAL, *customers(4)) if kind == "customers" else csv(SALES, row(), row("Q-2"), row("Q-3"))
    uploads = [sent(committed.filer, content, kind=kind) for _person in range(2)]
    for upload in uploads:
        actions.commit(upload=upload, kind=KINDS[kind], by=committed.filer, mode="all")
    assert at_once(*(lambda pk=upload.pk: go_on(pk) for upload in uploads)) == [None, None]
    first, second = sorted((now(upload) for upload in uploads), key=lambda one: one.counts.get("did_skip", 0))
    count = 5 if kind == "customers" else 3
    assert (first.counts["did_create"], second.counts["did_skip"]) == (count, count)
    assert (Customer.objects.count() if kind == "customers" else Declaration.objects.count()) == count


def test_the_same_form_twice_at_once_is_one_upload(committed: World) -> None:
    by = User.objects.get(pk=committed.filer.pk)
    one = {"by": by, "kind": KINDS["customers"], "content": csv(HEAD, HOSPITAL), "name": "a.csv", "form_key": "0" * 26}
    first, second = at_once(*[lambda: actions.receive(**one)] * 2)  # type: ignore[arg-type]
    assert first.pk == second.pk == Upload.objects.get().pk


def test_one_commit_asked_for_twice_at_once_is_asked_for_once(committed: World) -> None:
    upload = sent(committed.filer, csv(HEAD, HOSPITAL))
    ask = [lambda: actions.commit(upload=upload, kind=KINDS["customers"], by=committed.filer, mode="all")] * 2
    assert sorted(type(answer).__name__ for answer in at_once(*ask)) == ["NoneType", "StaleState"]
    go_on(upload.pk)
    assert (now(upload).status, now(upload).commits, Customer.objects.count()) == ("committed", 1, 1)
