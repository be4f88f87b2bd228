"""Files of rows: the kinds that there are, and what people and workers do with a file, for the pages and the tasks."""

from django.db import transaction
from django.utils.translation import gettext as _

from certifications.ledger.moves import NotAllowed
from certifications.machines.models import ApiClient
from certifications.mail.actions import tell_all
from certifications.people.models import Organisation, User
from certifications.people.permissions import may
from certifications.people.queries import recipients
from certifications.uploads import actions
from certifications.uploads.kinds import Kind
from certifications.uploads.models import Upload
from certifications.uploads.steps import go_on as step

from .event_kinds import SalesEvents, ShipmentEvents
from .faults import fault
from .upload_certificates import OldCertificates
from .upload_codes import Codes
from .upload_customers import Customers
from .upload_declarations import Declarations
from .upload_orders import AnyOrders, Orders
from .upload_sales import Sales
from .upload_service import Service
from .upload_shipments import Shipments
from .upload_stock import OpeningStock

KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Customers(), Declarations(), OpeningStock(), OldCertificates(), Orders(), AnyOrders(), Sales(), SalesEvents(), Shipments(), ShipmentEvents(), Service(), Codes(),
    )
}  # fmt: skip


def kinds_of(user: User) -> list[Kind]:
    """The kinds of rows that the person may file."""
    return [kind for kind in KINDS.values() if may(user, kind.right)]


def kind_of(upload: Upload) -> Kind:
    """The kind of an upload's rows."""
    return KINDS[upload.kind]


def go_on(upload_id: str) -> None:
    """Worker: take an upload as far as it goes by itself."""
    step(upload_id, KINDS, fault)


def receive_events(*, program: ApiClient, content: bytes, name: str, form_key: str) -> Upload:
    """Events that a program of a distributor or of the manufacturer sends: read and checked; a person of the same firm commits them.

    Whoever may is told of the first that waits. Raises Unreadable, and NotAllowed (nobody, too_many).
    """
    firm = program.organisation
    kind = KINDS[ShipmentEvents.code if firm.kind == Organisation.Kind.MANUFACTURER else SalesEvents.code]
    people = recipients(kind.right, firm)
    if not people:
        raise NotAllowed(_("Nobody in your organisation may commit what is sent. Have somebody given the right first."), "nobody")
    with transaction.atomic():
        waits_already = actions.open_uploads(firm).filter(program__isnull=False).exists()
        upload = actions.receive_from(program=program, looked_at_by=people[0], kind=kind, content=content, name=name, form_key=form_key)
        if not waits_already and upload.form_key == form_key:
            side = "c" if firm.kind == Organisation.Kind.MANUFACTURER else "d"
            tell_all(people, template="events_wait", context={"number": upload.number, "side": side})
    return upload
