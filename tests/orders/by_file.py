"""Files of orders as they are sent, and what they were answered."""

import csv as standard
import io

from certifications.uploads.models import Upload
from tests.uploads.files import csv
from tests.uploads.steps import sent
from tests.world import client_of

from .shop import CODE, Shop, later

HEAD = ("order_number", "line", "customer", "catalogue_number", "quantity", "unit", "country", "division", "date")


def row(line: int = 10, quantity: str = "2", **changes: str) -> tuple[str, ...]:
    cells = {
        "order_number": "PO-1", "line": str(line), "customer": CODE, "catalogue_number": "CI-2440-100", "quantity": quantity, "unit": "kit",
        "country": "CN", "division": "330200", "date": later(0).isoformat(),
    }  # fmt: skip
    return tuple((cells | changes)[name] for name in HEAD)


def asked(shop: Shop, *rows: tuple[str, ...], work: bool = True) -> Upload:
    return sent(shop.world.filer, csv(HEAD, *rows), kind="orders", work=work)


def answered(shop: Shop, upload: Upload, who: str = "filer", side: str = "d") -> list[dict[str, str]]:
    """The file of answers."""
    file = client_of(shop.world.people[who]).get(f"/{side}/uploads/{upload.number}/answers.csv")
    assert file.status_code == 200
    return list(standard.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
