"""Forms of programs and webhooks."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.machines.rules import SCOPES, scopes_for


class ClientForm(forms.Form):
    """A program and what it may do."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("By which you will know it, such as the system it runs in."))
    scopes = forms.MultipleChoiceField(label=_("It may"), widget=forms.CheckboxSelectMultiple, initial=list(SCOPES))

    def __init__(self, *args: Any, is_maker: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = list(scopes_for(is_maker=is_maker).items())  # type: ignore[attr-defined]


class WebhookForm(forms.Form):
    """An address that is told of changes."""

    url = forms.CharField(
        label=_("Address"), max_length=500, help_text=_("https://, on the public network. It is told ids, never names or goods.")
    )
