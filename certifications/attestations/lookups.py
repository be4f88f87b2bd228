"""What regulators searched and opened. Written with every answer; read by their own office alone."""

from django.db.models import QuerySet

from certifications.people.models import User

from .models import Attestation, LookUp


def log(*, user: User, kind: str, query: str = "", attestation: Attestation | None = None) -> None:
    """One row. `kind`: list, search, open, pdf, export. Nothing for whoever is of no organisation."""
    if user.organisation is None:
        return
    LookUp.objects.create(
        organisation=user.organisation,
        user=user,
        kind=kind,
        query=query[:300],
        attestation_id=attestation.pk if attestation else "",
    )


def lookups_of(user: User) -> QuerySet[LookUp]:
    """The look-ups of the user's own office, newest first; nobody else's."""
    if user.organisation is None:
        return LookUp.objects.none()
    return LookUp.objects.filter(organisation=user.organisation).select_related("user").order_by("-at", "-pk")


def numbers_of(rows: list[LookUp]) -> dict[str, str]:
    """The number of each attestation that the rows name."""
    wanted = {row.attestation_id for row in rows if row.attestation_id}
    return dict(Attestation.objects.filter(pk__in=wanted).values_list("pk", "number"))
