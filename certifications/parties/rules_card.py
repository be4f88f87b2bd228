"""What a site, a laboratory, a contact and a paper of a customer must hold, and what differs between two of them. Pure."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from .rules import MAX_NAME, Problem, clean_name, division_problem, script_of

MOST_SITES, MOST_LABORATORIES, MOST_CONTACTS, MOST_PAPERS = 200, 50, 50, 200
PAPER_KINDS = ("licence", "accreditation", "permit", "letter", "contract", "other")
LATEST = 40  # years that a paper may look back or ahead
# Hosts where anybody gets an address: a red flag of 15 CFR 732 Supplement 3 for a firm, and common at small hospitals.
FREE_MAIL = frozenset(
    ("126.com", "139.com", "163.com", "189.cn", "21cn.com", "aliyun.com", "aol.com", "foxmail.com", "gmail.com", "gmx.de", "gmx.net",
     "hotmail.com", "icloud.com", "live.com", "live.cn", "mail.com", "mail.ru", "msn.com", "outlook.com", "proton.me", "protonmail.com",
     "qq.com", "sina.cn", "sina.com", "sohu.com", "tom.com", "vip.163.com", "vip.qq.com", "wo.cn", "yahoo.com", "yahoo.com.cn",
     "yandex.com", "yandex.ru", "yeah.net")
)  # fmt: skip
_PHONE = re.compile(r"\+?[\d\s().\-/－，,转ext]{5,40}", re.IGNORECASE)
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


@dataclass(frozen=True)
class SiteData:
    """A site as typed. The registered address's own place is written by the customer's form: then address and country are empty."""

    native_name: str = ""
    latin_name: str = ""
    address: str = ""
    country: str = ""
    division: str = ""
    activity: str = ""


@dataclass(frozen=True)
class LaboratoryData:
    """A laboratory as typed."""

    name: str
    head: str = ""
    accreditation: str = ""
    accredited_until: dt.date | None = None


@dataclass(frozen=True)
class ContactData:
    """A contact as typed."""

    name: str
    role: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class PaperData:
    """A paper as typed, without its file."""

    kind: str
    title: str
    issued_on: dt.date
    good_until: dt.date | None = None


def is_free_mail(email: str) -> bool:
    """Whether the address is at a host where anybody gets one."""
    return email.rpartition("@")[2].strip().lower() in FREE_MAIL


def check_site(data: SiteData, *, registered: bool) -> list[Problem]:
    """What must be mended; `registered` for the first site, whose place is not written here."""
    problems = []
    for field, name in (("native_name", data.native_name), ("latin_name", data.latin_name)):
        if name and script_of(name) == "Zyyy":
            problems.append(Problem(field, _("This name holds no letters; enter the site's own name, or leave it empty.")))
        elif len(clean_name(name)) > MAX_NAME:
            problems.append(Problem(field, _("A name has at most 300 characters; shorten it.")))
    if data.latin_name and script_of(data.latin_name) not in {"Latn", "Zyyy"}:
        problems.append(Problem("latin_name", _("Enter this name in Latin letters; other scripts go above.")))
    if registered:
        return problems
    if not data.address.strip():
        problems.append(Problem("address", _("Enter the address of the site.")))
    if len(data.country) != 2:  # noqa: PLR2004
        problems.append(Problem("country", _("Choose the country of the site.")))
    if data.country == "CN" and not data.division:
        problems.append(Problem("division", _("Enter the six-digit division code of the site (GB/T 2260), such as 330200.")))
    elif data.country == "CN":
        problems += [Problem("division", problem) for problem in division_problem(data.division)]
    elif data.division:
        problems.append(Problem("division", _("Division codes are for China alone; leave this empty.")))
    return problems


def check_laboratory(data: LaboratoryData) -> list[Problem]:
    """What must be mended."""
    problems = []
    if script_of(data.name) == "Zyyy":
        problems.append(Problem("name", _("Enter the laboratory's name, with letters.")))
    if data.accredited_until is not None and not data.accreditation.strip():
        problems.append(Problem("accreditation", _("Enter the number of the accreditation that ends on this day.")))
    return problems


def check_contact(data: ContactData) -> list[Problem]:
    """What must be mended."""
    problems = []
    if script_of(data.name) == "Zyyy":
        problems.append(Problem("name", _("Enter the person's name.")))
    if not data.phone.strip() and not data.email.strip():
        problems.append(Problem("phone", _("Enter a telephone number or a mail address.")))
    if data.phone.strip() and not _PHONE.fullmatch(data.phone.strip()):
        problems.append(Problem("phone", _("Write the number with digits, such as +86 574 8765 4321.")))
    if data.email.strip() and not _MAIL.fullmatch(data.email.strip()):
        problems.append(Problem("email", _("Write the mail address whole, such as name@hospital.example.")))
    return problems


def check_paper(data: PaperData, newest: dt.date) -> list[Problem]:
    """What must be mended. `newest`: the latest day that has begun anywhere."""
    problems = []
    if data.kind not in PAPER_KINDS:
        problems.append(Problem("kind", _("Choose what kind of paper it is.")))
    if not data.title.strip():
        problems.append(Problem("title", _("Give the paper a title by which you find it again.")))
    if data.issued_on > newest:
        problems.append(Problem("issued_on", _("This day is still to come; enter the day on which the paper was issued.")))
    elif data.issued_on.year < newest.year - LATEST:
        problems.append(Problem("issued_on", _("This year is too far away; check the date.")))
    if data.good_until is not None and data.good_until <= data.issued_on:
        problems.append(Problem("good_until", _("The paper ends before it was issued; correct one of the dates.")))
    elif data.good_until is not None and data.good_until.year > newest.year + LATEST:
        problems.append(Problem("good_until", _("This year is too far away; check the date.")))
    return problems


def _said(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "; ".join(map(str, value))
    return value.isoformat() if isinstance(value, dt.date) else str(value or "")


def difference(old: Any, new: Any) -> list[list[str]]:
    """[[field, old, new], ...] of two dataclasses, or of None and one; as plain words, without what is the same."""
    before: Mapping[str, Any] = asdict(old) if old is not None else {}
    rows = ([field, _said(before.get(field, "")), _said(value)] for field, value in asdict(new).items())
    return [row for row in rows if row[1] != row[2]]


def below(links: Iterable[tuple[str, str]], head: str) -> set[str]:
    """Everybody under `head`, itself too; `links` are (member, head)."""
    down: dict[str, list[str]] = {}
    for member, above in links:
        down.setdefault(above, []).append(member)
    found, waiting = {head}, [head]
    while waiting:
        fresh = [member for member in down.get(waiting.pop(), ()) if member not in found]
        found |= set(fresh)
        waiting += fresh
    return found
