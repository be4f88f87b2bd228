"""Files of rows: the kinds that there are, and what people and workers do with a file, for the pages and the tasks."""

from certifications.people.models import User
from certifications.people.permissions import may
from certifications.uploads.kinds import Kind
from certifications.uploads.models import Upload
from certifications.uploads.steps import go_on as step

from .faults import fault
from .upload_customers import Customers
from .upload_declarations import Declarations
from .upload_sales import Sales
from .upload_stock import OpeningStock

KINDS: dict[str, Kind] = {kind.code: kind for kind in (Customers(), Declarations(), OpeningStock(), Sales())}


def kinds_of(user: User) -> list[Kind]:
    """The kinds of rows that the person may file."""
    return [kind for kind in KINDS.values() if may(user, kind.right)]


def kind_of(upload: Upload) -> Kind:
    """The kind of an upload's rows."""
    return KINDS[upload.kind]


def go_on(upload_id: str) -> None:
    """Worker: take an upload as far as it goes by itself."""
    step(upload_id, KINDS, fault)
