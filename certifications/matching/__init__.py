"""Names of organisations and people across scripts: index, match, compare, classify, normalise.

Pure Python over plain strings. Must not know Django, the database, lists' sources or people's roles.
"""

from certifications.matching.classify import CLASSES, classify, division_name
from certifications.matching.crowding import Crowd, crowds, pushed
from certifications.matching.identifiers import check_lei, check_uscc
from certifications.matching.index import Index, build_index, load_index, save_index
from certifications.matching.places import Place, place_of, places_named, prefectures, province_of
from certifications.matching.reverse import reached_by
from certifications.matching.search import compare, match, match_many
from certifications.matching.spelling import spelled
from certifications.matching.store import IndexFileError
from certifications.matching.tables import LEXICON_VERSION
from certifications.matching.text import normalise
from certifications.matching.types import (
    THRESHOLDS,
    Band,
    Calibration,
    Candidate,
    Classification,
    Comparison,
    Entry,
    Piece,
    Reason,
    Row,
    band,
)

ENGINE_VERSION = "1.2"


def same_party(a: str, b: str) -> Band:
    """Whether two names mean one party of the register: SAME, ASK (a person decides) or DIFFERENT."""
    return compare(a, b, "register").band


__all__ = [
    "CLASSES",
    "ENGINE_VERSION",
    "LEXICON_VERSION",
    "THRESHOLDS",
    "Band",
    "Calibration",
    "Candidate",
    "Classification",
    "Comparison",
    "Crowd",
    "Entry",
    "Index",
    "IndexFileError",
    "Piece",
    "Place",
    "Reason",
    "Row",
    "band",
    "build_index",
    "check_lei",
    "check_uscc",
    "classify",
    "compare",
    "crowds",
    "division_name",
    "load_index",
    "match",
    "match_many",
    "normalise",
    "place_of",
    "places_named",
    "prefectures",
    "province_of",
    "pushed",
    "reached_by",
    "same_party",
    "save_index",
    "spelled",
]
