"""The sources of lists: the Consolidated Screening List, and for the demonstration the 26 rows of the seed case as a static list."""

from pathlib import Path

from django.conf import settings

from .actions import import_list
from .models import ListSource, ListVersion

DATA = Path(__file__).parent / "data" / "entity_list.json"
CSL_URL = "https://data.trade.gov/downloadable_consolidated_screening_list/v1/consolidated.json"


def make_sources() -> ListSource:
    """The Consolidated Screening List as a source: in force at once in production, by a lead's act in the demonstration."""
    source, _made = ListSource.objects.get_or_create(
        code="us_csl",
        defaults={
            "title": "US Consolidated Screening List",
            "kind": ListSource.Kind.DATED,
            "url": CSL_URL,
            "in_force": not settings.PORTAL_DEMO,
        },
    )
    return source


def seed() -> ListVersion:
    """Both sources, and the static one imported. For demonstrations only: production refuses static lists. Idempotent."""
    make_sources()
    source, _made = ListSource.objects.get_or_create(
        code="us_entity_list",
        defaults={
            "title": "US Entity List, rows of the seed case",
            "kind": ListSource.Kind.STATIC,
            "url": "https://www.federalregister.gov/",
        },
    )
    return import_list(source=source, content=DATA.read_bytes(), by=None)
