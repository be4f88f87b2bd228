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
    assert again == once
    assert re.fullmatch(r"Look at [^\n]+\n    'Sign it\.'\n    签署该声明。", said)


# What is left to a person


def by_hand(tree: Path, first: str, text: str) -> str:
    """What the command says after a person wrote a sentence anew in django.po."""
    catalogue = translations.read(tree / FOLDER)
    for message in catalogue:
        if message.id and translations.singular(message) == first:
            message.string = text
    (tree / FOLDER / "django.po").write_bytes(translations.po_bytes(catalogue))
    return "\n".join(translations.write(tree / FOLDER, tree))


def problems(tree: Path) -> str:
    return "\n".join(translations.problems(tree / FOLDER, tree))


def test_what_is_left_to_a_person_is_said_until_it_was_changed_by_hand(tree: Path) -> None:
    corrected(tree, ("\ndeclaration,声明", "\ndeclaration,声明书"))
    for _ in range(2):
        assert "Not looked at yet, 'Sign it.': 声明 stands here" in problems(tree)
        assert "'Sign it.'" in "\n".join(translations.write(tree / FOLDER, tree))
    # A later change of another word leaves it open as well.
    assert "'Sign it.'" in corrected(tree, ("party,当事方,双方/各方", "party,当事方,双方/诸方"))[1]
    assert "Look at" not in by_hand(tree, "Sign it.", "签署它。")
    assert "Not looked at" not in problems(tree)


def test_what_a_person_saw_and_left_as_it_is_is_not_said_again(tree: Path) -> None:
    corrected(tree, ("\ndeclaration,声明", "\ndeclaration,声明书"))
    assert translations.write(tree / FOLDER, tree, seen=True) == []
    assert "Not looked at" not in problems(tree)


def test_a_word_that_an_english_plural_says_once_is_counted_once() -> None:
    changes = Changes([Term("declaration", ("声明",), ())], [Term("declaration", ("申报书",), ())])
    both = ("%(n)s declaration", "%(n)s declarations")
    assert changes.applied(both[0], "%(n)s 份声明", both[1]) == ("%(n)s 份申报书", "")
    assert changes.applied(both[0], "%(n)s 份声明，声明", both[1])[1] == "声明 was changed more often than the English says it"


def test_a_plural_of_the_catalogue_is_counted_in_one_form(tree: Path) -> None:
    calls = "ngettext('%(n)s declaration', '%(n)s declarations', n)\nngettext('One more', '%(n)s more declarations', n)"
    (tree / "portal" / "b.py").write_text(calls, encoding="utf-8")
    translations.write(tree / FOLDER, tree)
    catalogue = translations.read(tree / FOLDER)
    catalogue["%(n)s declaration"].string = ("%(n)s 份声明，声明",)
    catalogue["One more"].string = ("另有 %(n)s 份声明",)
    (tree / FOLDER / "django.po").write_bytes(translations.po_bytes(catalogue))
    found, said = corrected(tree, ("\ndeclaration,声明", "\ndeclaration,申报书"))
    assert "声明 was changed more often" in said
    assert found["One more"] == "另有 %(n)s 份申报书"


# Which word takes the place of which


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        # A word that was moved takes no other's place.
        (("登记册/登记", ""), ("登记/注册簿", ""), {"登记册": "注册簿"}),
        # An alternative is taken out: nobody said what stands for it.
        (("登记册/登记", ""), ("登记册", ""), {"登记": ""}),
        (("登记册/登记", ""), ("注册簿/注册", ""), {"登记册": "注册簿", "登记": "注册"}),
        (("登记册/登记", ""), ("注册簿", ""), {"登记册": "", "登记": ""}),
        (("登记册/登记", "名册"), ("名册/登记", ""), {"登记册": ""}),
        (("登记册", "名册"), ("登记册/注册簿", ""), {"名册": ""}),
        (("登记册", ""), ("注册簿/注册", ""), {"登记册": ""}),
    ],
)
def test_only_a_new_word_takes_the_place_of_a_lost_one(before: tuple[str, str], after: tuple[str, str], lost: dict[str, str]) -> None:
    old, new = (Term("register", *(tuple(filter(None, cell.split("/"))) for cell in cells)) for cells in (before, after))
    assert Changes([old], [new]).of.get("register", {}) == lost


def test_an_alternative_that_is_taken_out_is_written_over_nothing() -> None:
    old = Term("register", ("登记册", "登记"), ())
    changes = Changes([old], [Term("register", ("登记册",), ())])
    assert changes.applied("Register it.", "登记。") == ("登记。", "it is not clear what takes the place of 登记")


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
        ("party,甲方,,", "'party' stands in it twice, first in line 2"),
        ("declaration,声明、申报书,,", "line 2: '声明、申报书' of 'declaration' holds more than"),
        ("declaration,声明;申报书,,", "line 2: '声明;申报书' of 'declaration' holds more than"),
        ("declaration,声明（书）?,,", "line 2: '声明（书）?' of 'declaration' holds more than"),
        ("declaration,声明%s,,", "line 2: '声明%s' of 'declaration' holds more than"),
        ("declaration,声明{},,", "line 2: '声明{}' of 'declaration' holds more than"),
        ("declaration,<b>声明</b>,,", "line 2: '<b>声明<' of 'declaration' holds more than"),
        ("declaration,申报书,声明 书?,", "line 2: '声明 书?' of 'declaration' holds more than"),
        ("declaration,申报书,,A note, with more", "line 2: more cells than columns"),
        ("declaration,申报书,,\n,声明,,whose?", "line 3: its English is missing"),
        ("declaration,申报书,,\n,,,A remark between the rows", "line 3: its English is missing"),
        ('declaration,申报书,,"A note that is not closed', "line 2: a quotation mark is not closed"),
        ('declaration,申报书,,"Two\nlines"\n,,,x', "line 4: its English is missing"),
    ],
)
def test_a_row_that_cannot_be_meant_changes_nothing_and_is_said(tree: Path, row: str, complaint: str) -> None:
    found, _said = corrected(tree, ("\ndeclaration,声明,,", f"\n{row}"))
    assert found == MESSAGES
    assert complaint in problems(tree)
    assert f"\n{row}" in (tree / glossary.FILE).read_text(encoding="utf-8"), "what was typed stays"


@pytest.mark.parametrize(
    ("heads", "complaint"),
    [
        ("english,chinese,also,note,checked by", "'checked by' is no column of it"),
        ("english;chinese;also;note", "'english;chinese;also;note' is no column of it"),
        ("english,chinese,also", "the column 'note' has to stand in it once"),
        ("english,chinese,also,note,note", "the column 'note' has to stand in it once"),
    ],
)
def test_a_column_that_is_not_known_changes_nothing_and_is_kept(tree: Path, heads: str, complaint: str) -> None:
    changed = (("english,chinese,also,note", heads), ("\ndeclaration,声明,,", "\ndeclaration,申报书,,"))
    assert corrected(tree, *changed)[0] == MESSAGES
    assert complaint in problems(tree)
    assert (tree / glossary.FILE).read_text(encoding="utf-8").startswith(heads + "\n")


def test_empty_cells_and_rows_behind_the_others_are_no_fault(tree: Path) -> None:
    text = (tree / glossary.FILE).read_text(encoding="utf-8")
    (tree / glossary.FILE).write_text("".join(f"{line},,\n" for line in [*text.splitlines(), ",,,"]), encoding="utf-8")
    assert translations.write(tree / FOLDER, tree) == []
    assert (tree / glossary.FILE).read_text(encoding="utf-8") == text


def test_words_of_latin_letters_digits_and_hyphens_are_words(tree: Path) -> None:
    assert corrected(tree, ("\ndeclaration,声明", "\ndeclaration,A-2 声明"))[0]["Sign the declaration."] == "签署该A-2 声明。"


def test_a_sentence_without_its_chinese_yet_does_not_stop_a_change(tree: Path) -> None:
    (tree / "portal" / "b.py").write_text("_('A new declaration.')", encoding="utf-8")
    found, _said = corrected(tree, ("\ndeclaration,声明", "\ndeclaration,申报书"))
    assert (found["Sign the declaration."], found["A new declaration."]) == ("签署该申报书。", "")


def test_nothing_is_written_when_a_new_word_would_damage_a_sentence(tree: Path) -> None:
    (tree / "portal" / "b.py").write_text("_('A declaration at 100%')", encoding="utf-8")
    translations.write(tree / FOLDER, tree)
    by_hand(tree, "A declaration at 100%", "100%声明")
    kept = [tree / FOLDER / "django.po", tree / FOLDER / "django.mo", tree / glossary.LOCK]
    before = [path.read_bytes() for path in kept]
    _found, said = corrected(tree, ("\ndeclaration,声明", "\ndeclaration,d 级声明"))
    assert "Nothing was written: with the new word 'A declaration at 100%' lacks [] and has ['%d'] too much" in said
    assert [path.read_bytes() for path in kept] == before
    assert "glossary.csv was changed at 'declaration'" in problems(tree)


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
