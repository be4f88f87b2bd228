"""A declaration is filled in group by group, each saved on Continue; it may be left at any time and is checked as a whole at the end."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from certifications.catalogue.models import Product
from certifications.catalogue.queries import current_products
from certifications.declarations import queries
from certifications.declarations.changes import changes
from certifications.declarations.data import GROUPS, DeclarationData, group_of, part_of, stamp_of
from certifications.declarations.drafting import Overtaken
from certifications.declarations.in_force import Incomplete
from certifications.declarations.models import Declaration
from certifications.declarations.named import named_notes
from certifications.declarations.rules import Problem
from certifications.declarations.rules_checks import notes
from certifications.files.rules import MAX_PAPER_MB
from certifications.flow import sign as flow
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.ledger.listed import listed
from certifications.ledger.moves import NotAllowed
from certifications.pages.papers import served
from certifications.parties.queries import customers_visible_to, display
from certifications.parties.queries_card import sites_of
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from portal.bodies import takes
from portal.words import word_for

from . import wizard
from .checking import cards
from .forms_declare import DocumentForm, GroupForm, PartiesForm
from .forms_route import FORMS


def _empty(customer_id: str, country: str = "CN") -> DeclarationData:
    """What a draft holds before anything was said: it is valid for a year from today."""
    today = civil_today()
    return DeclarationData(
        customer_id=customer_id,
        lines=(),
        end_use="",
        place_address="",
        place_country=country,
        valid_from=today,
        valid_until=today.replace(year=today.year + 1, day=min(today.day, 28)),
    )


def _show(request: HttpRequest, form: Any, context: dict[str, Any], status: int = 200) -> HttpResponse:
    names = wizard.titles()
    return render(request, "distributors/wizard.html", {"form": form, "titles": names, **context}, status=status)


def _refuse(form: GroupForm, error: NotAllowed) -> None:
    """Put a refusal at its field."""
    for problem in error.problems if isinstance(error, Incomplete) else [Problem(error.code or "", str(error))]:
        form.add_error(wizard.field_of(problem, form.fields), problem.message)


@requires(Permission.EDIT_DECLARATIONS)
def new(request: HttpRequest) -> HttpResponse:
    """Begin a draft with its parties; the first Continue makes it."""
    user: User = request.user  # type: ignore[assignment]
    asked = customers_visible_to(user).filter(pk=request.GET.get("customer", "")[:26]).first()
    blank = _empty(asked.pk if asked else "")
    form = PartiesForm(request.POST or None, user=user, now=blank, products=[], initial={"form_key": new_ulid()})
    form.fields["form_key"].required = True
    if request.method == "POST" and form.is_valid():
        own = form.cleaned_data["kind"] == "stockist"
        try:
            first = flow.stock_customer(by=user) if own else customers_visible_to(user).get(pk=form.cleaned_data["customer"])
            data = form.change_with(first.pk)(_empty(first.pk, first.party.country))
            declaration = flow.draft(by=user, data=data, form_key=form.cleaned_data["form_key"], answered=["parties"])
        except NotAllowed as error:
            _refuse(form, error)
        else:
            return redirect(wizard.address(declaration.number, _after_saving(request, declaration, "parties")))
    elif request.method == "POST":
        form.say_lacks()
    context = {"group": "parties", "steps": wizard.steps(None, None, [], "parties", user)}
    return _show(request, form, context, 422 if form.is_bound else 200)


def _after_saving(request: HttpRequest, declaration: Declaration, group: str) -> str:
    """The page that one goes on to: the same one where something is to be mended in it, or where more rows were asked for."""
    wrong = [problem for problem in flow.problems_of(declaration) if group_of(problem.field) == group]
    if "stay" in request.POST or wrong:
        return group
    return wizard.after(group)


def _draft(request: HttpRequest, number: str) -> Declaration | HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    declaration = queries.get_visible(user, number)
    if declaration.status != Declaration.Status.DRAFT:
        messages.error(request, _("Only a draft can be changed; a signed version never changes."))
        return redirect("distributors:declaration", number=number)
    return declaration


@requires(Permission.EDIT_DECLARATIONS)
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """Go on where something is to do or to mend."""
    declaration = _draft(request, number)
    if isinstance(declaration, HttpResponse):
        return declaration
    page = wizard.next_open(queries.version_of(declaration), flow.problems_of(declaration))
    return redirect(wizard.address(number, page))


@requires(Permission.EDIT_DECLARATIONS)
def step(request: HttpRequest, number: str, group: str) -> HttpResponse:
    """One group: filled in from the draft, saved on Continue; what must be mended in it is said here and keeps nobody from going on."""
    if group not in GROUPS:
        raise Http404
    declaration = _draft(request, number)
    if isinstance(declaration, HttpResponse):
        return declaration
    user: User = request.user  # type: ignore[assignment]
    version = queries.version_of(declaration)
    now = queries.data_of(version)
    # With those of the draft that left the catalogue since: what stands in it is shown, and never dropped unseen.
    held = Product.objects.filter(pk__in=[line.product_id for line in now.lines])
    products = sorted({*current_products(), *held}, key=lambda product: product.catalogue_number)
    given = {"user": user, "now": now, "products": products}
    form = FORMS[group](request.POST or None, initial={"was": stamp_of(group, now)}, **given)
    overtaken: list[Any] = []
    if request.method == "POST" and form.is_valid():
        try:
            change = form.change_with(_own_id(form, user))
            flow.save_group(declaration=declaration, by=user, group=group, was=form.cleaned_data["was"], change=change)
        except Overtaken as error:
            overtaken = _what_differs(group, error.now, change(error.now))
            form.data = {**form.data.dict(), "was": stamp_of(group, error.now)}
            form.add_error(None, str(error))
        except NotAllowed as error:
            _refuse(form, error)
        else:
            return redirect(wizard.address(number, _after_saving(request, declaration, group)))
    elif request.method == "POST":
        form.say_lacks(now.customer_id)
    problems = flow.problems_of(declaration)
    wrong = [problem for problem in problems if group_of(problem.field) == group]
    if request.method != "POST" and group in version.answered and wrong:
        form = _with_problems(FORMS[group], form, wrong, given)
    if group in {"parties", "goods"} and declaration.follows_as in {"amend", "renew"} and "customer" in form.fields:
        form.fields["customer"].widget.attrs["readonly"] = True
    context = {
        "declaration": declaration,
        "group": group,
        "steps": wizard.steps(declaration, version, problems, group, user),
        "name": display(declaration.customer.party),
        "saved": version.answered and group in version.answered,
        "next": wizard.address(number, wizard.after(group)),
        "overtaken": overtaken,
        "sites": _known_places(declaration, user) if group == "end_use" else [],
    }
    return _show(request, form, context, 422 if request.method == "POST" else 200)


def _own_id(form: GroupForm, user: User) -> str:
    return flow.stock_customer(by=user).pk if form.cleaned_data.get("kind") == "stockist" else ""


def _known_places(declaration: Declaration, user: User) -> list[str]:
    """Addresses to choose from: sites of the end users, and of members of their groups where the link covers them."""
    others = [one.customer for one in queries.parties_of(queries.version_of(declaration)) if one.role == "end_user"]
    choices = [choice for customer in (declaration.customer, *others) for choice in sites_of(customer, user)]
    return list(dict.fromkeys(choice.site.address for choice in choices))


def _with_problems(kind: type[GroupForm], form: GroupForm, problems: list[Problem], given: dict[str, Any]) -> GroupForm:
    """The group as it is kept, with what must be mended at each field."""
    kept = {name: form[name].value() for name in form.fields}
    bound = kind({name: "" if value is None else value for name, value in kept.items()}, **given)
    bound.is_valid()
    for problem in problems:
        bound.add_error(wizard.field_of(problem, bound.fields), problem.message)
    return bound


def _what_differs(group: str, now: DeclarationData, mine: DeclarationData) -> list[tuple[str, str, str]]:
    """(what, as it is saved now, as typed here) of each answer of the group that differs."""
    kept, typed = part_of(group, now), part_of(group, mine)
    return [(name, str(kept[name]), str(typed[name])) for name in kept if kept[name] != typed[name]]


@takes(MAX_PAPER_MB)
@requires(Permission.EDIT_DECLARATIONS)
def documents(request: HttpRequest, number: str) -> HttpResponse:
    """The group of documents: put one with the draft, or go on."""
    declaration = _draft(request, number)
    if isinstance(declaration, HttpResponse):
        return declaration
    user: User = request.user  # type: ignore[assignment]
    version = queries.version_of(declaration)
    adds = request.method == "POST" and "add" in request.POST
    form = DocumentForm(request.POST if adds else None, request.FILES if adds else None)
    if request.method == "POST" and not adds:
        try:
            flow.pass_over(declaration=declaration, by=user, group="documents")
        except NotAllowed as error:
            messages.error(request, str(error))
        return redirect(wizard.address(number, "check"))
    if adds and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            flow.add_document(declaration=declaration, by=user, title=form.cleaned_data["title"], content=file.read(), name=file.name)
        except NotAllowed as error:
            form.add_error(error.code if error.code in form.fields else None, str(error))
        else:
            return redirect(wizard.address(number, "documents"))
    context = {
        "declaration": declaration,
        "group": "documents",
        "steps": wizard.steps(declaration, version, flow.problems_of(declaration), "documents", user),
        "name": display(declaration.customer.party),
        "documents": version.documents.select_related("blob", "added_by"),
    }
    return _show(request, form, context, 422 if form.is_bound else 200)


@requires(Permission.SEE_OWN_DECLARATIONS)
def document(request: HttpRequest, number: str, pk: str) -> HttpResponse:
    """A document of the version in play, to be saved and read."""
    user: User = request.user  # type: ignore[assignment]
    declaration = queries.get_visible(user, number)
    found = queries.document_of(queries.version_of(declaration), pk)
    return served(request, blob=found.blob, obj=declaration, back=reverse("distributors:declaration", args=[number]))


@requires(Permission.EDIT_DECLARATIONS)
@require_POST
def remove_document(request: HttpRequest, number: str, pk: str) -> HttpResponse:
    """Take a document out of a draft."""
    declaration = _draft(request, number)
    if isinstance(declaration, HttpResponse):
        return declaration
    user: User = request.user  # type: ignore[assignment]
    try:
        flow.remove_document(declaration=declaration, by=user, pk=pk)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The document was taken out."))
    return redirect(wizard.address(number, "documents"))


@requires(Permission.SEE_OWN_DECLARATIONS)
def check(request: HttpRequest, number: str) -> HttpResponse:
    """Every answer with the way to change it, and everything that must be mended, before somebody signs."""
    user: User = request.user  # type: ignore[assignment]
    declaration = queries.get_visible(user, number)
    if declaration.status != Declaration.Status.DRAFT:
        return redirect("distributors:declaration", number=number)
    version = queries.version_of(declaration)
    data, text = queries.data_of(version), queries.shown_text(version)
    problems = flow.problems_of(declaration)
    rows = wizard.steps(declaration, version, problems, "check", user)
    todo = [row for row in rows[: len(GROUPS)] if row.state == wizard.TODO]
    before = queries.text_before(declaration)
    samples = {line.product_id: line.product.samples_per_unit or 0 for line in queries.lines_of(version)}
    outside = queries.outside_authorisation(declaration) if data.lines else []
    can_edit = may(user, Permission.EDIT_DECLARATIONS)
    groups = cards(declaration, data, text, [problem for problem in problems if group_of(problem.field) in version.answered])
    context = {
        "declaration": declaration,
        "steps": rows,
        "name": display(declaration.customer.party),
        "cards": groups,
        "text": text,
        "roles": {row["role"] for row in text.get("on_the_way", ())},
        "problems": [row.problem() for card in groups for row in card.rows if row.problems] if can_edit else [],
        "todo": todo,
        "notes": [*notes(data, samples), *named_notes(text)],
        "outside": listed(str(word_for("line", line).text) for line in outside),
        "before": before,
        "changes": changes(before, text) if before is not None else [],
        "can_edit": can_edit,
        "can_sign": may(user, Permission.SIGN_DECLARATIONS) and not problems and not todo,
        "is_whole": not problems and not todo,
    }
    return render(request, "distributors/check.html", context)
