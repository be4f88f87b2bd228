"""Reads of uploads: a distributor's own, of the kinds that the person may file."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language

from certifications.people.models import Organisation, User
from certifications.people.permissions import may

from .kinds import Kind
from .models import Upload, UploadColumns, UploadProblem, UploadRow
from .rules import LANGUAGES, columns_from_json, texts_of


def visible_to(user: User, kinds: Iterable[Kind]) -> QuerySet[Upload]:
    """Uploads of the user's own organisation, of the kinds that the user may file."""
    codes = [kind.code for kind in kinds if may(user, kind.right)]
    if user.organisation is None or not codes:
        return Upload.objects.none()
    return Upload.objects.filter(organisation=user.organisation, kind__in=codes)


def get_visible(user: User, kinds: Iterable[Kind], number: str) -> Upload:
    """The upload, or 404 alike for what does not exist and for what is another's."""
    return get_object_or_404(visible_to(user, kinds).select_related("blob", "sent_by", "asked_by", "organisation"), number=number)


def remembered(organisation: Organisation | None, kind: Kind) -> dict[str, Any]:
    """What the organisation said about columns of this kind."""
    held = UploadColumns.objects.filter(organisation=organisation, kind=kind.code).first()
    return dict(held.said) if held else {}


def same_bytes(upload: Upload) -> Upload | None:
    """The newest other upload of exactly these bytes by the same distributor, of this kind, that was not given up."""
    others = Upload.objects.filter(organisation=upload.organisation_id, kind=upload.kind, sha256=upload.sha256)
    return others.exclude(pk=upload.pk).exclude(status__in=["cancelled", "unreadable"]).order_by("-sent_at").first()


@dataclass(frozen=True)
class Group:
    """Problems that are mended alike: how many rows, and the first sentence."""

    field: str
    code: str
    rows: int
    first: int
    blocks: bool
    sentence: str
    accept: str


def said(texts: dict[str, str]) -> str:
    """A sentence that is kept in every language, in the one of the page."""
    return texts.get(get_language() or "", "") or texts.get(LANGUAGES[0], "") or next(iter(texts.values()), "")


def groups(upload: Upload) -> list[Group]:
    """What is wrong, by what would mend it: what blocks first, then the largest."""
    problems = UploadProblem.objects.filter(upload=upload).order_by()
    counted = problems.values("field", "code", "blocks").annotate(n=Count("row", distinct=True), first=Min("pk"), number=Min("number"))
    rows = list(counted)
    firsts = UploadProblem.objects.in_bulk([row["first"] for row in rows])
    made = [
        Group(
            row["field"],
            row["code"],
            row["n"],
            row["number"],
            row["blocks"],
            said(firsts[row["first"]].texts),
            said(firsts[row["first"]].accept),
        )
        for row in rows
    ]
    return sorted(made, key=lambda group: (not group.blocks, -group.rows, group.field, group.code))


def problems_of(upload: Upload, field: str, code: str) -> QuerySet[UploadProblem]:
    """The problems of one group, in the order of the file."""
    return UploadProblem.objects.filter(upload=upload, field=field, code=code).select_related("row").order_by("number", "pk")


def texts_by_field(upload: Upload, row: UploadRow) -> dict[str, str]:
    """What a row says, by field."""
    return texts_of(row.cells, row.mended, row.filled, columns_from_json(upload.columns))
