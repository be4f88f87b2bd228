"""The form renderer: Django's own fields in Bootstrap's classes, with labels, hints and errors tied together.

Set as FORM_RENDERER, so `{{ form }}` and `{{ form.name.as_field_group }}` look right everywhere, allauth included. It
knows widgets, not forms.
"""

from typing import Any

from django import forms
from django.core import validators
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

_CHECKS = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)
_SELECTS = (forms.Select, forms.SelectMultiple)


class DayInput(forms.DateInput):
    """A browser's own date picker. It takes a day as ISO 8601 alone, whatever language the page is in."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A civil day; the only field for one (tests/interface/test_forms.py looks for others)."""

    widget = DayInput
    input_formats = ("%Y-%m-%d",)


class ManyFilesInput(forms.ClearableFileInput):
    """A control for several files at once."""

    allow_multiple_selected = True


class KitBoundField(BoundField):
    """A field with the kit's classes and the words the templates ask for."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        built = super().build_widget_attrs(attrs, widget)
        widget = widget or self.field.widget
        if widget.is_hidden:
            return built
        # allauth repeats each label as a placeholder, which reads twice and vanishes on typing.
        if type(self.form).__module__.startswith("allauth."):
            widget.attrs.pop("placeholder", None)
        own = str(widget.attrs.get("class", ""))
        built["class"] = f"{self._css(widget)} {own}".strip()
        if self.is_checked:
            built["aria-describedby"] = f"{built.get('aria-describedby', '')} {self.auto_id}_said".strip()
        return built

    def _css(self, widget: forms.Widget) -> str:
        if isinstance(widget, _CHECKS):
            return "form-check-input"
        if isinstance(widget, _SELECTS):
            return "form-select"
        if widget.attrs.get("autocomplete") == "one-time-code":
            return "form-control code"
        return "form-control"

    @property
    def is_check(self) -> bool:
        """One box with its label beside it."""
        return isinstance(self.field.widget, forms.CheckboxInput)

    @property
    def is_checked(self) -> bool:
        """Looked at by the server as soon as it was changed; what there is to say stands below it."""
        return "hx-post" in self.field.widget.attrs

    @property
    def is_choices(self) -> bool:
        """A group of boxes under a legend."""
        return isinstance(self.field.widget, (forms.RadioSelect, forms.CheckboxSelectMultiple))

    @property
    def shows_optional(self) -> bool:
        """Required is the rule; what may stay empty says so."""
        must = self.name in getattr(self.form, "must", ())  # asked for by a rule below the form
        return not self.field.required and not must and not self.field.disabled and not self.is_check

    @property
    def focus_id(self) -> str:
        """The element that a link of the error summary leads to."""
        if self.is_hidden:
            return ""
        return f"{self.auto_id}_0" if self.is_choices else str(self.id_for_label or self.auto_id)


class KitRenderer(TemplatesSetting):
    """Templates of forms come from the project, so that both languages and both themes reach them."""

    form_template_name = "forms/form.html"
    formset_template_name = "forms/formset.html"
    field_template_name = "forms/field.html"
    bound_field_class = KitBoundField


def say_it_plainly() -> None:
    """What Django's own checks say of a value, for every form at once: what is wrong with it and how to mend it, in the portal's words.

    Called once when the shell starts; fields and models carry these validators without naming them.
    """
    validators.MaxValueValidator.message = _("At most %(limit_value)s; this is %(show_value)s.")  # type: ignore[assignment]
    validators.MinValueValidator.message = _("At least %(limit_value)s; this is %(show_value)s.")  # type: ignore[assignment]
    validators.MaxLengthValidator.message = ngettext_lazy(  # type: ignore[assignment]
        "Shorten it to %(limit_value)d character; it has %(show_value)d.",
        "Shorten it to %(limit_value)d characters; it has %(show_value)d.",
        "limit_value",
    )
    validators.MinLengthValidator.message = ngettext_lazy(  # type: ignore[assignment]
        "Write at least %(limit_value)d character; it has %(show_value)d.",
        "Write at least %(limit_value)d characters; it has %(show_value)d.",
        "limit_value",
    )
    validators.DecimalValidator.messages = {
        "invalid": _("Write a number, such as 12 or 12.5."),
        "max_digits": ngettext_lazy("At most %(max)s digit in all.", "At most %(max)s digits in all.", "max"),
        "max_decimal_places": ngettext_lazy("At most %(max)s decimal.", "At most %(max)s decimals.", "max"),
        "max_whole_digits": ngettext_lazy("At most %(max)s digit before the point.", "At most %(max)s digits before the point.", "max"),
    }
    forms.IntegerField.default_error_messages["invalid"] = _("Write a whole number, such as 12.")
    forms.DecimalField.default_error_messages["invalid"] = _("Write a number, such as 12 or 12.5.")
    forms.DateField.default_error_messages["invalid"] = _("Write a day as year-month-day, such as 2026-06-30.")
    for field in (forms.ChoiceField, forms.MultipleChoiceField):
        field.default_error_messages["invalid_choice"] = _("Choose one of what is offered.")
