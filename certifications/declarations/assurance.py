"""How far a declaration rests on its end users' own word, read from the record.

Knows rows and the digests of the texts that they are about (own_texts.py): the signer, which composes a document again before it seals
it, asks here too.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

from .models_enduser import EndUserAnswer, StatementScan
from .rules_enduser import Assurance, OwnText, Word, assurance_of, speakers, together


def each_heard(texts: Mapping[str, Sequence[OwnText]], *, until: dt.datetime | None = None) -> dict[str, list[Assurance]]:
    """By declaration id, the assurance of each of its own texts, from what was said at the latest at `until`. Two queries."""
    hashes = {own.sha256 for owns in texts.values() for own in owns}
    found: dict[tuple[str, str | None, str], list[Word]] = defaultdict(list)
    answers = EndUserAnswer.objects.filter(request__declaration__in=texts, sha256__in=hashes)
    for pk, who, sha256, kind, at in answers.values_list(
        "request__declaration_id", "request__customer_id", "sha256", "kind", "answered_at"
    ):
        found[pk, who, sha256].append(Word(kind, "link", at))
    scans = StatementScan.objects.filter(status="accepted", statement__declaration__in=texts, statement__sha256__in=hashes)
    for pk, who, sha256, side, at in scans.values_list(
        "statement__declaration_id", "statement__customer_id", "statement__sha256", "checked_side", "checked_at"
    ):
        found[pk, who, sha256].append(Word("confirmed", "paper", at, side))

    def said(pk: str, own: OwnText) -> Assurance:
        words = [word for who in speakers(own, texts[pk]) for word in found.get((pk, who, own.sha256), ())]
        return assurance_of(word for word in words if until is None or word.at <= until)

    return {pk: [said(pk, own) for own in owns] for pk, owns in texts.items()}


def assurance(declaration_id: str, texts: Sequence[OwnText], *, until: dt.datetime | None = None) -> Assurance:
    """The assurance of one declaration whose end users are asked about these texts."""
    return together(each_heard({declaration_id: texts}, until=until)[declaration_id])
