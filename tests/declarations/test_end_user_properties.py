"""Whatever is asked, answered, edited and taken back in whatever order: one answer a question, about its own text, or none."""

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certifications.declarations import drafting
from certifications.declarations.models_enduser import EndUserAnswer, EndUserRequest
from certifications.declarations.queries import frozen_form, version_of
from certifications.declarations.rules_enduser import AnswerData
from certifications.flow import enduser as flow
from certifications.ledger.ids import new_ulid
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed
from tests.world import World

from .end_users import asked, level, link

pytestmark = pytest.mark.django_db
SAID = {
    "yes": AnswerData("confirmed", "Shen Yiran", role="Head of Genetics", ticked=True),
    "no": AnswerData("declined", "Shen Yiran", reason="We never ordered these kits."),
    "ask": AnswerData("questioned", "Shen Yiran", questions={4: "Our ethics board does not allow visits."}),
}
USES = ("Tissue typing in the transplant ward, 200 samples a month.", "Paternity testing in the genetics department, 90 samples a month.")
STEP = st.one_of(
    st.just(("question", 0)),
    st.tuples(st.sampled_from(sorted(SAID)), st.integers(0, 5)),
    st.tuples(st.just("edit"), st.integers(0, 1)),
    st.just(("revoke", 0)),
    st.just(("remind", 0)),
    st.tuples(st.just("wait"), st.integers(1, 9)),
)


class Undone(Exception):
    """Ends an example, so that the next one finds the world as it was."""


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=3, max_size=12))
def test_no_order_of_events_makes_two_answers_or_one_about_another_text(world: World, steps: list[tuple[str, int]]) -> None:
    with pytest.MonkeyPatch.context() as clock:
        try:
            with transaction.atomic():
                _play(world, steps, clock)
                raise Undone
        except Undone:
            pass


def _play(world: World, steps: list[tuple[str, int]], clock: pytest.MonkeyPatch) -> None:
    draft = world.draft()
    links: list[tuple[str, EndUserRequest]] = []
    # What the record must say, kept beside it: the last word about each text.
    last: dict[str, str] = {}
    real, passed = timezone.now, dt.timedelta()
    for what, n in steps:
        text = frozen_form(version_of(draft))[1]
        if what == "question":
            if last.get(text) != "yes":
                links.append((link_after(lambda: asked(world, draft)), EndUserRequest.objects.latest("asked_at", "pk")))
        elif what in SAID and links:
            path, held = links[n % len(links)]
            held.refresh_from_db()
            open_now = held.status == "open" and held.sha256 == text and timezone.now() < held.expires_at
            took = answered(path, held.sha256, SAID[what])
            assert took == open_now, (steps, what)
            if took:
                last[text] = what
        elif what == "edit":
            drafting.edit(declaration=draft, by=world.filer, data=world.data(draft.customer, end_use=USES[n]))
        elif what == "revoke":
            for held in EndUserRequest.objects.filter(status="open"):
                flow.revoke(request=held, by=world.filer)
        elif what == "remind":
            before = {path for path, _held in links}
            if flow.remind() and link() not in before and (waiting := EndUserRequest.objects.filter(status="open").first()):
                links.append((link(), waiting))
        elif what == "wait":
            passed += dt.timedelta(days=n)
            clock.setattr("django.utils.timezone.now", lambda so_far=passed: real() + so_far)
        _check(draft, last)


def link_after(act: Any) -> str:
    act()
    return link()


def answered(path: str, sha256: str, data: AnswerData) -> bool:
    token = path.strip("/").rpartition("/")[2]
    try:
        with transaction.atomic():
            flow.answer(token=token, sha256=sha256, data=data, form_key=new_ulid())
    except NotAllowed:
        return False
    return True


def _check(draft: Any, last: dict[str, str]) -> None:
    assert EndUserRequest.objects.filter(declaration=draft, status="open").count() <= 1
    for held in EndUserRequest.objects.filter(declaration=draft).select_related("answer"):
        given_answer = EndUserAnswer.objects.filter(request=held).first()
        assert (held.status in {"confirmed", "declined", "questioned"}) == (given_answer is not None)
        if given_answer is not None:
            assert (given_answer.kind, given_answer.sha256) == (held.status, held.sha256)
            assert Event.objects.filter(object_id=held.pk, verb=f"enduserrequest.{held.status}").count() == 1
    text = frozen_form(version_of(draft))[1]
    found = level(draft)
    said = last.get(text)
    assert found.level == ("link" if said == "yes" else "distributor")
    assert found.against == {"no": "declined", "ask": "questioned"}.get(said or "", "")
