"""Forms of programs and webhooks."""

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.machines.rules import SCOPES


class ClientForm(forms.Form):
    """A program and what it may do."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("By which you will know it, such as the system it runs in."))
    scopes = forms.MultipleChoiceField(
        label=_("It may"), choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple, initial=list(SCOPES)
    )


class WebhookForm(forms.Form):
    """An address that is told of changes."""

    url = forms.CharField(
        label=_("Address"), max_length=500, help_text=_("https://, on the public network. It is told ids, never names or goods.")
    )
