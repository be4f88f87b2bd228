"""Reads of lists and of parties' screening."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import ngettext

from certifications.matching import ENGINE_VERSION, LEXICON_VERSION
from certifications.parties.models import Party
from certifications.people.models import User
from certifications.people.permissions import Permission, may

from .coverage import covered, last_of, newest_runs
from .importers import FORMATS, RawEntry
from .importers.private import as_row
from .models import Finding, ListEntry, ListSource, ListVersion, ScreeningRun
from .models_rescreening import Rescreening
from .rules import StateInputs, is_fresh, lists_key
from .rules import party_state as decide_state

YENTE = "yente"


def engine() -> str:
    """Engine and lexicon in one word; another word means that parties are screened again."""
    own = f"{ENGINE_VERSION}+{LEXICON_VERSION}"
    return (f"yente+{own}" if settings.YENTE_URL else own)[:80]


@dataclass(frozen=True)
class ListInForce:
    """A list with its newest good version, if any, and whether that is fresh enough to rest on."""

    source: ListSource
    version: ListVersion | None
    is_fresh: bool
    age: dt.timedelta | None


def lists_in_force() -> list[ListInForce]:
    """Every list that must be screened against now."""
    asked = _asked_now()
    accepted = ListVersion.objects.filter(state=ListVersion.State.ACCEPTED, source__in=[source.pk for source in asked])
    newest = {version.source_id: version for version in accepted.order_by("source_id", "-imported_at").distinct("source_id")}
    return in_force_of(asked, newest)


def in_force_of(asked: Iterable[ListSource], newest: Mapping[str, ListVersion]) -> list[ListInForce]:
    """The lists with their newest good versions (by code), and whether each is fresh now."""
    now, found = timezone.now(), []
    for source in asked:
        version = newest.get(source.pk)
        fresh = version is not None and is_fresh(
            kind=source.kind,
            confirmed_at=version.confirmed_at,
            fresh_hours=source.fresh_hours,
            now=now,
            static_allowed=settings.PORTAL_DEMO,
            review_on=source.review_on,
        )
        found.append(ListInForce(source, version, fresh, now - version.confirmed_at if version else None))
    return found


def _asked_now() -> list[ListSource]:
    """Lists in force; where a yente server answers for the public ones, its dataset stands in their place."""
    held = ListSource.objects.filter(in_force=True)
    if not settings.YENTE_URL:
        return list(held.exclude(pk=YENTE))
    # Not saved, and without a version: as long as its catalogue was never read, the list is missing, and blocks.
    server = held.filter(pk=YENTE).first() or ListSource(pk=YENTE, title="yente", kind=ListSource.Kind.DATED)
    return [server, *held.filter(is_private=True)]


def newest_good(source: ListSource) -> ListVersion | None:
    """The version that counts, if there is one."""
    return source.versions.filter(state=ListVersion.State.ACCEPTED).order_by("-imported_at").first()


def described(version: ListVersion) -> str:
    """What a version is, in a sentence: the list, its own date, how much it holds."""
    found = FORMATS.get(version.format or version.source.takes[0])
    words = {
        "w": found.words if found else version.source.title,
        "d": date_format(version.dated_on, "DATE_FORMAT") if version.dated_on else "",
        "n": number_format(version.entry_count, force_grouping=True),
    }
    if version.dated_on:
        return (
            ngettext("This is %(w)s of %(d)s with %(n)s entry.", "This is %(w)s of %(d)s with %(n)s entries.", version.entry_count) % words
        )
    return ngettext("This is %(w)s with %(n)s entry.", "This is %(w)s with %(n)s entries.", version.entry_count) % words


def lost_entries(version: ListVersion, most: int) -> tuple[int, list[ListEntry]]:
    """(how many, the first of them): entries of the version that counts which a refused version no longer holds."""
    good = newest_good(version.source)
    if good is None:
        return 0, []
    gone = ListEntry.objects.filter(version=good).exclude(entry_id__in=version.entries.values("entry_id"))
    return gone.count(), list(gone.order_by("name")[:most])


def rows_of(source: ListSource) -> Iterator[list[str]]:
    """Rows of the version that counts, as a private list is written; read in chunks."""
    good = newest_good(source)
    if good is None:
        return
    for held in good.entries.order_by("name", "entry_id").iterator(chunk_size=2000):
        yield as_row(
            RawEntry(
                entry_id=held.entry_id,
                schema=held.schema,
                name=held.name,
                names=tuple(held.names),
                programme=held.programme,
                citation=held.citation,
                policy=held.policy,
                identifiers=tuple(held.identifiers),
                addresses=tuple(held.addresses),
            )
        )


def key_of(lists: list[ListInForce]) -> str:
    """One key for the lists as they are now; a list without a good version counts as one more, never as none."""
    return lists_key(entry.version.pk if entry.version else f"missing {entry.source.pk}" for entry in lists)


def sources_visible_to(user: User) -> QuerySet[ListSource]:
    """Lists, for whom may see them."""
    return ListSource.objects.all() if may(user, Permission.SEE_LISTS) else ListSource.objects.none()


def rescreenings_visible_to(user: User) -> QuerySet[Rescreening]:
    """Rounds of rescreening: counts and times, for whom may see lists."""
    return Rescreening.objects.all() if may(user, Permission.SEE_LISTS) else Rescreening.objects.none()


def latest_runs(party_ids: Iterable[str], *related: str) -> dict[str, ScreeningRun]:
    """The newest run of each party that has one, with what is `related` to it."""
    return {run.party_id: run for run in newest_runs(party_ids).prefetch_related(*related)}


@dataclass(frozen=True)
class PartyState:
    """state: clear, hit, waiting, stale, failed. `findings` are those that nobody has cleared."""

    state: str
    reasons: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    run: ScreeningRun | None = field(default=None)


def party_state(party: Party, cleared_fingerprints: frozenset[str] = frozenset()) -> PartyState:
    """Where the party's screening stands. Clear only when the run saw this revision, these lists, this engine."""
    return party_states([party], cleared_fingerprints)[party.pk]


def party_states(parties: Iterable[Party], cleared_fingerprints: frozenset[str] = frozenset()) -> dict[str, PartyState]:
    """Where the screening of each stands, by party, in as many queries for a page of them as for one."""
    wanted = list(parties)
    runs = latest_runs((party.pk for party in wanted), "findings")
    found = {
        run.pk: tuple(f for f in sorted(run.findings.all(), key=lambda f: -f.score) if f.fingerprint not in cleared_fingerprints)
        for run in runs.values()
    }
    return decided(wanted, lists_in_force(), runs, found)


def decided(
    parties: Iterable[Party],
    lists: list[ListInForce],
    runs: Mapping[str, ScreeningRun],
    found: Mapping[str, tuple[Finding, ...]],
) -> dict[str, PartyState]:
    """Where each party stands, by the lists in force, its newest run (by party) and the findings that count (by run)."""
    # The same lists, or recorded deltas that lead to them and left the party out.
    covers, now = covered([last_of(run) for run in runs.values()], key_of(lists)), engine()
    states = {}
    for party in parties:
        run = runs.get(party.pk)
        findings = found.get(run.pk, ()) if run else ()
        state, reasons = decide_state(
            StateInputs(
                has_run=run is not None,
                failed=run is not None and run.state != ScreeningRun.State.DONE,
                same_revision=run is not None and run.party_revision == party.revision,
                same_lists=party.pk in covers,
                same_engine=run is not None and run.engine == now,
                lists_missing=tuple(e.source.title for e in lists if e.version is None),
                lists_stale=tuple(e.source.title for e in lists if e.version is not None and not e.is_fresh),
                undecided_findings=len(findings),
                any_list=bool(lists),
            )
        )
        states[party.pk] = PartyState(state, reasons, findings, run)
    return states
