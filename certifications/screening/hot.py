"""`party_states` for whoever asks it a hundred times a second: the same decision from the same rows, read by one statement.

The rows are those of queries.lists_in_force, latest_runs and the findings of those runs, with every column that coverage.last_of
asks for; the decision is rules.party_state.
"""

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.db import connection

from certifications.ledger.rows import listed
from certifications.parties.models import Party

from .models import ListSource, ListVersion, ScreeningRun
from .queries import YENTE, PartyState, decided, in_force_of, party_states

_SQL = """
SELECT
  (SELECT json_agg(json_build_array(s.code, s.title, s.kind, s.fresh_hours, s.review_on, v.id, v.confirmed_at)) FROM certifications_listsource s
     LEFT JOIN LATERAL (SELECT id, confirmed_at FROM certifications_listversion v WHERE v.source_id = s.code AND v.state = 'accepted'
                        ORDER BY imported_at DESC LIMIT 1) v ON true
   WHERE s.in_force AND s.code <> %(yente)s),
  (SELECT json_agg(json_build_array(r.id, r.party_id, r.party_revision, r.lists_key, r.engine, r.state, r.near, r.ran_at,
                                    (SELECT count(*) FROM certifications_finding f WHERE f.run_id = r.id)))
   FROM unnest(%(parties)s::text[]) wanted(id) JOIN LATERAL (
     SELECT * FROM certifications_screeningrun r WHERE r.party_id = wanted.id ORDER BY ran_at DESC, id DESC LIMIT 1) r ON true)
"""
_RUN = ("id", "party_id", "party_revision", "lists_key", "engine", "state", "near", "ran_at")


def states_now(parties: Sequence[Party]) -> dict[str, PartyState]:
    """State by party id, as party_states gives it. Where findings are there to be weighed, or yente answers, it is asked itself."""
    if settings.YENTE_URL:
        return party_states(parties)
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"parties": [party.pk for party in parties], "yente": YENTE})
        lists, runs = map(listed, cursor.fetchone())
    sources = []
    newest = {}
    for code, title, kind, hours, review_on, version, confirmed_at in lists:
        day = dt.date.fromisoformat(review_on) if review_on else None
        sources.append(ListSource(code=code, title=title, kind=kind, fresh_hours=hours, review_on=day))
        if version is not None:
            newest[code] = ListVersion(pk=version, source_id=code, confirmed_at=dt.datetime.fromisoformat(confirmed_at))
    found = {}
    for *values, findings in runs:
        if findings:
            return party_states(parties)
        run = ScreeningRun(**dict(zip(_RUN, values, strict=True)))
        run.ran_at = dt.datetime.fromisoformat(values[-1])
        found[run.party_id] = run
    return decided(parties, in_force_of(sources, newest), found, {})
