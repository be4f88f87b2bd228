"""What a registration must hold. Pure: takes values, returns what is wrong with which field, and what only warns."""

import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext as _

from certifications.matching import check_lei, check_uscc, division_name
from certifications.matching.identifiers import compact as compact

_SCRIPTS = (
    ("CJK", "Hani"), ("ARABIC", "Arab"), ("TIBETAN", "Tibt"), ("CYRILLIC", "Cyrl"), ("LATIN", "Latn"), ("HANGUL", "Hang"),
    ("HIRAGANA", "Hira"), ("KATAKANA", "Kana"), ("THAI", "Thai"), ("DEVANAGARI", "Deva"), ("MONGOLIAN", "Mong"), ("GREEK", "Grek"),
    ("HEBREW", "Hebr"),
)  # fmt: skip
MAX_NAME = 300
MOST_OTHER_NAMES = 10


@dataclass(frozen=True)
class CustomerData:
    """A customer as typed: names by kind, identifiers, one site, line of business."""

    native_name: str
    latin_name: str
    country: str
    address: str
    line_of_business: str
    kind: str = "end_user"
    other_names: tuple[str, ...] = ()
    division: str = ""
    uscc: str = ""
    lei: str = ""
    note: str = ""


@dataclass(frozen=True)
class Problem:
    """What is wrong with which field."""

    field: str
    message: str


def script_of(name: str) -> str:
    """ISO 15924 code of the script that most letters of `name` are in; Zzzz for one not named here, Zyyy for no letters."""
    counts: dict[str, int] = {}
    for character in name:
        if character.isalpha():
            label = unicodedata.name(character, "")
            code = next((code for start, code in _SCRIPTS if label.startswith(start)), "Zzzz")
            counts[code] = counts.get(code, 0) + 1
    return max(counts, key=lambda code: counts[code]) if counts else "Zyyy"


def clean_name(name: str) -> str:
    """A name without control and direction-changing characters, blanks folded; letters stay as they are written."""
    kept = "".join(
        " " if c in "\t\r\n\v\f" else c
        for c in unicodedata.normalize("NFC", name)
        if c in "\t\r\n\v\f" or unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cs"} or c == "\u200d"
    )
    return " ".join(kept.split())


def division_problem(code: str) -> list[str]:
    """What is wrong with a GB/T 2260 code as typed; full-width digits are no digits of a code. Empty when nothing."""
    if not (code.isascii() and code.isdecimal() and len(code) == 6):  # noqa: PLR2004
        return [_("A division code has six digits, such as 330200 for Ningbo.")]
    if not division_name(f"{code[:2]}0000"):
        return [_("No province has a code that begins with %(p)s; check the first two digits.") % {"p": code[:2]}]
    return []


def division_use_problem(country: str) -> list[str]:
    """What is wrong with a division code at all where the site is; empty when nothing."""
    return [] if country == "CN" else [_("Division codes are for China alone; leave this empty.")]


def check_customer(data: CustomerData) -> list[Problem]:
    """What must be mended before the customer is registered."""
    problems = name_problems(data.native_name, data.latin_name, data.other_names)
    if len(data.country) != 2:  # noqa: PLR2004
        problems.append(Problem("country", _("Choose the country of the site.")))
    if not data.address.strip():
        problems.append(Problem("address", _("Enter the address of the site where the customer works.")))
    if not data.line_of_business.strip():
        problems.append(Problem("line_of_business", _("Say what the customer does, in a few words.")))
    if data.country == "CN":
        if not data.division:
            problems.append(Problem("division", _("Enter the six-digit division code of the site (GB/T 2260), such as 330200.")))
        else:
            problems += [Problem("division", problem) for problem in division_problem(data.division)]
    elif data.division:
        problems += [Problem("division", problem) for problem in division_use_problem(data.country)]
    return problems + identifier_problems(uscc=data.uscc, lei=data.lei)


def name_problems(native: str, latin: str, others: tuple[str, ...] = ()) -> list[Problem]:
    """What is wrong with the names of a customer or an owner."""
    problems = []
    if not clean_name(native) and not clean_name(latin):
        problems.append(Problem("native_name", _("Enter the name in its own script, or in Latin letters.")))
    for field, name in (("native_name", native), ("latin_name", latin)):
        if name and script_of(name) == "Zyyy":
            problems.append(Problem(field, _("This name holds no letters; enter the registered name.")))
    for field, names in (("native_name", [native]), ("latin_name", [latin]), ("other_names", others)):
        if any(len(clean_name(name)) > MAX_NAME for name in names):
            problems.append(Problem(field, _("A name has at most 300 characters; shorten it, one name a line.")))
    further = {clean_name(name) for name in others} - {clean_name(native), clean_name(latin), ""}
    if len(further) > MOST_OTHER_NAMES:
        said = _("There are %(n)d other names, and %(most)d at most are kept and screened. Leave out those that matter least.")
        problems.append(Problem("other_names", said % {"n": len(further), "most": MOST_OTHER_NAMES}))
    if latin and script_of(latin) not in {"Latn", "Zyyy"}:
        problems.append(Problem("latin_name", _("Enter this name in Latin letters; other scripts go above or below.")))
    return problems


def identifier_problems(*, uscc: str, lei: str) -> list[Problem]:
    """What is wrong with registration numbers, where they were typed."""
    problems = []
    if uscc:
        _ok, code = check_uscc(uscc)
        if code == "uscc_length":
            problems.append(
                Problem("uscc", _("A unified social credit code has 18 characters; this has %(n)d.") % {"n": len(compact(uscc))})
            )
        elif code == "uscc_alphabet":
            problems.append(
                Problem(
                    "uscc",
                    _("A unified social credit code holds digits and capitals without I, O, S, V and Z, with digits in places 3 to 8."),
                )
            )
    if lei:
        ok, code = check_lei(lei)
        if not ok:
            messages = {
                "lei_length": _("A legal entity identifier has 20 characters; this has %(n)d.") % {"n": len(compact(lei))},
                "lei_alphabet": _("A legal entity identifier holds letters and digits and ends in two digits."),
            }
            problems.append(
                Problem("lei", messages.get(code, _("The check digits of this identifier do not fit; compare it with the certificate.")))
            )
    return problems


def warned_codes(*, uscc: str) -> set[str]:
    """Schemes of the numbers that are kept although their check character does not fit."""
    return {"uscc"} if uscc and check_uscc(uscc)[1] == "uscc_checksum" else set()


def warnings_of(data: CustomerData) -> list[Problem]:
    """What is kept but looks wrong: some valid codes of the pilot years fail the checksum, so it never refuses."""
    warning = uscc_warning(data.uscc)
    return [warning] if warning else []


def uscc_warning(uscc: str) -> Problem | None:
    """The same of one code alone."""
    if not warned_codes(uscc=uscc):
        return None
    return Problem("uscc", _("The check character of this code does not fit. Compare it with the licence; it is kept as typed."))
