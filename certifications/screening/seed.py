"""The demonstration's lists: the 26 rows of the seed case as a static list, and the CSL, switched off until imported."""

from pathlib import Path

from .actions import import_list
from .models import ListSource, ListVersion

DATA = Path(__file__).parent / "data" / "entity_list.json"
CSL_URL = "https://data.trade.gov/downloadable_consolidated_screening_list/v1/consolidated.json"


def seed() -> ListVersion:
    """Make both sources and import the static one. Idempotent."""
    source, _made = ListSource.objects.get_or_create(
        code="us_entity_list",
        defaults={"title": "US Entity List, rows of the seed case", "kind": "static", "url": "https://www.federalregister.gov/"},
    )
    ListSource.objects.get_or_create(
        code="us_csl",
        defaults={"title": "US Consolidated Screening List", "kind": "dated", "url": CSL_URL, "in_force": False},
    )
    return import_list(source=source, content=DATA.read_bytes(), by=None)
