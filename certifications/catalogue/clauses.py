"""Clause sets: which is in force for goods and a place on a day, drafts of a next version, and how one takes effect."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certifications.ledger.actions import Actor, record
from certifications.ledger.days import civil_today
from certifications.ledger.listed import listed
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.ledger.turns import take_turns
from certifications.parties.actions import Incomplete
from certifications.people.models import User

from .models import Clause, ClauseSet
from .models_versions import CatalogueProposal, ClauseDraft
from .queries import product_lines
from .rules_clauses import WORDS, Changed, ScopeData, SetData, chosen, difference, meet, set_problems


def in_force(on: dt.date) -> QuerySet[ClauseSet]:
    """The newest version of each set that has begun on the day."""
    return ClauseSet.objects.filter(from_date__lte=on).order_by("code", "-version").distinct("code")


def set_among(sets: Sequence[ClauseSet], *, lines: Iterable[str], country: str, division: str) -> ClauseSet:
    """Of sets that are in force, the undertakings for goods of these lines at a place. Raises NotAllowed (`lines`) where none apply, or several."""
    by_line = [chosen(sets, line, country, (division,) if division else ()) for line in set(lines)]
    if any(len(found) > 1 for found in by_line):
        raise NotAllowed(_("Two sets of undertakings apply to these goods and this place; the manufacturer must settle which."), "lines")
    found = {next(iter(tied), None) for tied in by_line}
    if len(found) > 1:
        raise NotAllowed(_("Different undertakings apply to these goods. Make one declaration for each product line."), "lines")
    one = next(iter(found), None)
    if one is None:
        raise NotAllowed(_("No undertakings are in force for these goods and this place; the manufacturer must set them first."), "lines")
    return one


def texts(clause_set: ClauseSet | None) -> list[dict[str, str]]:
    """Its undertakings in order, as plain words; none for no set."""
    return list(clause_set.clauses.order_by("number").values(*WORDS)) if clause_set is not None else []


def before(clause_set: ClauseSet) -> ClauseSet | None:
    """The version before."""
    return ClauseSet.objects.filter(code=clause_set.code, version__lt=clause_set.version).order_by("-version").first()


def changes(old: ClauseSet | None, new: ClauseSet) -> list[Changed]:
    """What changed from one to the other, clause by clause."""
    return difference(texts(old), texts(new))


def check_still_good(*, held: ClauseSet, now: ClauseSet, on: dt.date) -> None:
    """Raise NotAllowed (`clauses_changed`) where a draft of `held` can no longer be signed because `now` is in force.

    A transition lets drafts of an older version be signed for a while: of every version since, the strictest counts.
    """
    if held.pk == now.pk:
        return
    if held.code == now.code:
        since = ClauseSet.objects.filter(code=now.code, version__gt=held.version, version__lte=now.version)
        if all(one.old_until is not None and on < one.old_until for one in since):
            return
    rows = [row for row in changes(held, now) if row.how != "same"]
    numbers = [str(row.new_number or row.old_number) for row in rows]
    said = ngettext("Undertaking %(n)s changed", "Undertakings %(n)s changed", len(numbers)) % {"n": listed(numbers)}
    # Only the scope or the order may have changed.
    said = said if numbers else _("Other undertakings apply")
    raise NotAllowed(
        _("%(what)s: version %(version)s holds since %(day)s. Nothing was signed; take the new text, read what changed, and sign that.")
        % {"what": said, "version": now.version, "day": date_format(now.from_date)},
        "clauses_changed",
    )


def last_of(code: str) -> ClauseSet | None:
    """The newest version of a set, whether or not it has begun."""
    return ClauseSet.objects.filter(code=code).order_by("-version").first()


def problems_of(code: str, data: SetData) -> None:
    """Raise Incomplete with everything that keeps a version from being proposed."""
    last = last_of(code)
    problems = set_problems(data, today=civil_today(), after=last.from_date if last else None, known_lines=product_lines())
    if problems:
        raise Incomplete(problems)
    others = [one for one in _held_from(data.from_date) if one.code != code and meet(one, data.scope)]
    if others:
        text = _("%(code)s is about the same goods and places; draft its next version instead, or be more precise.")
        raise NotAllowed(text % {"code": others[0].code}, "countries")
    if last is not None and (texts(last), ScopeData(tuple(last.lines), tuple(last.countries), tuple(last.divisions))) == (
        data.content()["clauses"],
        data.scope,
    ):
        raise NotAllowed(_("Nothing differs from the version before."), "clauses")


def _held_from(day: dt.date) -> list[ClauseSet]:
    """Every version that is in force on the day or later: those that no other of their code has followed by then."""
    followed = ClauseSet.objects.filter(code=OuterRef("code"), version__gt=OuterRef("version"), from_date__lte=day)
    return list(ClauseSet.objects.exclude(Exists(followed)).order_by("code", "version"))


def mark_of(draft: ClauseDraft | None) -> str:
    """When the draft was last saved, as a page carries it; empty for none."""
    return draft.edited_at.isoformat() if draft is not None else ""


def _one_after_another() -> None:
    """Whoever writes drafts and versions sees what was written before."""
    take_turns("clauses")


@transaction.atomic
def keep_draft(*, code: str, data: SetData, by: User, seen: str) -> ClauseDraft:
    """Keep the draft of a set's next version as it was typed, complete or not.

    `seen`: `mark_of` the draft that the writer began from. Raises StaleState where another saved or ended it since.
    """
    _one_after_another()
    if mark_of(ClauseDraft.objects.filter(code=code).first()) != seen:
        raise StaleState(
            _(
                "Somebody else saved this draft, or it was agreed to, after you opened it. Nothing was saved; what you typed still stands here."
            )
        )
    draft, _made = ClauseDraft.objects.update_or_create(code=code, defaults={"content": data.content(), "edited_by": by})
    record(verb="clauses.drafted", obj=draft, by=by)
    return draft


def check_version(subject: str, content: dict[str, Any]) -> None:
    """`subject`: the set's code; content as SetData keeps it."""
    problems_of(subject, SetData.of(content))


def take_version(proposal: CatalogueProposal, by: Actor) -> ClauseSet:
    """Two people agreed: the next version, in force from its day. Raises NotAllowed where it meets what was agreed meanwhile."""
    # Two of different codes may meet.
    _one_after_another()
    check_version(proposal.subject, proposal.content)
    data, last = SetData.of(proposal.content), last_of(proposal.subject)
    made = ClauseSet.objects.create(
        code=proposal.subject,
        version=last.version + 1 if last else 1,
        from_date=data.from_date,
        old_until=data.old_until,
        lines=list(data.scope.lines),
        countries=list(data.scope.countries),
        divisions=list(data.scope.divisions),
        proposal=proposal,
    )
    Clause.objects.bulk_create(Clause(clause_set=made, number=n, **clause) for n, clause in enumerate(data.clauses, start=1))
    # What somebody wrote since is the draft of the version after.
    ClauseDraft.objects.filter(code=proposal.subject, content=proposal.content).delete()
    record(verb="clauses.agreed", obj=made, by=by, data={"proposal": proposal.pk, "from": data.from_date})
    return made
