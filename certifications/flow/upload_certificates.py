"""Certificates from before the programme by the file: kept as "not attested", by the rules and actions of the single form.

The papers follow one by one on the pages; until its paper is filed a row is a reference to nothing.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.catalogue.queries import current_products
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.days import newest_day
from certifications.ledger.listed import listed
from certifications.ledger.moves import NotAllowed
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission
from certifications.programme import actions as programme
from certifications.programme.models import OldCertificate
from certifications.programme.queries import certificates_visible_to
from certifications.programme.rules import CertificateData, certificate_problems
from certifications.uploads.kinds import CREATE, SKIP, Desk, Field, Kind, Line, Made, Problem, Seen, Thing, Written
from certifications.uploads.values import code, day, folded

from . import first_day
from .own_customers import OwnCustomers
from .upload_customers import own_customers, rule_code, title_of
from .upload_fields import several

CERTIFICATE_FIELDS = (
    Field("number", gettext_lazy("Number"), ("certificate number", "certificate no", "cert no", "no", "certificate", "证书编号", "证书号", "编号"), code,
          needed=True, max_length=60, hint=gettext_lazy("As its issuer wrote it; it is no number of this portal.")),
    Field("issuer", gettext_lazy("Issued by"), ("issuer", "issuing body", "authority", "签发单位", "签发人", "出具单位", "发证机关"), needed=True, max_length=200),
    Field("dated_on", gettext_lazy("Dated"), ("date", "issue date", "dated on", "签发日期", "出具日期", "日期"), day, needed=True),
    Field("valid_until", gettext_lazy("First day after it"), ("valid until", "expiry", "expiry date", "until", "有效期至", "失效日期", "到期日"), day, needed=True,
          hint=gettext_lazy("The day on which it no longer held.")),
    Field("customer", gettext_lazy("End user"), ("customer", "customer name", "end user name", "uscc", "最终用户", "终端用户", "客户", "客户名称", "统一社会信用代码"),
          needed=True, max_length=400, hint=gettext_lazy("A name, a registration number, or the portal reference of one of your customers.")),
    Field("products", gettext_lazy("Products"), ("catalogue numbers", "catalog numbers", "product", "货号", "产品", "产品编号"), several, max_length=1000,
          hint=gettext_lazy("Catalogue numbers, with semicolons between.")),
    Field("goods", gettext_lazy("Goods as the paper calls them"), ("goods", "description", "货物", "货物描述", "品名"), max_length=500),
    Field("named", gettext_lazy("Others named on it"), ("others", "parties", "also named", "其他当事方", "其他名称"), several, max_length=3100,
          hint=gettext_lazy("With semicolons between. Everybody named is screened.")),
)  # fmt: skip


def _of(number: str, issuer: str) -> tuple[str, str]:
    return folded(number).casefold(), folded(issuer).casefold()


class CertificateDesk(Desk):
    """Rows beside the distributor's own customers, the catalogue, and what is kept already."""

    def __init__(self, by: User, things: Sequence[Thing]) -> None:
        self.by = by
        self.customers = OwnCustomers(by, (str(line.values.get("customer", "")) for thing in things for line in thing.lines))
        self.products = {product.catalogue_number.upper(): product.catalogue_number for product in current_products()}
        kept = certificates_visible_to(by).filter(organisation=by.organisation, withdrawn_at__isnull=True)
        self.known = {_of(row.number, row.issuer): row for row in kept.prefetch_related("named__names")}

    def look(self, thing: Thing) -> Seen:
        line = thing.lines[0]
        problems = list(line.problems)
        data = self._data(line, problems)
        title = " ".join(filter(None, (line.texts.get("number", ""), line.texts.get("issuer", ""))))
        if data is None:
            return Seen(title=title, problems={line.number: problems})
        digest = sha256_hex(canonical(_said(data)))
        seen: dict[str, Any] = {"title": title, "digest": digest}
        held = self.known.get(_of(data.number, data.issuer))
        if held is not None:
            if _said(data) == _said_of(held):
                return Seen(SKIP, object_id=held.pk, **seen)
            said = _("You keep a certificate of this number and issuer already; withdraw that one first.")
            problems.append(Problem("number", "kept", said))
        return Seen(CREATE, problems={line.number: problems} if problems else {}, **seen)

    def _data(self, line: Line, problems: list[Problem]) -> CertificateData | None:
        """The certificate by the rules of the form; None while something cannot be read."""
        bad = {problem.field for problem in problems}
        for name in ("dated_on", "valid_until"):
            if name not in line.values and name not in bad:
                problems.append(Problem(name, "no_day", _("Enter a day, such as 2026-10-05.")))
        customer = self.customers.one(str(line.values.get("customer") or ""), problems)
        products = [str(text) for text in line.values.get("products") or ()]
        unknown = [text for text in products if text.upper() not in self.products]
        if unknown:
            said = _("The catalogue has no such number: %(n)s. Correct it, or write under goods what the paper calls them.")
            problems.append(Problem("products", "no_product", said % {"n": listed(unknown[:3])}))
        if "dated_on" not in line.values or "valid_until" not in line.values:
            return None
        data = CertificateData(
            customer_id=customer.pk if customer else "",
            number=str(line.values.get("number") or ""),
            issuer=str(line.values.get("issuer") or ""),
            dated_on=line.values["dated_on"],
            valid_until=line.values["valid_until"],
            products=tuple(sorted({self.products[text.upper()] for text in products if text.upper() in self.products})),
            goods=str(line.values.get("goods") or ""),
            named=tuple(line.values.get("named") or ()),
        )
        known = {problem.field for problem in problems}
        found = [one for one in certificate_problems(data, newest_day()) if one.field not in known]
        problems += [Problem(one.field, rule_code(one.message, one.field), one.message) for one in found]
        return data if customer is not None else None

    def write(self, thing: Thing, seen: Seen, form_key: str) -> Written:
        data = self._data(thing.lines[0], [])
        if data is None:
            raise NotAllowed(_("This row cannot be read any more."), "unreadable")
        made = first_day.keep_certificate(by=self.by, data=data, form_key=form_key)
        return Written(made.pk, None, seen.digest)


def _said(data: CertificateData) -> dict[str, Any]:
    return {
        "number": _of(data.number, data.issuer),
        "days": [data.dated_on.isoformat(), data.valid_until.isoformat()],
        "customer": data.customer_id,
        "products": sorted(data.products),
        "goods": data.goods.strip(),
        "named": sorted({folded(name).casefold() for name in data.named}),
    }


def _said_of(row: OldCertificate) -> dict[str, Any]:
    names = tuple(name.text for party in row.named.all() for name in party.names.all())
    return _said(
        CertificateData(row.customer_id, row.number, row.issuer, row.dated_on, row.valid_until, tuple(row.products), row.goods, names)
    )


class OldCertificates(Kind):
    """Certificates from before the programme; nobody here attested them."""

    code = "certificates"
    label = gettext_lazy("Earlier certificates")
    one = gettext_lazy("Earlier certificate")
    right = Permission.EDIT_CUSTOMERS

    def fields(self) -> tuple[Field, ...]:
        return CERTIFICATE_FIELDS

    def key(self, line: Line, above: str) -> str:
        """Number and issuer: two rows with the same are about one."""
        del above
        said = _of(str(line.values.get("number") or ""), str(line.values.get("issuer") or ""))
        return "certificate:" + hashlib.sha256("\n".join(said).encode()).hexdigest()[:48] if any(said) else f"row:{line.number}"

    def desk(self, *, by: User, things: Sequence[Thing]) -> Desk:
        return CertificateDesk(by, things)

    def bound(self, *, organisation: Organisation, made: Sequence[Made]) -> dict[str, str]:
        held = organisation.old_certificates.filter(pk__in=[one.object_id for one in made], blob__isnull=False, withdrawn_at__isnull=True)
        return {row.pk: _("The paper of %(n)s was filed since. Withdraw it on its page.") % {"n": row.number} for row in held}

    def take_back(self, *, organisation: Organisation, by: User, made: Made) -> None:
        """It stays on record as withdrawn: whoever it names was screened for it."""
        row = organisation.old_certificates.filter(pk=made.object_id, withdrawn_at__isnull=True).first()
        if row is not None:
            programme.withdraw_certificate(certificate=row, by=by, reason=_("The upload that said it was taken back."))

    def prefilled(self, *, by: User) -> Iterator[dict[str, str]]:
        """None: what is kept stays as it is."""
        del by
        return iter(())

    def lists(self, *, by: User) -> dict[str, list[str]]:
        return {"customer": [f"{title_of(customer)} · {customer.pk}" for customer in own_customers(by)]}
