"""A word that a native speaker changes in the glossary changes in every sentence that uses its term, and nowhere else."""

import re
from pathlib import Path

import pytest

from portal.local import glossary, translations
from portal.local.glossary import Changes, Term

FOLDER = Path("locale/zh_Hans/LC_MESSAGES")
ROWS = """english,chinese,also,note
declaration,声明,,
end-use declaration,最终用途声明,,The distributor's signed statement
register,登记册/登记,,
party,当事方,双方/各方,
revoke,撤销,,
revoked,撤销,,
"""
MESSAGES = {
    "Sign the declaration.": "签署该声明。",
    "Two declarations and an end-use declaration.": "两份声明和一份最终用途声明。",
    "The end-use declaration is signed.": "最终用途声明已签署。",
    "Sign it.": "签署该声明。",
    "%(n)s of <b>each party</b>": "<b>各方</b>的 %(n)s",
    "It was revoked.": "已撤销。",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Sources, a catalogue and a glossary that agree."""
    for folder in ("portal", "templates/pdf", "locale/zh_Hans/LC_MESSAGES"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "portal" / "a.py").write_text("\n".join(f"_({first!r})" for first in MESSAGES), encoding="utf-8")
    (tmp_path / "templates" / "pdf" / "paper.html").write_text(
        '<dl><dt>Declaration <span class="zh" lang="zh-Hans">声明</span></dt></dl>', encoding="utf-8"
    )
    (tmp_path / glossary.FILE).write_text(ROWS, encoding="utf-8")
    (tmp_path / glossary.LOCK).write_bytes(glossary.lock_bytes(glossary.terms(tmp_path / glossary.FILE)))
    words = translations.gather(tmp_path)
    for message in words:
        if message.id:
            message.string = MESSAGES[translations.singular(message)]
    (tmp_path / FOLDER / "django.po").write_bytes(translations.po_bytes(words))
    translations.write(tmp_path / FOLDER, tmp_path)
    assert translations.problems(tmp_path / FOLDER, tmp_path) == []
    return tmp_path


def corrected(tree: Path, *changes: tuple[str, str]) -> tuple[dict[str, str], str]:
    """(the catalogue, what the command says) after rows of the glossary were changed by hand."""
    text = (tree / glossary.FILE).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (tree / glossary.FILE).write_text(text, encoding="utf-8")
    said = translations.write(tree / FOLDER, tree)
    found = {translations.singular(m): translations.translated(m) for m in translations.read(tree / FOLDER) if m.id}
    return found, "\n".join(said)


# Changing a word


def test_a_changed_word_changes_where_its_term_is_used_and_no_longer_word_is_torn(tree: Path) -> None:
    found, _said = corrected(tree, ("\ndeclaration,声明", "\ndeclaration,申报书"))
    assert found == MESSAGES | {
        "Sign the declaration.": "签署该申报书。",
        "Two declarations and an end-use declaration.": "两份申报书和一份最终用途声明。",
    }


def test_the_compiled_catalogue_has_the_new_word_and_the_check_is_content(tree: Path) -> None:
    before = (tree / FOLDER / "django.mo").read_bytes()
    corrected(tree, ("party,当事方,双方/各方", "party,当事方,双方/诸方"))
    assert (tree / FOLDER / "django.mo").read_bytes() != before
    assert "诸方".encode() in (tree / FOLDER / "django.mo").read_bytes()
    assert translations.problems(tree / FOLDER, tree) == []


def test_what_is_left_to_a_person_is_said_with_its_place(tree: Path) -> None:
    _found, said = corrected(tree, ("\ndeclaration,声明", "\ndeclaration,申报书"))
    line = (tree / FOLDER / "django.po").read_text(encoding="utf-8").split("\n").index('msgid "Sign it."') + 1
    assert re.search(rf"Look at django\.po:{line} \(portal/a\.py\): 声明 stands here", said)
    assert "The row 'end-use declaration' still says 最终用途声明" in said


def test_a_document_that_is_signed_is_named_and_not_changed(tree: Path) -> None:
    paper = tree / "templates" / "pdf" / "paper.html"
    before = paper.read_bytes()
    _found, said = corrected(tree, ("\ndeclaration,声明", "\ndeclaration,申报书"))
    assert "templates/pdf/paper.html:1: 声明" in said
    assert paper.read_bytes() == before
    assert "templates/pdf/paper.html:1 uses the term 'declaration'" in "\n".join(translations.problems(tree / FOLDER, tree))


def test_two_terms_of_one_word_change_together_and_one_alone_only_where_it_is_clear(tree: Path) -> None:
    found, _said = corrected(tree, ("revoke,撤销", "revoke,吊销"))
    assert found["It was revoked."] == "已撤销。"
    found, _said = corrected(tree, ("revoked,撤销", "revoked,吊销"))
    assert found["It was revoked."] == "已吊销。"


def test_words_that_change_places_do_not_become_one(tree: Path) -> None:
    found, _said = corrected(tree, ("\ndeclaration,声明", "\ndeclaration,撤销"), ("revoked,撤销", "revoked,声明"))
    assert (found["Sign the declaration."], found["It was revoked."]) == ("签署该撤销。", "已声明。")


def test_nothing_is_changed_a_second_time(tree: Path) -> None:
    changed = ("\ndeclaration,声明", "\ndeclaration,声明书")
    once, _said = corrected(tree, changed)
    again, said = corrected(tree)
    assert once["Sign the declaration."] == "签署该声明书。"
    assert (again, said) == (once, "")


def test_a_longer_word_that_begins_with_the_changed_one_is_left_whole() -> None:
    old = [Term("register", ("登记册",), ()), Term("registered", ("登记",), ())]
    changes = Changes(old, [old[0], Term("registered", ("注册",), ())])
    assert changes.applied("Registered in the register.", "已在登记册中登记。") == ("已在登记册中注册。", "")


@pytest.mark.parametrize(
    ("english", "chinese", "why"),
    [
        ("A right, and revoked.", "权利，已撤销。", "it is not clear what takes the place of 撤销"),
        ("A declaration.", "最终用途声明。", "声明 stands here only inside a longer word"),
        ("A declaration of it.", "声明，声明。", "声明 was changed more often than the English says it"),
    ],
)
def test_what_is_not_clear_is_left_to_a_person(english: str, chinese: str, why: str) -> None:
    old = [
        Term("declaration", ("声明",), ()),
        Term("end-use declaration", ("最终用途声明",), ()),
        Term("right", ("撤销",), ()),
        Term("revoked", ("撤销",), ()),
    ]
    new = [Term("declaration", ("申报书",), ()), old[1], old[2], Term("revoked", ("吊销",), ())]
    assert Changes(old, new).applied(english, chinese)[1] == why


# The file, as people save it


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_glossary_saved_by_a_spreadsheet_program_is_read_and_set_right(tree: Path, encoding: str) -> None:
    text = (tree / glossary.FILE).read_text(encoding="utf-8").replace("\nparty,当事方", "\nparty, 参与方 ")
    (tree / glossary.FILE).write_bytes(text.replace("\n", "\r\n").encode(encoding))
    translations.write(tree / FOLDER, tree)
    assert translations.problems(tree / FOLDER, tree) == []
    assert "\nparty,参与方,双方/各方," in (tree / glossary.FILE).read_bytes().decode("utf-8")


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("declaration,,,", "'declaration' has no Chinese word"),
        ("declaration,statement,,", "'statement' of 'declaration' is not Chinese"),
        ("party,甲方,,", "'party' stands in it twice"),
    ],
)
def test_a_row_that_cannot_be_meant_changes_nothing_and_is_said(tree: Path, row: str, complaint: str) -> None:
    found, _said = corrected(tree, ("\ndeclaration,声明,,", f"\n{row}"))
    assert found == MESSAGES
    assert complaint in "\n".join(translations.problems(tree / FOLDER, tree))


def test_the_check_sees_a_glossary_whose_words_were_not_written(tree: Path) -> None:
    text = (tree / glossary.FILE).read_text(encoding="utf-8")
    (tree / glossary.FILE).write_text(text.replace("party,当事方", "party,参与方"), encoding="utf-8")
    assert translations.problems(tree / FOLDER, tree) == [
        "glossary.csv was changed at 'party', and the sentences were not: run the command without --check."
    ]


def test_another_word_than_the_glossarys_is_seen() -> None:
    known = glossary.terms(translations.ROOT / glossary.FILE)
    assert glossary.breaches("The attestation is in force.", "该证书有效。", known) == ["attestation"]


# What is there


def test_every_text_in_two_languages_outside_the_catalogue_is_found() -> None:
    found = {pair.place.rpartition(":")[0] for pair in glossary.outside(translations.ROOT)}
    assert {"certifications/attestations/compose.py", "certifications/letters/compose.py", "certifications/catalogue/seed.py"} < found
    assert {path.name for path in (translations.ROOT / "templates/pdf").glob("*.html") if "zh-Hans" in path.read_text("utf-8")} == {
        Path(one).name for one in found if one.startswith("templates/")
    }
