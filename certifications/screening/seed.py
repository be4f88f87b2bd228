"""The sources of lists: the Consolidated Screening List, those of the EU, the UN, the United Kingdom and OpenSanctions; for the
demonstration the 26 rows of the seed case as a static list.
"""

from pathlib import Path

from django.conf import settings

from .imports import import_list
from .models import ListSource, ListVersion

DATA = Path(__file__).parent / "data" / "entity_list.json"
CSL_URL = "https://data.trade.gov/downloadable_consolidated_screening_list/v1/consolidated.json"


# (code, title, publisher, where it is published, formats); none is in force before a lead says so.
FURTHER = (
    (
        "un",
        "UN Security Council Consolidated List",
        "United Nations Security Council",
        "https://scsanctions.un.org/resources/xml/en/consolidated.xml",
        "un_xml",
    ),
    (
        "eu",
        "EU consolidated list of financial sanctions",
        "European Commission, DG FISMA",
        "https://webgate.ec.europa.eu/fsd/fsf",
        "eu_xml eu_csv",
    ),
    (
        "uk",
        "UK Sanctions List",
        "Foreign, Commonwealth and Development Office",
        "https://sanctionslist.fcdo.gov.uk/docs/UK-Sanctions-List.xml",
        "uk_xml uk_csv",
    ),
    (
        "uk_ofsi",
        "OFSI Consolidated List of Asset Freeze Targets (closed on 28 January 2026)",
        "HM Treasury, Office of Financial Sanctions Implementation",
        "https://www.gov.uk/government/publications/financial-sanctions-consolidated-list-of-targets",
        "uk_ofsi_csv",
    ),
    (
        "opensanctions",
        "OpenSanctions, consolidated sanctions",
        "OpenSanctions",
        "https://data.opensanctions.org/datasets/latest/sanctions/entities.ftm.json",
        "opensanctions_ftm opensanctions_csv",
    ),
)


def make_sources() -> ListSource:
    """The Consolidated Screening List, in force at once in production, by a lead's act in the demonstration; and the others,
    which a lead puts in force. Idempotent.
    """
    for code, title, publisher, url, formats in FURTHER:
        ListSource.objects.get_or_create(
            code=code,
            defaults={
                "title": title,
                "publisher": publisher,
                "url": url,
                "formats": formats,
                "kind": ListSource.Kind.DATED,
                "in_force": False,
            },
        )
    source, _made = ListSource.objects.get_or_create(
        code="us_csl",
        defaults={
            "title": "US Consolidated Screening List",
            "kind": ListSource.Kind.DATED,
            "publisher": "US Department of Commerce, International Trade Administration",
            "url": CSL_URL,
            "formats": "us_csl",
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
            "publisher": "US Department of Commerce, Bureau of Industry and Security",
            "url": "https://www.federalregister.gov/",
            "formats": "us_entity_list",
        },
    )
    return import_list(source=source, content=DATA.read_bytes(), by=None)
