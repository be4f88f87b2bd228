"""Parties are looked at again: one after an edit, those whom a new list version can touch, everybody every night.

Nothing here clears anybody: a party that was not reached stays clear only by a recorded delta, the others wait until their run.
"""

from collections.abc import Collection, Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from certifications.attestations.models import Attestation
from certifications.declarations.models import Declaration
from certifications.declarations.models_parts import DeclarationParty
from certifications.declarations.queries import parties_in, taking_part
from certifications.ledger.days import civil_today
from certifications.letters.queries import live_with, resting_on
from certifications.parties.linked import linked, one_entity, with_entities
from certifications.parties.models import Party
from certifications.parties.owners import holding_on, owned_by, owners_of
from certifications.people.models import User
from certifications.people.permissions import Permission, may
from certifications.people.permissions import check as check_right
from certifications.screening import rescreening as rounds
from certifications.screening.actions import screen_many, screen_party
from certifications.screening.coverage import covered, last_runs
from certifications.screening.delta import TooMuch, index_parties
from certifications.screening.models import ScreeningRun
from certifications.screening.models_rescreening import Rescreening, RescreeningChunk
from certifications.screening.queries import engine, key_of, lists_in_force
from certifications.work.actions import enqueue

from . import letters
from .advance import raise_on_party, send_round_again
from .facts import owner_facts, screening_facts
from .faults import fault
from .release import problem_with, take_back

Status = Declaration.Status
WAITING = (Status.SCREENING, Status.REVIEW, Status.READY)


def follow_later(before: str) -> None:
    """The lists were others (`before` is their key) a moment ago: a worker finds out whom that touches."""
    after = key_of(lists_in_force())
    if after != before:
        enqueue("delta", before, version=f"to-{after[:60]}")


def population() -> list[str]:
    """Everybody who is kept screened: parties that take part in something, owners, and those that were ever screened. In order."""
    taking = Q(customers__declarations__isnull=False) | Q(organisation__declarations__isnull=False)
    found = set(Party.objects.filter(taking).values_list("pk", flat=True))
    found |= set(holding_on(civil_today()).filter(owner__isnull=False).values_list("owner_id", flat=True))
    found |= set(DeclarationParty.objects.order_by().values_list("customer__party_id", flat=True).distinct())
    return sorted(found | set(ScreeningRun.objects.order_by().values_list("party_id", flat=True).distinct()))


def in_flight() -> set[str]:
    """Parties that a decision, a release or a seal is about to rest on."""
    waiting = Declaration.objects.filter(Q(status__in=[Status.SIGNED, *WAITING, Status.ISSUING]) | Q(attestations__status="pending"))
    taking = parties_in(waiting)
    return taking | set(owners_of(taking, civil_today()))


def follow(before: str) -> Rescreening:
    """Worker: work out whom the lists as they are now touch that were others under `before`, and have those screened.

    Whoever is not proved to be untouched is screened: parties without a run, with a failed one, or of another engine.
    """
    key = key_of(lists_in_force())
    try:
        delta = rounds.make_delta(from_key=before, in_flight=in_flight())
    except TooMuch:
        delta = None
    fault("delta-made")
    runs = last_runs()
    revisions = dict(Party.objects.values_list("pk", "revision"))
    good = [run for run in runs.values() if run.engine == engine() and run.revision == revisions.get(run.party_id)]
    untouched = covered(good, key)
    parties = [party for party in population() if party not in untouched]
    once = f"delta-{delta.pk}" if delta is not None else f"lists-{key[:50]}"
    return rounds.start(cause=Rescreening.Cause.LISTS, once=once, parties=parties, delta=delta)


def rescreen_all() -> Rescreening:
    """Everybody, against the lists as they are now; asked again for the same lists it is the same round."""
    once = f"lists-{key_of(lists_in_force())[:50]}"
    return rounds.start(cause=Rescreening.Cause.LISTS, once=once, parties=population())


def nightly() -> Rescreening | None:
    """Everybody once a day, from the hour that the settings say on, whatever the beat missed before."""
    now = timezone.now()
    if now.hour < settings.RESCREEN_HOUR:
        return None
    once = f"nightly-{now.date().isoformat()}"
    held = Rescreening.objects.filter(once=once).first()
    if held is not None:
        return held
    enqueue("index_parties", now.date().isoformat())
    return rounds.start(cause=Rescreening.Cause.NIGHTLY, once=once, parties=population())


def build_party_index() -> None:
    """Worker: the index over parties that the day's deltas will ask."""
    index_parties()


def ask_for_all(*, by: User, form_key: str) -> Rescreening:
    """A lead has everybody compared anew, whatever was found before. The same form twice is one round."""
    check_right(by, Permission.IMPORT_LISTS)
    return rounds.start(cause=Rescreening.Cause.ASKED, once=f"asked-{form_key}", parties=population(), by=by, anew=True)


def cancel(*, rescreening: Rescreening, by: User) -> None:
    """Stop a round. Raises NotAllowed when it is over."""
    if not may(by, Permission.OPERATE):
        check_right(by, Permission.IMPORT_LISTS)
    rounds.cancel(rescreening=rescreening, by=by)


def screen_uploaded(*, once: str, parties: list[str]) -> Rescreening | None:
    """Have many parties screened that came with one file, beside and not before what is waited for. The same `once` is one round."""
    return rounds.start(cause=Rescreening.Cause.UPLOAD, once=f"upload-{once}"[:64], parties=parties) if parties else None


def screen_chunk(key: str) -> None:
    """Worker: screen the parties of a chunk ("round:number") and draw the consequences. Safe to repeat after any crash."""
    pk, _colon, number = key.partition(":")
    chunk = RescreeningChunk.objects.select_related("rescreening").get(rescreening=pk, number=int(number))
    held = chunk.rescreening
    if chunk.finished_at or held.cancelled_at:
        return
    runs = screen_many(chunk.parties, since=held.started_at if held.anew else None)
    fault("chunk-screened")
    concerned = _concerned(chunk.parties)
    always = held.cause == Rescreening.Cause.LISTS
    for run in runs:
        if run.party_id in concerned and (always or run.ran_at >= held.started_at):
            follow_run(run.party, run, quietly=not always)
    hits = set(ScreeningRun.objects.filter(pk__in=[run.pk for run in runs], findings__isnull=False).values_list("pk", flat=True))
    failed = sum(run.state == ScreeningRun.State.FAILED for run in runs)
    rounds.finish_chunk(chunk, rounds.Counts(done=len(runs), hits=len(hits), failed=failed))


def _concerned(party_ids: Iterable[str]) -> set[str]:
    """Of the parties, those on whom something rests: themselves, or somebody whom they own."""
    own = list(party_ids)
    together = linked()
    holders = set(holding_on(civil_today()).filter(owner__in=with_entities(own, together)).values_list("owner_id", flat=True))
    owned = {pk: set(owned_by([pk], civil_today())) for pk in own if holders & with_entities([pk], together)}
    ids = sorted({*own, *(pk for some in owned.values() for pk in some)})
    rests = Q(status__in=WAITING) | Q(attestations__status__in=["pending", "valid", "suspended"])
    resting = (parties_in(Declaration.objects.filter(taking_part(ids) & rests)) & set(ids)) | resting_on(ids)
    return {pk for pk in own if pk in resting or owned.get(pk, set()) & resting}


def attestations_of(party_ids: Collection[str], *statuses: str) -> QuerySet[Attestation]:
    """Attestations in which one of the parties takes part."""
    found = Attestation.objects.filter(status__in=statuses).select_related(
        "declaration__customer__party", "declaration__organisation__party"
    )
    return found.filter(taking_part(party_ids, "declaration__")).distinct()


def rescreen(party_id: str) -> None:
    """Worker: screen one party again; a new finding on an attested declaration's party opens a case. Idempotent."""
    party = Party.objects.filter(pk=party_id).first()
    if party is None:
        # Registered by mistake and taken back before anybody looked at it.
        return
    run = screen_party(party)
    fault("rescreened")
    follow_run(party, run)


def follow_run(party: Party, run: ScreeningRun, *, quietly: bool = False) -> None:
    """What a run sets in motion: declarations go round again, a release is taken back, a case is opened.

    `quietly` leaves alone what is ready and stays so: a nightly round mails nobody that something is still ready.
    """
    owned = owned_by([party.pk], civil_today())
    facts = owner_facts(party) if owned else screening_facts(party, "party")
    touched = [party.pk, *owned]
    for declaration in Declaration.objects.filter(taking_part(touched), status__in=WAITING).distinct():
        if not quietly or facts.state != "clear" or declaration.status == Status.SCREENING:
            send_round_again(declaration, f"run-{run.pk}")
    for pending in attestations_of(touched, "pending"):
        # Released and not sealed yet, perhaps for hours while the timestamp authority is away.
        if problem_with(pending.declaration):
            take_back(pending, f"run-{run.pk}")
    resting = live_with(one_entity(touched))
    for letter in resting.filter(status="issuing").select_related("organisation__party"):
        letters.take_back(letter, f"run-{run.pk}")
    over = any("again" in finding for finding in facts.findings)
    rests = over or attestations_of(touched, "valid", "suspended").exists() or resting.exists()
    if facts.findings and rests:
        with transaction.atomic():
            raise_on_party(facts)
