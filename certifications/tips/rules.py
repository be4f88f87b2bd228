"""What a tip must hold, and its receipt. Pure but for the installation's secret."""

import re
from dataclasses import astuple, dataclass

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.ids import ALPHABET

MOST_FILES = 5
MOST_MESSAGES = 40
# All files of tips together, in bytes: whoever sends without a name fills no disk. Past it tips come without files.
MOST_KEPT = 4 * 1024**3
LEAST_TOLD = 20  # characters
CODE_LENGTH, GROUP = 25, 5  # 125 bits


@dataclass(frozen=True)
class TipData:
    """A tip as typed. `seen_when` is coarse, in the tipster's own words."""

    what: str
    place: str = ""
    seen_when: str = ""
    product: str = ""
    seller: str = ""
    buyer: str = ""
    link: str = ""


def what_problem(what: str) -> str:
    """Why this is no tip; empty when it is one."""
    if len(what.strip()) < LEAST_TOLD:
        return _("Say in a sentence or two what you saw.")
    return ""


def receipt_code(form_key: str, data: TipData, files: list[bytes]) -> str:
    """The receipt of this form with exactly this content: the same form sent twice has the same one, and nobody else can make it.

    Groups of five letters and digits, such as 7K3M9-...; 125 bits that hang on the installation's secret.
    """
    told = canonical({"form": form_key, "words": list(astuple(data)), "files": [sha256_hex(content) for content in files]})
    number = int.from_bytes(salted_hmac("certifications.tips.receipt", told, algorithm="sha256").digest())
    letters = "".join(ALPHABET[number >> 5 * place & 31] for place in range(CODE_LENGTH))
    return "-".join(letters[start : start + GROUP] for start in range(0, CODE_LENGTH, GROUP))


def normal_code(typed: str) -> str:
    """A receipt code as typed, in one form: capitals, without blanks and dashes, letters that look like digits as digits."""
    plain = re.sub(r"[\s\-–—_.]+", "", typed).upper()
    return plain.translate(str.maketrans("OIL", "011"))


def receipt_hash(typed: str) -> str:
    """What is kept of a receipt code. It is long enough that no salt is needed: nobody can try them all."""
    return sha256_hex(normal_code(typed).encode())
