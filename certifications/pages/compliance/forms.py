"""Forms of the compliance team. They check shape; what may be done is asked of the rooms below."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.attestations.rules import CHANGES, STATUS_REASONS, possible_changes
from certifications.catalogue.queries import current_products
from certifications.declarations.rules import MENDABLE
from certifications.evidence.readers.sniffing import LIMIT_MB, MAX_BYTES
from certifications.evidence.rules import MAX_BIDDERS, MAX_NAME, STAGES
from portal.forms import DayField, ManyFilesInput
from portal.templatetags.kit import local
from portal.words import word_for

STAGE_WORDS = {
    "award": _("Award"),
    "contract": _("Contract"),
    "candidate": _("Candidates, not yet an award"),
    "tender": _("Tender"),
    "intention": _("Intention to buy"),
    "failed": _("Failed, no award"),
    "amendment": _("Correction of an earlier notice"),
    "cancelled": _("Award or contract taken back"),
}


class ReturnForm(forms.Form):
    """What the distributor must mend in a declaration that is returned without a case."""

    must = frozenset({"mend", "text"})

    mend = forms.MultipleChoiceField(label=_("To be mended"), required=False, widget=forms.CheckboxSelectMultiple)
    text = forms.CharField(
        label=_("What is wrong, and how to mend it"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The distributor reads exactly this. Name no list, score or region rule."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mend"].choices = [(name, word_for("declared", name).text) for name in MENDABLE]  # type: ignore[attr-defined]


class CaptureFile(forms.FileField):
    """A file to be captured; its size is asked before anybody reads it into memory."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if file and file.size > MAX_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(limit)s MB. Save the notice's page alone, or paste its text."), params={"limit": LIMIT_MB}
            )
        return file


# As many files as a person looks through the results of, and as much as a browser sends in one go.
MOST_FILES, MOST_MB = 50, 100


class CaptureFiles(forms.FileField):
    """Files to be captured, in their order. Of several each is answered for by itself; one alone is asked for its size here."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=ManyFilesInput, allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        given = [one for one in data if one] if isinstance(data, list | tuple) else [data] if data else []
        files = [super(CaptureFiles, self).clean(one, initial) for one in given]
        if len(files) > MOST_FILES or sum(file.size for file in files) > MOST_MB * 1024 * 1024:
            raise forms.ValidationError(
                _("At most %(files)d files can be captured at once, %(mb)d MB together. Choose fewer, and the others afterwards."),
                params={"files": MOST_FILES, "mb": MOST_MB},
            )
        if len(files) == 1 and files[0].size > MAX_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(limit)s MB. Save the notice's page alone, or paste its text."), params={"limit": LIMIT_MB}
            )
        return files


class CaptureForm(forms.Form):
    """Paste a notice or choose files; one of the two."""

    must = frozenset({"text", "file"})

    form_key = forms.CharField(max_length=26, widget=forms.HiddenInput)
    title = forms.CharField(
        label=_("Title of the notice"),
        max_length=300,
        required=False,
        help_text=_("Of one notice. With several files each keeps its own, and this is noted with how they were obtained."),
    )
    source_url = forms.URLField(
        label=_("Address it was taken from"),
        max_length=600,
        required=False,
        assume_scheme="https",
        help_text=_("Kept as provenance; the portal never opens it."),
    )
    source_note = forms.CharField(
        label=_("How it was obtained"),
        max_length=300,
        required=False,
        help_text=_("For example: saved from the portal by the reviewer; sent by a reader."),
    )
    text = forms.CharField(
        label=_("Text of the notice"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        help_text=_("This or a file, at most 25 MB. Pasted text is marked as unattested until the page itself is captured."),
    )
    file = CaptureFiles(
        label=_("Or a file, or several"),
        required=False,
        help_text=_(
            "HTML, text, PDF, Word (.docx), OCDS packages (JSON) or eForms award notices (XML), at most 25 MB each; up to 50 files, 100 MB together. Each is kept whole, with its hash, as a document of its own."
        ),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        text, file = (data.get("text") or "").strip(), data.get("file") or []
        if text and file:
            self.add_error("file", _("A text was pasted and a file chosen; keep one of the two."))
        if not text and not file and "file" not in self.errors:
            self.add_error("text", _("Paste the text of the notice, or choose a file."))
        return data


class NamesField(forms.CharField):
    """Names, one a line, as a list; what was typed keeps its order, and a name that stands twice is one."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:  # type: ignore[override] - a list is what is made of the text
        return self._names(super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self._names(str(data or "")) != list(initial or ())

    @staticmethod
    def _names(text: str) -> list[str]:
        return list(dict.fromkeys(name for line in text.splitlines() if (name := " ".join(line.split()))))


# What a notice may say besides who sold what to whom: in a part of its own, so that nobody looks for the others among them.
FURTHER = ("other_bidders", "agency", "delivery_place", "published_on", "signed_on", "catalogue_no", "lot", "serial")


class LineForm(forms.Form):
    """One evidence line, beside the source."""

    stage = forms.ChoiceField(label=_("Kind of notice"), choices=[("", _("Choose")), *((s, STAGE_WORDS[s]) for s in STAGES)])
    happened_on = DayField(label=_("Date of the award"))
    project_no = forms.CharField(label=_("Project number"), max_length=120, required=False)
    buyer = forms.CharField(label=_("Buyer"), max_length=300, required=False)
    buyer_identifier = forms.CharField(label=_("Buyer's number"), max_length=80, required=False)
    region = forms.CharField(label=_("Region"), max_length=120, required=False)
    seller = forms.CharField(label=_("Supplier"), max_length=300, required=False)
    seller_withheld = forms.BooleanField(label=_("The notice withholds the supplier"), required=False)
    seller_uscc = forms.CharField(label=_("Supplier's credit code"), max_length=18, required=False)
    seller_identifier = forms.CharField(label=_("Supplier's other number"), max_length=80, required=False)
    seller_address = forms.CharField(label=_("Supplier's address"), max_length=300, required=False)
    product = forms.ChoiceField(label=_("Our product"), required=False)
    product_undisclosed = forms.BooleanField(label=_("The notice does not disclose the product"), required=False)
    product_text = forms.CharField(label=_("Goods as written"), max_length=500, required=False)
    brand = forms.CharField(label=_("Brand"), max_length=120, required=False)
    model = forms.CharField(label=_("Model"), max_length=120, required=False)
    quantity = forms.DecimalField(label=_("Quantity"), max_digits=14, decimal_places=2, required=False)
    unit = forms.CharField(label=_("Unit"), max_length=20, required=False)
    unit_price = forms.DecimalField(label=_("Unit price"), max_digits=16, decimal_places=2, required=False)
    amount = forms.DecimalField(label=_("Amount"), max_digits=16, decimal_places=2, required=False)
    currency = forms.CharField(
        label=_("Currency"), max_length=3, required=False, initial="CNY", help_text=_("Three capitals, such as CNY, EUR or USD.")
    )
    other_bidders = NamesField(
        label=_("Other bidders"),
        max_length=MAX_BIDDERS * (MAX_NAME + 1),
        required=False,
        help_text=_("Who bid and did not win, one name a line. They are kept and shown, and not looked for in the register."),
    )
    agency = forms.CharField(label=_("Procurement agency"), max_length=300, required=False)
    delivery_place = forms.CharField(label=_("Place of delivery"), max_length=300, required=False)
    published_on = DayField(label=_("Published on"), required=False)
    signed_on = DayField(label=_("Contract signed on"), required=False)
    catalogue_no = forms.CharField(label=_("Catalogue number as written"), max_length=60, required=False)
    lot = forms.CharField(label=_("Lot of the goods"), max_length=60, required=False)
    serial = forms.CharField(
        label=_("Serial number"), max_length=60, required=False, help_text=_("Of one unit; give each further unit a line of its own.")
    )

    def __init__(self, *args: Any, products: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].choices = [("", _("None of ours, or not known")), *products]  # type: ignore[attr-defined]

    def main_fields(self) -> list[forms.BoundField]:
        """What every line is asked, without what the formset adds."""
        return [field for field in self.visible_fields() if field.name not in {*FURTHER, "DELETE"}]

    def further_fields(self) -> list[forms.BoundField]:
        """What a notice may say besides."""
        return [self[name] for name in FURTHER]

    def says_further(self) -> bool:
        """Whether any of that is proposed, typed or wrong, so that it must be in sight."""
        return any(field.value() or field.errors for field in self.further_fields())

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).strip().upper() or "CNY"

    def clean_happened_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["happened_on"]
        return day


def product_choices() -> list[tuple[str, str]]:
    """Our products to choose from, asked for once for all lines of a page."""
    return [(p.pk, f"{local(p, 'name')} ({p.catalogue_number})") for p in current_products()]


class SourceForm(forms.Form):
    """The page from which a pasted text was taken."""

    form_key = forms.CharField(max_length=26, widget=forms.HiddenInput)
    source_url = forms.URLField(
        label=_("Address it was taken from"),
        max_length=600,
        assume_scheme="https",
        help_text=_("Kept as provenance; the portal never opens it."),
    )
    file = CaptureFile(
        label=_("The saved page"),
        help_text=_("HTML, text, PDF or Word (.docx), at most 25 MB. Nearly every line of the pasted text must stand on it."),
    )


class AskForm(forms.Form):
    """A question to the distributor."""

    organisation = forms.ChoiceField(label=_("Put to"))
    text = forms.CharField(
        label=_("Question"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The distributor reads exactly this. Name no list, no score and no other party."),
    )
    due_on = DayField(label=_("Answer by"))

    def clean_due_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["due_on"]
        if day <= dt.datetime.now(tz=dt.UTC).date():
            raise forms.ValidationError(_("Choose a day after today, so that there is time to answer."))
        return day


CHANGE_WORDS = {"suspended": _("Suspend"), "revoked": _("Revoke for good"), "valid": _("Lift the suspension")}


class ChangeForm(forms.Form):
    """Suspend, revoke or lift."""

    to = forms.ChoiceField(label=_("Change"))
    reason = forms.ChoiceField(label=_("Reason"))
    explanation = forms.CharField(
        label=_("Explanation"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Seen by compliance, the auditor and the regulator."),
    )
    public_reason = forms.CharField(
        label=_("Sentence for the public page"), max_length=200, help_text=_("Neutral words; no names, no list, no score.")
    )

    def __init__(self, *args: Any, status: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [to for to in CHANGES if to in possible_changes(status)]
        reasons = [(CHANGE_WORDS[to], [(code, STATUS_REASONS[code]) for code in CHANGES[to]]) for to in offered]
        self.fields["to"].choices = [("", _("Choose a change")), *((to, CHANGE_WORDS[to]) for to in offered)]  # type: ignore[attr-defined]
        self.fields["reason"].choices = [("", _("Choose a reason")), *reasons]  # type: ignore[attr-defined]
