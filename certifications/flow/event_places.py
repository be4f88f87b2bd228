"""Where in its event a thing stood that counts: a package is counted as it came, or as what it holds, and not as both. Reads."""

from collections.abc import Sequence

from certifications.custody.models import Movement
from certifications.custody.queries import counting
from certifications.people.models import Organisation
from certifications.uploads.kinds import Thing
from certifications.uploads.models import Upload, UploadRow
from certifications.uploads.rules import columns_from_json, texts_of


def placed(organisation: Organisation | None, things: Sequence[Thing]) -> dict[str, set[str]]:
    """By event ID, of those with a thing that is new: the places of its things that count already."""
    own = counting(Movement.objects.filter(organisation=organisation))
    known = set(own.filter(key__in=[thing.key for thing in things]).values_list("key", flat=True))
    ids = {thing.lines[0].values.get("event_id", "") for thing in things if thing.key not in known} - {""}
    told: dict[str, dict[int, str]] = {}
    for upload_id, number, event_id in own.filter(event_id__in=ids).values_list("upload", "row", "event_id"):
        told.setdefault(upload_id, {})[number] = event_id
    found: dict[str, set[str]] = {}
    for upload in Upload.objects.filter(pk__in=told):
        columns, events = columns_from_json(upload.columns), told[upload.pk]
        for row in UploadRow.objects.filter(upload=upload, number__in=events).iterator(chunk_size=5000):
            item = texts_of(row.cells, row.mended, row.filled, columns).get("item", "")
            found.setdefault(events[row.number], set()).add(item)
    return {event_id: items - {""} for event_id, items in found.items()}
