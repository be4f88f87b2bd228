"""The card of a customer in words: kinds of papers, what its fields are called where they changed, kinds of a timeline."""

from typing import Any

from django.utils.translation import gettext_lazy as _

CUSTOMER_PAPERS: dict[str, Any] = {
    "licence": _("Business licence"),
    "accreditation": _("Accreditation certificate"),
    "permit": _("Permit"),
    "letter": _("Letter"),
    "contract": _("Contract"),
    "other": _("Other paper"),
}
CARD_FIELDS: dict[str, Any] = {
    "native_name": _("Name in its own script"),
    "latin_name": _("Name in Latin letters"),
    "other_names": _("Other names"),
    "kind": _("Kind"),
    "uscc": _("Unified social credit code"),
    "lei": _("Legal entity identifier"),
    "address": _("Address"),
    "country": _("Country"),
    "division": _("Division"),
    "line_of_business": _("Line of business"),
    "note": _("Note"),
    "activity": _("What is done there"),
    "site": _("Site"),
    "laboratory": _("Laboratory"),
    "name": _("Name"),
    "head": _("Head"),
    "accreditation": _("Accreditation"),
    "accredited_until": _("Accredited until"),
    "role": _("Function"),
    "phone": _("Telephone"),
    "email": _("Mail address"),
    "title": _("Title"),
    "issued_on": _("Issued on"),
    "good_until": _("Good until"),
    "above": _("Belongs under"),
    "covered": _("Sites covered"),
    "fields": _("Fields"),
}
TIMELINE: dict[str, Any] = {
    "facts": _("What it is called and does"),
    "sites": _("Sites and laboratories"),
    "contacts": _("Contacts"),
    "papers": _("Papers"),
    "group": _("Group"),
    "owners": _("Owners"),
    "questions": _("Questionnaire"),
    "declarations": _("Declarations"),
    "names": _("Aliases"),
    "screening": _("Screening"),
}
QUESTION_KINDS: dict[str, Any] = {
    "yes_no": _("Yes or no"),
    "choice": _("A choice"),
    "text": _("Words"),
    "date": _("A day"),
}
