"""The end user's own word: how good it is, whether a link still opens, what an answer needs. Pure.

The levels are the ways of product.md ('The end user's own word'), the weakest first; policies ask for the least that does.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .rules import Problem

LEVELS = ("distributor", "link", "paper")
# The states in which the end user may still be asked and heard: once released, its word could no longer be printed.
ASKABLE = ("draft", "signed", "screening", "review", "ready")
LIFETIME_DAYS = 14
REMIND_AFTER_DAYS = (4, 9)
MAX_SCAN_FILES = 8

REFUSALS = {
    "other_statement": gettext_lazy("The pages are those of another statement"),
    "pages_missing": gettext_lazy("Pages are missing"),
    "changed": gettext_lazy("The printed text was changed by hand"),
    "not_signed": gettext_lazy("The signature or the seal is missing"),
    "unreadable": gettext_lazy("It cannot be read"),
}
# Mail providers of everybody: that distributor and end user both have an address there says nothing.
_SHARED_DOMAINS = frozenset(
    ("126.com", "139.com", "163.com", "189.cn", "aliyun.com", "foxmail.com", "gmail.com", "gmx.net", "hotmail.com", "icloud.com")
    + ("live.com", "outlook.com", "proton.me", "qq.com", "sina.com", "sohu.com", "yahoo.com", "yeah.net")
)


@dataclass(frozen=True)
class Word:
    """One thing that the end user said about one text. `kind`: confirmed, declined, questioned; `way`: link, paper.

    `checked_side` is for whom the second person of a paper works: manufacturer or distributor.
    """

    kind: str
    way: str
    at: dt.datetime
    checked_side: str = ""


@dataclass(frozen=True)
class OwnText:
    """What one end user of a declaration is asked about; `customer_id` says who it is, `sha256` is the digest of `canonical`."""

    customer_id: str
    canonical: str
    sha256: str


def speakers(own: OwnText, texts: Sequence[OwnText]) -> tuple[str | None, ...]:
    """Whose rows are the word of the end user of `own`, one of `texts`: its own, and of a single one also those that name nobody.

    Those were written by a release that asked single end users alone, or before it was recorded who was asked.
    """
    return (own.customer_id, None) if len(texts) == 1 else (own.customer_id,)


@dataclass(frozen=True)
class Assurance:
    """How far a declaration rests on the end user's own word.

    `level` is one of LEVELS, `word` what gave it; `against` is declined or questioned where that was the last word. Of several end users
    `each` is that of each of them, in the order of the text.
    """

    level: str = "distributor"
    word: Word | None = None
    against: str = ""
    each: tuple["Assurance", ...] = ()


def assurance_of(words: Iterable[Word]) -> Assurance:
    """The best of what was confirmed since the end user last said something else."""
    told = sorted(words, key=lambda word: word.at)
    last = next((n for n in range(len(told), 0, -1) if told[n - 1].kind != "confirmed"), 0)
    if last and last == len(told):
        return Assurance(against=told[-1].kind)
    best = max(told[last:], key=lambda word: (LEVELS.index(word.way), word.at), default=None)
    return Assurance(best.way, best) if best else Assurance()


def together(each: Sequence[Assurance]) -> Assurance:
    """The assurance of a declaration by that of each end user: the least of all; of none, as of stock, the distributor's statement alone.

    `word` is the last of those that gave the least level. One end user against it is enough to be against it.
    """
    if len(each) <= 1:
        return each[0] if each else Assurance()
    least = min((one.level for one in each), key=LEVELS.index)
    words = [one.word for one in each if one.level == least and one.word is not None]
    against = next((kind for kind in ("declined", "questioned") if any(one.against == kind for one in each)), "")
    return Assurance(least, max(words, key=lambda word: word.at, default=None), against, tuple(each))


def link_standing(*, status: str, expires_at: dt.datetime, now: dt.datetime, same_text: bool) -> str:
    """What a link is worth: open, used, revoked, lapsed or outdated."""
    if status in {"confirmed", "declined", "questioned"}:
        return "used"
    if status != "open":
        return status
    if not same_text:
        return "outdated"
    return "open" if now < expires_at else "lapsed"


def expiry(asked_at: dt.datetime) -> dt.datetime:
    """The end of the last day (UTC) on which a link that is sent now works."""
    day = asked_at.astimezone(dt.UTC).date() + dt.timedelta(days=LIFETIME_DAYS + 1)
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def reminder_due(*, asked_at: dt.datetime, now: dt.datetime, sent: Iterable[int]) -> int:
    """The day after the question whose reminder is due and was not sent; 0 when none is. A missed one is not made up for."""
    due = [day for day in REMIND_AFTER_DAYS if now >= asked_at + dt.timedelta(days=day)]
    return due[-1] if due and due[-1] not in set(sent) else 0


def own_address(email: str, own: Iterable[str]) -> bool:
    """Whether the address belongs to the distributor itself: one of its people's, or one of their firm's domain, at whatever depth."""
    domain = email.rsplit("@", maxsplit=1)[-1].lower()
    for address in own:
        mine = address.lower().rsplit("@", maxsplit=1)[-1]
        if address.lower() == email.lower():
            return True
        if not {domain, mine} & _SHARED_DOMAINS and (domain == mine or domain.endswith(f".{mine}") or mine.endswith(f".{domain}")):
            return True
    return False


@dataclass(frozen=True)
class AnswerData:
    """An answer as typed: who speaks, and the tick, the reason, or a question for each undertaking's number."""

    kind: str
    name: str
    role: str = ""
    ticked: bool = False
    reason: str = ""
    questions: Mapping[int, str] | None = None

    def asked(self) -> dict[int, str]:
        """The questions that were filled in."""
        return {number: text.strip() for number, text in (self.questions or {}).items() if text.strip()}


def answer_problems(data: AnswerData, undertakings: Iterable[int]) -> list[Problem]:
    """Everything to be mended before the answer can be taken; empty when nothing."""
    problems = []
    if len(data.name.strip()) < 2:  # noqa: PLR2004
        problems.append(Problem("name", _("Enter your full name.")))
    if data.kind == "confirmed":
        if len(data.role.strip()) < 2:  # noqa: PLR2004
            problems.append(Problem("role", _("Enter your function, such as Head of Genetics.")))
        if not data.ticked:
            problems.append(Problem("ticked", _("Tick the box if you confirm; nothing was sent.")))
    elif data.kind == "declined":
        if len(data.reason.strip()) < 10:  # noqa: PLR2004
            problems.append(Problem("reason", _("Say in a sentence why, so that it can be put right.")))
    elif data.kind == "questioned":
        asked = data.asked()
        if not asked or not set(asked) <= set(undertakings):
            problems.append(Problem("questions", _("Write beside at least one undertaking why you cannot agree to it.")))
        problems += [
            Problem(f"question_{number}", _("Say in a sentence why, and what you could agree to."))
            for number, text in sorted(asked.items())
            if len(text) < 10  # noqa: PLR2004
        ]
    else:
        problems.append(Problem("kind", _("Choose one of the three answers.")))
    return problems


def normal_statement_code(text: str) -> str:
    """A statement's code as typed off the paper: case, blanks and the letters that its alphabet leaves out are forgiven."""
    found = re.fullmatch(r"EUS(\d{4})([0-9A-Z]{6})", re.sub(r"[^0-9A-Z]", "", text.upper().replace("O", "0")))
    return f"EUS-{found[1]}-{found[2].translate(str.maketrans('ILU', '11V'))}" if found else ""
