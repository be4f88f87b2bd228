"""The form renderer ties label, hint, error and control together, for people who hear the page."""

import re

from django import forms
from django.template import Context, Template
from django.utils import translation

from tests.interface.urls import EveryField


def rendered(form: forms.Form, name: str) -> str:
    return str(form[name].as_field_group())


def test_hint_and_error_are_announced_with_the_control() -> None:
    text = rendered(EveryField({}), "name")
    described = re.search(r'aria-describedby="([^"]+)"', text)
    assert described is not None
    for target in described[1].split():
        assert f'id="{target}"' in text
    assert 'aria-invalid="true"' in text
    assert "is-wrong" in text


def test_a_control_without_fault_carries_no_invalid_mark() -> None:
    text = rendered(EveryField(), "name")
    assert "aria-invalid" not in text
    assert "is-wrong" not in text


def test_only_what_may_stay_empty_says_so() -> None:
    form = EveryField()
    assert "optional" in rendered(form, "note")
    assert "optional" not in rendered(form, "name")


def test_radio_buttons_stand_under_a_legend() -> None:
    text = rendered(EveryField(), "kind")
    assert text.startswith("<fieldset")
    assert "<legend" in text
    assert text.count('class="form-check-input"') == 2


def test_each_kind_of_control_gets_its_class() -> None:
    form = EveryField()
    assert 'class="form-control"' in str(form["name"])
    assert 'class="form-select"' in str(form["line"])
    assert 'class="form-check-input"' in str(form["agreed"])
    assert 'class="form-control code"' in str(form["code"])
    assert "class" not in str(form["form_key"])


def test_what_django_checks_is_said_in_the_portal_s_words_in_every_form() -> None:
    class Typed(forms.Form):
        name = forms.CharField(max_length=3)
        reason = forms.CharField(min_length=9)
        count = forms.IntegerField(min_value=1)
        most = forms.IntegerField(max_value=9)
        amount = forms.DecimalField(max_digits=5, decimal_places=2)
        word = forms.IntegerField()
        kind = forms.ChoiceField(choices=[("a", "A")])

    form = Typed({"name": "four", "reason": "short", "count": "0", "most": "10", "amount": "1.234", "word": "ten", "kind": "b"})
    assert {name: errors[0] for name, errors in form.errors.items()} == {
        "name": "Shorten it to 3 characters; it has 4.",
        "reason": "Write at least 9 characters; it has 5.",
        "count": "At least 1; this is 0.",
        "most": "At most 9; this is 10.",
        "amount": "At most 2 decimals.",
        "word": "Write a whole number, such as 12.",
        "kind": "Choose one of what is offered.",
    }
    with translation.override("zh-hans"):
        assert form["name"].errors == ["请缩短至 3 个字符；现有 4 个。"]


def test_other_scripts_in_a_label_carry_their_language() -> None:
    assert '<span lang="zh-Hans">名称</span>' in rendered(EveryField(), "name")


def test_the_summary_names_every_error_and_links_to_its_field() -> None:
    text = str(EveryField({}))
    assert "There are 7 problems" in text
    assert 'href="#id_name"' in text
    assert 'href="#id_kind_0"' in text
    assert "The two dates do not fit together" in text
    assert text.index("error-summary") < text.index('id="id_name"')


def test_an_unbound_form_shows_no_summary() -> None:
    assert "error-summary" not in str(EveryField())


def test_the_summary_also_names_the_error_of_a_hidden_field() -> None:
    form = EveryField({"name": "x"})
    assert "form_key" in form.errors
    template = Template("{% load kit %}{% error_summary form %}")
    assert template.render(Context({"form": form})).count("<li>Form key: ") == 1


def test_what_was_typed_is_never_markup() -> None:
    text = str(EveryField({"name": "<script>alert(1)</script>"}))
    assert "<script>" not in text
