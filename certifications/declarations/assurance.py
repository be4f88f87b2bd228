"""How far a declaration rests on the end user's own word, read from the record.

Knows rows and no text: the signer, which composes a document again before it seals it, asks here too.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from .models_enduser import EndUserAnswer, StatementScan
from .rules_enduser import Assurance, Word, assurance_of


def words_about(texts: Iterable[tuple[str, str]], *, until: dt.datetime | None = None) -> dict[tuple[str, str], list[Word]]:
    """What end users said about each (declaration id, SHA-256 of its text), at the latest at `until`. Two queries."""
    wanted = set(texts)
    ids, hashes = {declaration for declaration, _ in wanted}, {sha256 for _, sha256 in wanted}
    found: dict[tuple[str, str], list[Word]] = defaultdict(list)
    answers = EndUserAnswer.objects.filter(request__declaration__in=ids, sha256__in=hashes)
    for pk, sha256, kind, at in answers.values_list("request__declaration_id", "sha256", "kind", "answered_at"):
        found[pk, sha256].append(Word(kind, "link", at))
    scans = StatementScan.objects.filter(status="accepted", statement__declaration__in=ids, statement__sha256__in=hashes)
    for pk, sha256, side, at in scans.values_list("statement__declaration_id", "statement__sha256", "checked_side", "checked_at"):
        found[pk, sha256].append(Word("confirmed", "paper", at, side))
    return {key: [word for word in words if until is None or word.at <= until] for key, words in found.items() if key in wanted}


def assurance(declaration_id: str, sha256: str, *, until: dt.datetime | None = None) -> Assurance:
    """The assurance of one text of a declaration."""
    return assurance_of(words_about([(declaration_id, sha256)], until=until).get((declaration_id, sha256), ()))
