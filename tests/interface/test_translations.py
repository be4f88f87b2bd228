"""Simplified Chinese is complete: nothing missing, nothing stale, every placeholder kept, and no English left on a page."""

import html
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Message
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import translation

from certifications.catalogue.models import Product
from certifications.pages.distributors.forms_declare import CURRENCIES
from certifications.parties.models import PartyName
from certifications.people.models import Organisation, RegulatorScope, User
from certifications.screening.models import ListSource
from portal.local import translations
from portal.local.borrowed import BORROWED
from tests.authority import Authority
from tests.world import World, client_of

HAN = r"[\u3400-\u9fff]"
# Half-width marks beside Chinese, and spaces where Chinese has none.
SLIPS = {
    "a half-width mark": re.compile(rf"{HAN}[,;:!?.()]|[,;()]{HAN}|%\(\w+\)s, %"),
    "a space between Chinese characters": re.compile(rf"{HAN} {HAN}"),
    "a space beside a full-width mark": re.compile(r"[，。；：！？、（）] | [，。；：！？、（）]"),
}
ACCUSING = re.compile("非法|欺诈|嫌疑|违规|违法|可疑|造假|犯罪")


@pytest.fixture(autouse=True)
def language() -> Iterator[None]:
    """A request leaves its language behind; no other test shall find it."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    return [message for message in translations.read() if message.id]


# The catalogue


def test_every_word_is_translated_and_compiled() -> None:
    assert translations.problems() == []


def test_the_command_checks_without_any_setting_or_database() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "portal.local.translations", "--check"],
        cwd=translations.ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_manage_py_knows_the_command() -> None:
    call_command("compile_translations", "--check")


def test_the_command_says_what_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[bool] = []
    monkeypatch.setattr(translations, "write", lambda *, seen: given.append(seen) or [])
    call_command("compile_translations", "--seen")
    call_command("compile_translations")
    assert given == [True, False]


def test_the_command_fails_when_something_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translations, "problems", lambda: ["Not in django.po: 'A new sentence.'"])
    with pytest.raises(CommandError):
        call_command("compile_translations", "--check")


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """A small tree of sources, complete and compiled."""
    (tmp_path / "portal").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "portal" / "a.py").write_text('_("Save %(n)s")\nngettext("%(n)d row", "%(n)d rows", n)\n', encoding="utf-8")
    (tmp_path / "templates" / "a.html").write_text(
        '  {% translate "Open" context "a door" %}\n'
        "{% blocktranslate trimmed count n=n %}\n  One <b>cat</b>\n {% plural %}\n {{ n }} <b>cats</b>{% endblocktranslate %}\n"
        '    {{ name|default:_("nobody") }}',
        encoding="utf-8",
    )
    words = translations.gather(tmp_path)
    chinese = {"Save %(n)s": "保存 %(n)s", "%(n)d row": "%(n)d 行", "Open": "打开", "One <b>cat</b>": "%(n)s 只<b>猫</b>", "nobody": "无人"}
    for message in words:
        if message.id:
            text = chinese[translations.singular(message)]
            message.string = text if isinstance(message.id, str) else (text,)
    folder = tmp_path / "locale"
    folder.mkdir()
    (folder / "django.po").write_bytes(translations.po_bytes(words))
    (folder / "django.mo").write_bytes(translations.mo_bytes(words))
    assert translations.problems(folder, tmp_path) == []
    yield tmp_path
    shutil.rmtree(tmp_path)


def test_contexts_plurals_and_filters_of_templates_are_gathered(copy: Path) -> None:
    keys = [translations.key(message) for message in translations.gather(copy) if message.id]
    assert keys == [("", "Save %(n)s"), ("", "%(n)d row"), ("a door", "Open"), ("", "One <b>cat</b>"), ("", "nobody")]


def test_each_borrowed_message_is_one_of_its_package() -> None:
    gone = []
    for package, forms in BORROWED.items():
        folder = Path(import_module(package).__file__ or "").parent / "locale" / "zh_Hans" / "LC_MESSAGES"
        known = {translations.key(message) for message in translations.read(folder) if message.id}
        gone += [form for form in forms if ("", form if isinstance(form, str) else form[0]) not in known]
    assert gone == []


def edit(path: str, old: str, new: str) -> Callable[[Path], object]:
    def change(root: Path) -> None:
        text = (root / path).read_text(encoding="utf-8")
        assert old in text
        (root / path).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


PO = "locale/django.po"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (edit("portal/a.py", "Save", "Keep"), "Not in django.po: 'Keep %(n)s'"),
        (edit("portal/a.py", "Save", "Keep"), "Nothing uses any more: 'Save %(n)s'"),
        (edit(PO, 'msgstr "打开"', 'msgstr ""'), "'Open' has no translation"),
        (edit(PO, '#: templates/a.html\nmsgctxt "a door"', '#, fuzzy\nmsgctxt "a door"'), "'Open' is marked fuzzy"),
        (edit(PO, "保存 %(n)s", "保存"), "lacks ['%(n)s']"),
        (edit(PO, "<b>猫</b>", "猫"), "lacks ['</b>', '<b>']"),
        (
            edit("templates/a.html", "    {{", '{% translate "One <b>cat</b>" %}\n    {{'),
            "Asked for without a number that its translation shows: 'One <b>cat</b>'",
        ),
        (edit(PO, "打开", "开"), "django.mo is not what django.po compiles to."),
        (edit(PO, "#: portal/a.py\n", ""), "django.po is not written as the command writes it."),
        (lambda root: (root / "locale" / "django.mo").unlink(), "django.mo is not what django.po compiles to."),
        (edit(PO, "#: portal/a.py", '#~ msgid "Gone"\n#~ msgstr "去"\n\n#: portal/a.py'), "Kept though obsolete: 'Gone'"),
    ],
)
def test_the_check_sees(copy: Path, change: Callable[[Path], object], complaint: str) -> None:
    change(copy)
    assert complaint in "\n".join(translations.problems(copy / "locale", copy))


def test_writing_keeps_what_is_translated_and_drops_what_nothing_uses(copy: Path) -> None:
    edit("portal/a.py", "Save", "Keep")(copy)
    assert translations.write(copy / "locale", copy) == ["Dropped, for nothing uses it: 'Save %(n)s'"]
    kept = {translations.singular(m): translations.translated(m) for m in translations.read(copy / "locale") if m.id}
    assert kept["Keep %(n)s"] == ""
    assert kept["nobody"] == "无人"


# The words


def test_chinese_is_set_as_chinese(messages: list[Message]) -> None:
    slips = []
    for message in messages:
        text = re.sub(r"<[^>]+>", "", translations.translated(message))
        slips += [(name, text) for name, pattern in SLIPS.items() if pattern.search(text)]
    assert slips == []


def test_no_sentence_accuses(messages: list[Message]) -> None:
    assert [translations.translated(m) for m in messages if ACCUSING.search(translations.translated(m))] == []


# Pages

# Names and abbreviations that are the same in both languages.
SAME = {
    "End-Use", "English", "PDF", "JSON", "SHA-256", "UTC", "LEI", "QR", "MB", "GB", "EUC", "HTML", "CSV", "JavaScript", "Pango",
    "Ctrl", "docx", "Word", "Enter", "readyz", "IdentiPrime", "OCDS", "eForms", "XML", "CNY", "EUR", "USD",
}  # fmt: skip
LATIN = re.compile(r"[A-Za-z]+(?:[-'’][A-Za-z0-9]+)*")
SHOWN = re.compile(r'\b(?:title|placeholder|aria-label|alt|data-on|data-off)="([^"]*)"')
# What people typed, identifiers, addresses and names: shown as they are in any language.
AS_TYPED = re.compile(r"\S+@\S+|https?://\S+|\b[A-Z]{1,4}-[\w-]+|\b[0-9A-Z]{18,20}\b|\b[0-9a-f]{6,64}\b|manage\.py \w+|PORTAL_\w+|%\w+")


def english_on(page: str, names: set[str]) -> list[str]:
    """Latin words that a reader of a page sees or hears, without `names` and what is the same in both languages.

    Frozen text (pre) and undertakings (ul.clauses) stand on the page in every language that they are signed in, and a datalist
    offers names in every script that they can be typed in.
    """
    page = re.sub(r"(?s)<(script|style|template|pre|datalist)\b.*?</\1>|<ul class=\"clauses\">.*?</ul>|<!--.*?-->", " ", page)
    page = re.sub(r"(?s)<(\w+)[^>]*\blang=\"(?:en|ug|bo)\"[^>]*>.*?</\1>", " ", page)
    text = html.unescape(" ".join(SHOWN.findall(page)) + " " + re.sub(r"<[^>]*>", " ", page))
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, " ")
    return sorted({word for word in LATIN.findall(AS_TYPED.sub(" ", text)) if len(word) > 1 and word not in SAME})


@pytest.fixture
def names(world: World) -> set[str]:
    """What people, firms, goods, laws and lists are called."""
    found = {
        *User.objects.values_list("name", flat=True),
        *Organisation.objects.values_list("name", flat=True),
        *Product.objects.values_list("name", flat=True),
    }
    found |= {*ListSource.objects.values_list("title", flat=True), *RegulatorScope.objects.values_list("legal_basis", flat=True)}
    return found


def other_dates(page: str) -> list[str]:
    """Days that a page writes otherwise than 2026年11月27日; frozen text keeps its own."""
    page = re.sub(r"(?s)<(script|style|template|pre)\b.*?</\1>|<!--.*?-->", " ", page)
    return re.findall(r"\b\d{4}-\d\d-\d\d\b", html.unescape(re.sub(r"<[^>]*>", " ", page)))


def left_on(client: Client, path: str, names: set[str], number: str = "") -> set[str]:
    """English on the page at `path`, where {number} is `number`, beyond names."""
    client.cookies["django_language"] = "zh-hans"
    answer = client.get(path.replace("{number}", number))
    page = answer.content.decode()
    assert answer.status_code in {200, 404}
    assert re.search(r'<html[^>]* lang="zh-Hans"', page, re.IGNORECASE)
    assert other_dates(page) == []
    known = names | set(PartyName.objects.values_list("text", flat=True))
    return set(english_on(page, known))


def test_a_left_word_is_seen() -> None:
    page = '<p>登录 <a title="Go on" lang="zh-Hans">继续</a> now <i lang="en">English here</i> PDF lin@qinglan.example</p>'
    assert english_on(page, set()) == ["Go", "now", "on"]


@pytest.mark.parametrize("path", ["/", "/verify/", "/account/login/", "/account/password/reset/", "/nowhere/"])
def test_a_strangers_page_is_chinese(world: World, names: set[str], path: str) -> None:
    assert left_on(Client(), path, names) == set()


def test_the_answer_to_a_file_is_chinese(db: None, tmp_path: Path, settings: Any) -> None:
    settings.TRUST_DIR = Authority(tmp_path).trust_folder
    client = Client()
    client.cookies["django_language"] = "zh-hans"
    file = SimpleUploadedFile("a.pdf", b"not a pdf", "application/pdf")
    page = client.post("/verify/", {"by": "file", "file": file}).content.decode()
    assert "请勿依据该文件" in page
    assert english_on(page, {"a.pdf", "Corvane Instruments AG"}) == []


def test_a_distributors_pages_are_chinese(world: World, names: set[str]) -> None:
    customer = world.customer(line_of_business="医院，遗传科")
    typed = {
        "end_use": "遗传科用于亲子鉴定与移植配型，每月约一千份样本。",
        "relationship": "自2019年起供货并维修。",
        "contact": "何静 0574 8000 4120",
    }
    draft = world.draft(customer, **typed)
    client = client_of(world.filer)
    paths = ["/d/", "/d/customers/", "/d/customers/new/", "/d/declarations/", "/d/declarations/new/", "/d/attestations/"]
    left = {
        path: left_on(client, path, names, draft.number)
        for path in [*paths, "/d/declarations/{number}/", "/d/declarations/{number}/check/"]
    }
    steps, codes = ("parties", "goods", "end_use", "route", "documents"), {"JPEG", "PNG", *CURRENCIES}
    left |= {step: left_on(client, f"/d/declarations/{{number}}/edit/{step}/", names | codes, draft.number) for step in steps}
    left["sign"] = left_on(client_of(world.signatory), "/d/declarations/{number}/sign/", names, draft.number)
    assert {path: words for path, words in left.items() if words} == {}


def test_an_accounts_pages_are_chinese(world: World, names: set[str]) -> None:
    paths = ["2fa/", "2fa/reauthenticate/", "2fa/webauthn/", "sessions/", "password/change/", "email/", "logout/"]
    client = client_of(world.distributor_admin)
    left = {path: left_on(client, f"/account/{path}", names) for path in paths}
    assert {path: words for path, words in left.items() if words} == {}


@pytest.mark.parametrize(
    ("who", "paths"),
    [
        ("reviewer", ["/c/", "/c/evidence/", "/c/evidence/new/", "/c/release/", "/c/attestations/"]),
        ("regulator", ["/r/", "/r/lookups/"]),
        ("operator", ["/o/"]),
        ("lead", ["/o/lists/", "/people/", "/people/invite/"]),
    ],
)
def test_the_pages_of_the_others_are_chinese(world: World, names: set[str], who: str, paths: list[str]) -> None:
    client = client_of(getattr(world, who))
    left = {path: left_on(client, path, names) for path in paths}
    assert {path: words for path, words in left.items() if words} == {}
