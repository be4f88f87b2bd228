"""The portal's addresses and one more: a page with every component of the kit, for the harness tests only."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from portal import urls as portal_urls

handler404 = portal_urls.handler404
handler500 = portal_urls.handler500
DIGEST = "0741 9d09 32de 910f 4d1b b44c b603 04a8 dfe6 74e8 2c61 55a6 fd0e b4e9 3943 da6b".replace(" ", "")


class EveryField(forms.Form):
    """One field of each kind that the pages use."""

    name = forms.CharField(label="Name 名称", help_text="As on the licence")
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    line = forms.ChoiceField(label="Line of business", choices=[("", "Choose"), ("h", "Hospital"), ("f", "Forensic institute")])
    kind = forms.ChoiceField(label="Kind", choices=[("a", "End user"), ("b", "Reseller")], widget=forms.RadioSelect)
    parts = forms.MultipleChoiceField(
        label="Documents", choices=[("c", "Contract"), ("o", "Order")], widget=forms.CheckboxSelectMultiple, required=False
    )
    day = forms.DateField(label="Date", widget=forms.DateInput(attrs={"type": "date"}))
    file = forms.FileField(label="File", required=False)
    code = forms.CharField(
        label="Code", widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}), required=False
    )
    agreed = forms.BooleanField(label="I have read it")
    form_key = forms.CharField(widget=forms.HiddenInput, initial="01JD0000000000000000000000")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.is_bound:
            raise forms.ValidationError("The two dates do not fit together: the end lies before the beginning.")
        return data


def sample() -> dict[str, Any]:
    """Invented content for every component."""
    now = timezone.now()
    return {
        "now": now,
        "soon": now + dt.timedelta(hours=4, minutes=5),
        "late": now - dt.timedelta(hours=3, minutes=5),
        "week_ago": now - dt.timedelta(days=7),
        "digest": DIGEST,
        "units": Decimal("12400.50"),
        "native": "深圳市青岚科学仪器有限公司",
        "pieces": [("name", "0.52"), ("address", "0.22"), ("telephone", "0.32"), ("registration no.", "-0.20")],
        "rows": [
            {"feature": "Registration no.", "declared": "91610131MA7XQ2041T", "found": "91610136MAC1TD807L", "result": "conflict"},
            {
                "feature": "Native name",
                "declared": "西安泓桥医学检验有限公司",
                "found": "西安泓桥生物科技有限公司",
                "result": "similar",
                "big": True,
            },
            {"feature": "Telephone", "declared": "029 5550 0187", "found": "029 5550 0187", "result": "match"},
            {"feature": "Owner", "declared": "He Jingwen 何静雯", "found": "", "result": "missing"},
        ],
        "events": [
            {"at": now, "text": "Signed by Tang Mei", "by": "Qinglan", "kind": "now"},
            {"at": now - dt.timedelta(days=1), "text": "Flag S01 raised", "kind": "bad"},
            {"at": now - dt.timedelta(days=2), "text": "Draft begun", "by": "Lin Yue"},
        ],
        "answers": [
            {
                "question": "Who signed it?",
                "answer": "Corvane Instruments",
                "kind": "ok",
                "icon": "check-circle",
                "pill": "Good",
                "reasons": ["Signed on 14 June 2026."],
                "hash": DIGEST,
            },
            {
                "question": "What was not checked?",
                "answer": "Where the kits are today",
                "kind": "note",
                "icon": "info",
                "pill": "Read this",
                "reasons": ["Owners below 25 %."],
            },
        ],
        "clauses": [
            {"id": "k1", "name": "clause", "value": "1", "title": "1. Declared purpose only", "text": "For nothing else.", "ticked": True},
            {
                "id": "k2",
                "name": "clause",
                "value": "2",
                "title": "2. No transfer",
                "text": "Not without consent.",
                "error": "Tick this undertaking, or say why not.",
            },
        ],
        "stats": [{"value": 4, "label": "in preparation", "url": "#"}, {"value": 12400, "label": "units declared", "url": "#"}],
        "todo": [
            {
                "day": "20 Nov",
                "left": "2 days late",
                "late": True,
                "what": "Answer a question",
                "detail": "On EUD-2026-AB12CD",
                "url": "#",
                "action": "Answer",
            },
            {
                "day": "23 Nov",
                "left": "tomorrow",
                "what": "Sign a declaration",
                "detail": "宁波江南医院",
                "url": "#",
                "action": "Read and sign",
            },
        ],
        "paragraphs": ["End-use declaration EUD-2026-AB12CD, version 3", "Goods: 24 kits for 宁波江南医院 and no other party."],
    }


def gallery(request: HttpRequest) -> HttpResponse:
    """GET every component; POST shows the form with its errors."""
    form = EveryField(request.POST or None)
    for level, text in ((messages.SUCCESS, "Saved 宁波江南医院"), (messages.WARNING, "Screening waits"), (messages.ERROR, "Not sent")):
        messages.add_message(request, level, text)
    return render(request, "gallery.html", {**sample(), "form": form}, status=422 if form.is_bound else 200)


def queue(request: HttpRequest) -> HttpResponse:
    """GET the two-pane layout."""
    return render(request, "gallery_queue.html", sample())


def confirm(request: HttpRequest) -> HttpResponse:
    """GET the confirm page."""
    return render(
        request,
        "components/confirm.html",
        {"title": "Revoke EUC-2026-AB12CD?", "text": "It shows at once.", "action": "Revoke", "back_url": "/", "danger": True},
    )


def fail(request: HttpRequest) -> HttpResponse:
    """GET a page that fails."""
    raise RuntimeError("broken on purpose")


urlpatterns = [
    path("kit/", gallery, name="kit"),
    path("kit/queue/", queue, name="kit-queue"),
    path("kit/confirm/", confirm, name="kit-confirm"),
    path("kit/fail/", fail, name="kit-fail"),
    *portal_urls.urlpatterns,
]
