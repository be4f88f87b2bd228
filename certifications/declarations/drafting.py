"""The only writes to what a draft says. A draft may be left unfinished at any time; what keeps it from being signed is said at its field."""

from collections.abc import Callable, Iterable

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.catalogue import clauses
from certifications.catalogue.models import ClauseSet
from certifications.catalogue.queries import current_products
from certifications.files.models import Blob
from certifications.ledger.actions import record
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_number
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.parties.models import Customer
from certifications.people.models import Organisation, User

from .data import GROUPS, DeclarationData, stamp_of
from .in_force import Incomplete, InForce
from .models import Declaration, DeclarationLine, DeclarationVersion
from .models_parts import DeclarationDocument, DeclarationParty, DeclarationShare
from .queries import KEPT, data_of, lines_of, version_of
from .rules import Problem
from .rules_checks import not_kept

Status = Declaration.Status
MOST_DOCUMENTS = 10


class Overtaken(NotAllowed):
    """Somebody saved the same group of a draft since the page was opened; nothing was written. `now` is what the draft says."""

    def __init__(self, now: DeclarationData) -> None:
        super().__init__(_("Somebody saved this part of the draft since you opened the page. Nothing was overwritten."), "overtaken")
        self.now = now


def _customers(organisation: Organisation | None, data: DeclarationData) -> dict[str, Customer]:
    """The distributor's own customers that the declaration names, by id. Raises Incomplete, naming the field of one that is not."""
    named = [
        ("customer", data.customer_id),
        *(("end_users", one.customer_id) for one in data.end_users),
        ("purchaser", data.purchaser_id),
        *(("consignees", pk) for pk in data.consignee_ids),
        ("final_consignee", data.final_consignee_id),
        ("forwarder", data.forwarder_id),
    ]
    wanted = {pk for _field, pk in named if pk}
    found = {c.pk: c for c in Customer.objects.filter(pk__in=wanted, organisation=organisation).select_related("party")}
    problems = [
        Problem(field, _("Choose one of your customers.")) for field, pk in named if (pk or field == "customer") and pk not in found
    ]
    first = found.get(data.customer_id)
    if first is not None and (first.party.organisation_id == first.organisation_id) != (data.kind == "stockist"):
        problems.append(Problem("customer", _("Choose the end user; only a declaration for stock is about yourselves.")))
    if problems:
        raise Incomplete(problems)
    return found


def clauses_for(data: DeclarationData) -> ClauseSet:
    """The undertakings in force today for these goods and this place. Raises Incomplete."""
    return InForce.today(line.product_id for line in data.lines).clauses_for(data)


def _clauses_of_draft(data: DeclarationData, held: ClauseSet | None) -> ClauseSet:
    """What a draft carries: the right ones as soon as goods and place say which, before that any; signing asks again."""
    try:
        now = clauses_for(data) if data.lines else None
    except Incomplete:
        now = None
    if now is None:
        fallback = held or clauses.in_force(civil_today()).first()
        if fallback is None:
            raise Incomplete([Problem("lines", _("No undertakings are in force; the manufacturer must set them first."))])
        return fallback
    if held is None:
        return now
    try:
        clauses.check_still_good(held=held, now=now, on=civil_today())
    except NotAllowed:
        return now
    return held


def _check_whole(data: DeclarationData, had: DeclarationVersion | None) -> None:
    """What PostgreSQL would refuse, and goods that nobody can order, named at their field.

    What left the catalogue since it was declared (`had`: what the draft begins with) is kept, and said at its line until it is mended.
    """
    problems = [Problem("lines", _("Quantities are more than zero.")) for line in data.lines if line.quantity <= 0][:1]
    if data.valid_until <= data.valid_from:
        problems.append(Problem("valid_until", _("The validity ends before it begins; correct one of the dates.")))
    problems += not_kept(data)
    if len({line.product_id for line in data.lines}) != len(data.lines):
        problems.append(Problem("lines", _("A product stands there twice; add the two up.")))
    known = set(current_products().filter(pk__in=[x.product_id for x in data.lines]).values_list("pk", flat=True))
    known |= {line.product_id for line in lines_of(had)} if had is not None else set()
    if any(line.product_id not in known for line in data.lines):
        problems.append(Problem("lines", _("A product is no longer in the catalogue; choose another.")))
    if problems:
        raise Incomplete(problems)


def write_parts(version: DeclarationVersion, data: DeclarationData) -> None:
    """Goods, further parties and shares of a version as they are typed."""
    version.lines.all().delete()
    version.parties.all().delete()
    version.shares.all().delete()
    DeclarationLine.objects.bulk_create(
        DeclarationLine(version=version, product_id=line.product_id, quantity=line.quantity, ceiling=line.ceiling) for line in data.lines
    )
    DeclarationParty.objects.bulk_create(
        DeclarationParty(
            version=version,
            role="end_user",
            position=position,
            customer_id=one.customer_id,
            place_address=one.place_address.strip(),
            place_country=one.place_country,
            place_division=one.place_division,
        )
        for position, one in enumerate(data.end_users)
    )
    alone = {"purchaser": data.purchaser_id, "final": data.final_consignee_id, "forwarder": data.forwarder_id}
    on_the_way = [("consignee", position, pk) for position, pk in enumerate(data.consignee_ids)]
    on_the_way += [(role, 0, pk) for role, pk in alone.items() if pk]
    DeclarationParty.objects.bulk_create(
        DeclarationParty(version=version, role=role, position=position, customer_id=pk) for role, position, pk in on_the_way
    )
    DeclarationShare.objects.bulk_create(
        DeclarationShare(version=version, customer_id=one.customer_id, product_id=share.product_id, quantity=share.quantity)
        for one in data.end_users
        for share in one.shares
        if share.quantity > 0
    )


def kept_fields(data: DeclarationData) -> dict[str, object]:
    """The version's own columns."""
    kept = data.stripped()
    return {name: getattr(kept, name) for name in KEPT}


@transaction.atomic
def draft(
    *,
    by: User,
    data: DeclarationData,
    form_key: str,
    follows: Declaration | None = None,
    how: str = "",
    answered: Iterable[str] = GROUPS,
) -> Declaration:
    """Start a declaration with its first version, as a copy, an amendment or a renewal (`how`) of `follows` where that is given.

    `answered` are the groups of the form that were filled in. The same form twice returns the first.
    Raises Incomplete, and NotAllowed (followed) where another follows it already.
    """
    if by.organisation is None:
        raise NotAllowed(_("You act for no distributor."), "no_organisation")
    earlier = Declaration.objects.filter(form_key=form_key, organisation=by.organisation).first()
    if earlier is not None:
        return earlier
    _check_whole(data, version_of(follows) if follows is not None else None)
    _check_same_user(follows, how, data)
    customers = _customers(by.organisation, data)
    clause_set = _clauses_of_draft(data, None)
    declaration = None
    while declaration is None:
        try:
            with transaction.atomic():
                declaration = Declaration.objects.create(
                    number=new_number("EUD", timezone.now().year),
                    organisation=by.organisation,
                    customer=customers[data.customer_id],
                    created_by=by,
                    form_key=form_key,
                    follows=follows,
                    follows_as=how,
                )
        except IntegrityError:
            check_free(follows, how)
            if Declaration.objects.filter(form_key=form_key).exists():
                raise StaleState(_("The form was sent twice; the first one was kept.")) from None
    version = DeclarationVersion.objects.create(
        declaration=declaration, number=1, clause_set=clause_set, created_by=by, answered=sorted(answered), **kept_fields(data)
    )
    write_parts(version, data)
    if follows is not None and how == Declaration.Follows.AMEND:
        copy_documents(version_of(follows), version)
    record(verb="declaration.drafted", obj=declaration, by=by, data={"customer": data.customer_id, **_said(follows, how)})
    return declaration


def _said(follows: Declaration | None, how: str) -> dict[str, str]:
    return {} if follows is None else {"follows": follows.pk, "as": how}


def _check_same_user(follows: Declaration | None, how: str, data: DeclarationData) -> None:
    if follows is not None and how in {"amend", "renew"} and data.customer_id != follows.customer_id:
        told = {"n": follows.number}
        raise Incomplete([Problem("customer", _("%(n)s is for another end user. Prepare a new declaration for this one.") % told)])


def check_free(follows: Declaration | None, how: str) -> None:
    """Raise NotAllowed (followed), naming it, where an amendment or a renewal of the declaration is on its way already."""
    if follows is None or how == Declaration.Follows.COPY:
        return
    other = follows.followers.filter(follows_as=how).exclude(status__in=[Status.WITHDRAWN, Status.REFUSED, Status.EXPIRED]).first()
    if other is not None:
        told = {"n": follows.number, "other": other.number}
        raise NotAllowed(_("%(other)s follows %(n)s already. Go on with that one, or withdraw it first.") % told, "followed")


def locked_draft(declaration: Declaration, by: User) -> Declaration:
    """The draft, locked. Raises NotAllowed (own_organisation), or StaleState when it is no draft any more."""
    locked = Declaration.objects.select_for_update().get(pk=declaration.pk)
    if by.organisation is None or locked.organisation_id != by.organisation.pk:
        raise NotAllowed(_("This declaration belongs to another distributor."), "own_organisation")
    if locked.status != Status.DRAFT:
        raise StaleState(_("The declaration is no longer a draft; load it again."))
    return locked


@transaction.atomic
def edit(*, declaration: Declaration, by: User, data: DeclarationData, answered: Iterable[str] = GROUPS) -> None:
    """Change the whole draft; `answered` are the groups that were filled in, beside those that were before. Raises Incomplete, StaleState."""
    _rewrite(locked_draft(declaration, by), by, data, answered=answered)


@transaction.atomic
def save_group(*, declaration: Declaration, by: User, group: str, was: str, change: Callable[[DeclarationData], DeclarationData]) -> None:
    """Save one group of the form. `was` is the stamp (data.stamp_of) of what the page was filled in from, `change` puts in what was typed.

    Raises Overtaken where that group was saved since by somebody else, Incomplete, StaleState; then nothing is written.
    """
    locked = locked_draft(declaration, by)
    now = data_of(version_of(locked))
    if stamp_of(group, now) != was:
        # The same form sent twice is no conflict: it says what is kept already.
        if stamp_of(group, change(now)) == stamp_of(group, now):
            return
        raise Overtaken(now)
    _rewrite(locked, by, change(now), answered=[group])


@transaction.atomic
def put_back(*, declaration: Declaration, by: User, data: DeclarationData) -> None:
    """Make a draft again what it was before an upload. The right was asked when that was asked for. Raises StaleState."""
    locked = Declaration.objects.select_for_update().get(pk=declaration.pk)
    if locked.status != Status.DRAFT:
        raise StaleState(_("The declaration is no longer a draft; load it again."))
    _write(locked, by, data, version_of(locked).clause_set, ())


def _rewrite(locked: Declaration, by: User, data: DeclarationData, *, answered: Iterable[str]) -> None:
    _check_whole(data, version_of(locked))
    _check_same_user(locked.follows, locked.follows_as, data)
    _customers(locked.organisation, data)
    _write(locked, by, data, _clauses_of_draft(data, version_of(locked).clause_set), answered)


def _write(locked: Declaration, by: User, data: DeclarationData, clause_set: ClauseSet, answered: Iterable[str]) -> None:
    version = version_of(locked)
    Declaration.objects.filter(pk=locked.pk).update(customer_id=data.customer_id)
    groups = sorted({*version.answered, *answered})
    DeclarationVersion.objects.filter(pk=version.pk).update(clause_set=clause_set, answered=groups, **kept_fields(data))
    write_parts(version, data)
    record(verb="declaration.edited", obj=locked, by=by, data={"version": version.number})


@transaction.atomic
def add_document(*, declaration: Declaration, by: User, title: str, blob: Blob) -> DeclarationDocument:
    """Put a stored file with a draft. The same bytes twice are one. Raises NotAllowed (title, file), StaleState."""
    version = version_of(locked_draft(declaration, by))
    if len(title.strip()) < 2:  # noqa: PLR2004
        raise NotAllowed(_("Say what the document is, such as: contract, tender, letter of the end user."), "title")
    earlier = version.documents.filter(blob__sha256=blob.sha256).first()
    if earlier is not None:
        return earlier
    if version.documents.count() >= MOST_DOCUMENTS:
        raise NotAllowed(_("A declaration holds at most %(n)d documents; take one out first.") % {"n": MOST_DOCUMENTS}, "file")
    made = DeclarationDocument.objects.create(version=version, title=title.strip(), blob=blob, added_by=by)
    record(verb="declaration.document_added", obj=declaration, by=by, data={"sha256": blob.sha256, "version": version.number})
    return made


@transaction.atomic
def remove_document(*, declaration: Declaration, by: User, pk: str) -> None:
    """Take a document out of a draft; repeating it changes nothing. Raises StaleState."""
    version = version_of(locked_draft(declaration, by))
    found = version.documents.filter(pk=pk).select_related("blob").first()
    if found is not None:
        record(verb="declaration.document_removed", obj=declaration, by=by, data={"sha256": found.blob.sha256, "version": version.number})
        found.delete()


@transaction.atomic
def pass_over(*, declaration: Declaration, by: User, group: str) -> None:
    """Go on from a group that asks for nothing. Raises StaleState."""
    version = version_of(locked_draft(declaration, by))
    DeclarationVersion.objects.filter(pk=version.pk).update(answered=sorted({*version.answered, group}))


def copy_documents(earlier: DeclarationVersion, version: DeclarationVersion) -> None:
    """A new version begins with the documents of the last."""
    for held in earlier.documents.all():
        DeclarationDocument.objects.create(version=version, title=held.title, blob_id=held.blob_id, added_by_id=held.added_by_id)
