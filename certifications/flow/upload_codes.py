"""GTINs and GLNs by the file: which product and which firm of the portal they mean. A lead says so, once for everybody's events."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext_lazy as _

from certifications.catalogue.queries import current_products
from certifications.custody import codes
from certifications.custody.models_codes import TradeCode
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, check
from certifications.uploads.kinds import CREATE, SKIP, UPDATE, Desk, Field, Fix, Kind, Line, Made, Problem, Seen, Thing, Written
from certifications.uploads.readers.gs1 import fits, gtin14
from certifications.uploads.values import code, folded

from .shipment_history import Firms
from .upload_goods import Goods

CODE_FIELDS = (
    Field("code", _("GTIN or GLN"), ("code", "gtin", "gln", "ean", "upc", "barcode", "gtin-14", "gtin-13", "条码", "商品条码", "全球贸易项目代码", "全球位置码", "GTIN码", "GLN码"), code, needed=True, max_length=40),
    Field("product", _("Catalogue number"), ("catalog no", "catalogue no", "material", "product", "item", "货号", "产品货号", "产品", "物料编码"), code, max_length=200),
    Field("firm", _("Firm of the portal"), ("distributor", "firm", "party", "company", "organisation", "customer", "经销商", "公司", "单位", "机构"), max_length=300,
          hint=_("A distributor, or the manufacturer itself. A row names a product or a firm, and not both.")),
)  # fmt: skip


class CodesDesk(Desk):
    """Rows beside the catalogue, the firms and the codes on record."""

    def __init__(self, by: User) -> None:
        self.by = by
        self.goods = Goods(list(current_products()))
        kinds = [Organisation.Kind.DISTRIBUTOR, Organisation.Kind.MANUFACTURER]
        self.firms = Firms(Organisation.objects.filter(kind__in=kinds))
        self.known = {held.code: held for held in codes.current().select_related("product", "organisation")}

    def look(self, thing: Thing) -> Seen:
        line = thing.lines[0]
        problems = list(line.problems)
        made = self._meant(line, problems)
        if made is None or problems:
            return Seen(problems={line.number: problems})
        digits, product, firm = made
        held = self.known.get(digits)
        if held is None:
            return Seen(CREATE, title=digits, digest=f"{product}{firm}")
        if (held.product_id or "", held.organisation_id or "") == (product, firm):
            return Seen(SKIP, title=digits, object_id=held.pk)
        changes = (("product" if product else "firm", _means(held), line.texts.get("product" if product else "firm", "")),)
        return Seen(UPDATE, title=digits, object_id=held.pk, digest=f"{product}{firm}", changes=changes)

    def _meant(self, line: Line, problems: list[Problem]) -> tuple[str, str, str] | None:
        """(the code in its whole length, product, firm), one of the two empty."""
        values, bad = line.values, {problem.field for problem in problems}
        typed = "".join(folded(str(values.get("code", ""))).replace("-", "").split())
        if not typed and "code" not in bad:
            problems.append(Problem("code", "no_code", _("Enter the GTIN or the GLN.")))
        if bool(values.get("product")) == bool(values.get("firm")):
            if not bad & {"product", "firm"}:
                problems.append(
                    Problem(
                        "product", "one_of_two", _("Enter either the catalogue number that the GTIN means, or the firm that the GLN means.")
                    )
                )
            return None
        if not typed:
            return None
        if values.get("product"):
            digits, product = gtin14(typed) or "", self.goods.product_of(line, problems, bad)
            if not digits:
                problems.append(
                    Problem("code", "no_gtin", _("This is no GTIN: 8, 12, 13 or 14 digits, of which the last is the check digit."))
                )
            return (digits, product.pk, "") if product is not None and digits else None
        firm = self.firms.named(values["firm"])
        if firm is None:
            fixes = tuple(Fix(name, name) for name in self.firms.like(values["firm"]))
            problems.append(
                Problem("firm", "unknown_firm", _("No firm of the portal has this name or number. Correct it, or choose one."), fixes)
            )
        if len(typed) != 13 or not fits(typed):  # noqa: PLR2004 - digits of a GLN
            problems.append(Problem("code", "no_gln", _("This is no GLN: 13 digits, of which the last is the check digit.")))
            return None
        return (typed, "", firm.pk) if firm is not None else None

    def write(self, thing: Thing, seen: Seen, form_key: str) -> Written:
        del form_key  # a code means one thing at a time (PostgreSQL)
        check(self.by, Permission.EDIT_CATALOGUE)
        made = self._meant(thing.lines[0], [])
        assert made is not None
        digits, product, firm = made
        held = self.known.get(digits)
        before = {"product": held.product_id, "organisation": held.organisation_id} if held and seen.outcome == UPDATE else None
        written = codes.record_code(by=self.by, code=digits, product_id=product or None, organisation_id=firm or None)
        return Written(written.pk, before, written.pk)


def _means(held: TradeCode) -> str:
    return held.product.catalogue_number if held.product else held.organisation.name if held.organisation else ""


class Codes(Kind):
    """What GTINs and GLNs mean."""

    code = "codes"
    label = _("GTINs and GLNs")
    one = _("Code")
    right = Permission.EDIT_CATALOGUE

    def fields(self) -> tuple[Field, ...]:
        return CODE_FIELDS

    def key(self, line: Line, above: str) -> str:
        """The digits: two rows with the same are about one."""
        del above
        return "code:" + "".join(str(line.values.get("code") or line.number).replace("-", "").split()).zfill(14)[:50]

    def desk(self, *, by: User, things: Sequence[Thing]) -> Desk:
        del things
        return CodesDesk(by)

    def bound(self, *, organisation: Organisation, made: Sequence[Made]) -> dict[str, str]:
        """Those that mean something else by now."""
        del organisation
        ended = TradeCode.objects.filter(pk__in=[one.object_id for one in made], ended_at__isnull=False)
        return {pk: str(_("The code was given another meaning after the upload.")) for pk in ended.values_list("pk", flat=True)}

    def take_back(self, *, organisation: Organisation, by: User, made: Made) -> None:
        """It means nothing again, or what it meant before."""
        del organisation
        held = codes.current().filter(pk=made.object_id).first()
        if held is None:
            return
        if made.before:
            codes.record_code(by=by, code=held.code, product_id=made.before["product"], organisation_id=made.before["organisation"])
        else:
            codes.end_code(by=by, code=held.code)

    def prefilled(self, *, by: User) -> Iterator[dict[str, str]]:
        """Every code that is on record, for those who may see the catalogue."""
        check(by, Permission.EDIT_CATALOGUE)
        for held in codes.current().select_related("product", "organisation").order_by("code"):
            yield {"code": held.code, "product" if held.product else "firm": _means(held)}

    def lists(self, *, by: User) -> dict[str, list[str]]:
        del by
        firms = Organisation.objects.filter(kind__in=[Organisation.Kind.DISTRIBUTOR, Organisation.Kind.MANUFACTURER]).order_by("name")
        return {
            "product": [f"{product.catalogue_number} {product.name}" for product in current_products()],
            "firm": [one.name for one in firms],
        }
