"""Check digits of the identifiers that parties carry: they are asked before any name is compared.

Must not know what follows from an answer: a page turns the message code into a sentence.
"""

import re
import unicodedata

from stdnum import lei
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

_USCC_ALPHABET = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")


def compact(code: str) -> str:
    """An identifier without blanks, dashes and full-width forms, in capitals."""
    return re.sub(r"[\s\-./·]+", "", unicodedata.normalize("NFKC", code)).upper()


def check_uscc(code: str) -> tuple[bool, str]:
    """Unified Social Credit Code (GB 32100-2015): (ok, message code).

    Message codes: "" fine, "uscc_length", "uscc_alphabet", "uscc_checksum". A failed checksum is a
    warning and never a refusal: codes of the pilot years fail it (91350100M0001TGQXM is one).
    """
    plain = compact(code)
    if len(plain) != 18:
        return False, "uscc_length"
    if not set(plain) <= _USCC_ALPHABET or not plain[2:8].isdigit():
        return False, "uscc_alphabet"
    if not uscc.is_valid(plain):
        return False, "uscc_checksum"
    return True, ""


def check_lei(code: str) -> tuple[bool, str]:
    """Legal Entity Identifier (ISO 17442): (ok, message code).

    Message codes: "" fine, "lei_length", "lei_alphabet", "lei_checksum"; each is a refusal.
    """
    plain = compact(code)
    if len(plain) != 20:
        return False, "lei_length"
    if not (plain.isascii() and plain.isalnum() and plain[-2:].isdigit()):
        return False, "lei_alphabet"
    try:
        lei.validate(plain)
    except ValidationError:
        return False, "lei_checksum"
    return True, ""
