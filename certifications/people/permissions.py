"""What a person may do. Deny by default: a right exists only where a role names it."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from .models import Organisation, User
from .models_tips import TIP_READER


class Permission(StrEnum):
    """One right each; a page and its POST ask for the same."""

    SEE_OWN_DECLARATIONS = "see_own_declarations"
    EDIT_DECLARATIONS = "edit_declarations"
    SIGN_DECLARATIONS = "sign_declarations"
    EDIT_CUSTOMERS = "edit_customers"
    ANSWER_QUESTIONS = "answer_questions"
    ASK_END_USER = "ask_end_user"
    ASK_LETTERS = "ask_letters"
    EDIT_STOCK = "edit_stock"
    REPORT_SALES = "report_sales"
    CONFIRM_STOCK = "confirm_stock"
    CHECK_OWN_STATEMENTS = "check_own_statements"
    CHECK_ANY_STATEMENTS = "check_any_statements"
    INVITE_OWN = "invite_own"
    MANAGE_DELEGATIONS = "manage_delegations"
    AGREE_DELEGATIONS = "agree_delegations"
    SEE_CASES = "see_cases"
    DECIDE_CASES = "decide_cases"
    SEE_EVIDENCE = "see_evidence"
    CAPTURE_EVIDENCE = "capture_evidence"
    CONFIRM_EVIDENCE = "confirm_evidence"
    SET_BULK_LIMIT = "set_bulk_limit"
    RELEASE = "release"
    SEE_REGISTER = "see_register"
    EDIT_REGISTER = "edit_register"
    CHANGE_AUTHORISATIONS = "change_authorisations"
    APPROVE_RESELLERS = "approve_resellers"
    SEE_PARTIES = "see_parties"
    CHANGE_ALIASES = "change_aliases"
    EDIT_OWNERS = "edit_owners"
    RESOLVE_IDENTITIES = "resolve_identities"
    SEE_CATALOGUE = "see_catalogue"
    EDIT_CATALOGUE = "edit_catalogue"
    AGREE_CATALOGUE = "agree_catalogue"
    NOMINATE_RESELLERS = "nominate_resellers"
    ACCEPT_TERMS = "accept_terms"
    SEE_ALL_ATTESTATIONS = "see_all_attestations"
    CHANGE_STATUS = "change_status"
    SEE_LISTS = "see_lists"
    IMPORT_LISTS = "import_lists"
    ACCEPT_LISTS = "accept_lists"
    INVITE_ANY = "invite_any"
    SEE_SCOPED_ATTESTATIONS = "see_scoped_attestations"
    SEE_OWN_ORDERS = "see_own_orders"
    SEE_ALL_ORDERS = "see_all_orders"
    CHECK_OWN_ORDERS = "check_own_orders"
    CHECK_ANY_ORDERS = "check_any_orders"
    MANAGE_OWN_PROGRAMS = "manage_own_programs"
    MANAGE_MAKER_PROGRAMS = "manage_maker_programs"
    SEE_CHANNEL = "see_channel"
    SEE_MOVEMENTS = "see_movements"
    REPORT_SHIPMENTS = "report_shipments"
    REPORT_SERVICE = "report_service"
    ASK_EMERGENCY = "ask_emergency"
    AGREE_EMERGENCY = "agree_emergency"
    AGREE_PRICES = "agree_prices"
    NAME_TIP_READERS = "name_tip_readers"
    READ_TIPS = "read_tips"
    SEE_HEALTH = "see_health"
    OPERATE = "operate"


P = Permission
_READ_COMPLIANCE = {
    P.SEE_CASES, P.SEE_EVIDENCE, P.SEE_ALL_ATTESTATIONS, P.SEE_LISTS, P.SEE_REGISTER, P.SEE_PARTIES, P.SEE_ALL_ORDERS,
    P.SEE_CATALOGUE, P.SEE_MOVEMENTS,
}  # fmt: skip
_REVIEW = _READ_COMPLIANCE | {
    P.DECIDE_CASES, P.CAPTURE_EVIDENCE, P.CONFIRM_EVIDENCE, P.CHANGE_STATUS, P.RELEASE, P.ACCEPT_LISTS,
    P.CHANGE_AUTHORISATIONS, P.APPROVE_RESELLERS, P.CHANGE_ALIASES, P.EDIT_OWNERS, P.CHECK_ANY_STATEMENTS,
    P.AGREE_CATALOGUE, P.AGREE_DELEGATIONS, P.AGREE_EMERGENCY, P.AGREE_PRICES, P.RESOLVE_IDENTITIES,
    P.NAME_TIP_READERS, P.REPORT_SHIPMENTS, P.REPORT_SERVICE,
}  # fmt: skip


class Role:
    """A role: its code, its side, a sentence for people, its rights. `by_name`: two people give it, and no invitation."""

    def __init__(self, code: str, side: str, word: Any, sentence: Any, rights: set[Permission], *, by_name: bool = False) -> None:
        self.code, self.side, self.word, self.sentence = code, side, word, sentence
        self.rights, self.by_name = frozenset(rights), by_name


ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        Role(
            "filer",
            "distributor",
            _("Filer"),
            _("Registers customers and prepares declarations."),
            {
                P.SEE_OWN_DECLARATIONS,
                P.EDIT_DECLARATIONS,
                P.EDIT_CUSTOMERS,
                P.ANSWER_QUESTIONS,
                P.ASK_END_USER,
                P.ASK_LETTERS,
                P.EDIT_STOCK,
                P.REPORT_SALES,
                P.NOMINATE_RESELLERS,
                P.SEE_OWN_ORDERS,
                P.CHECK_OWN_ORDERS,
            },
        ),
        Role(
            "signatory",
            "distributor",
            _("Signatory"),
            _("Reads and signs declarations for the distributor."),
            {
                P.SEE_OWN_DECLARATIONS,
                P.SIGN_DECLARATIONS,
                P.ANSWER_QUESTIONS,
                P.ASK_END_USER,
                P.ASK_LETTERS,
                P.CONFIRM_STOCK,
                P.CHECK_OWN_STATEMENTS,
                P.NOMINATE_RESELLERS,
                P.ACCEPT_TERMS,
                P.SEE_OWN_ORDERS,
            },  # fmt: skip,
        ),
        Role(
            "distributor_admin",
            "distributor",
            _("Administrator"),
            _("Looks after the distributor's people, their powers to sign, and the programs that ask for it."),
            {P.SEE_OWN_DECLARATIONS, P.INVITE_OWN, P.MANAGE_DELEGATIONS, P.SEE_OWN_ORDERS, P.MANAGE_OWN_PROGRAMS},
        ),
        Role("reviewer", "manufacturer", _("Reviewer"), _("Decides flags, confirms evidence, releases attestations."), _REVIEW),
        Role(
            "lead",
            "manufacturer",
            _("Lead"),
            _("Everything a reviewer does, and lists, the register, the catalogue and staff."),
            _REVIEW | {P.SET_BULK_LIMIT, P.IMPORT_LISTS, P.INVITE_ANY, P.EDIT_REGISTER, P.MANAGE_MAKER_PROGRAMS, P.EDIT_CATALOGUE},
        ),
        Role(
            "order_desk",
            "manufacturer",
            _("Order desk"),
            _("Asks for any distributor's orders whether they may ship, and records what shipped; sees no customer's name."),
            {P.SEE_ALL_ORDERS, P.CHECK_ANY_ORDERS, P.REPORT_SHIPMENTS, P.ASK_EMERGENCY},
        ),
        Role(
            "sales",
            "manufacturer",
            _("Sales"),
            _("Sees distributors, their authorisations, and what they ordered; no end user, no customer, no price."),
            {P.SEE_CHANNEL, P.ASK_EMERGENCY},
        ),
        Role(
            TIP_READER,
            "manufacturer",
            _("Tip reader"),
            _("Reads tips from outside and asks back; named by two people, beside another role."),
            {P.READ_TIPS},
            by_name=True,
        ),
        Role("auditor", "manufacturer", _("Auditor"), _("Reads everything, changes nothing."), _READ_COMPLIANCE | {P.SEE_HEALTH}),
        Role(
            "operator",
            "manufacturer",
            _("Operator"),
            _("Keeps the installation running; sees no customer."),
            {P.SEE_HEALTH, P.OPERATE, P.SEE_LISTS, P.ASK_EMERGENCY},
        ),
        Role(
            "regulator",
            "regulator",
            _("Regulator"),
            _("Sees attestations within its jurisdiction, and verifies them."),
            {P.SEE_SCOPED_ATTESTATIONS},
        ),
    )
}
# Everybody who can sign, decide, administer, audit, operate or see as a regulator; a filer alone may do without.
NEED_SECOND_FACTOR = frozenset(ROLES) - {"filer"}


def permissions_of(user: Any) -> frozenset[Permission]:
    """All rights of a user now; none for anybody who is not signed in."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    organisation: Organisation | None = user.organisation
    kind = organisation.kind if organisation else ""
    rights: set[Permission] = set()
    for code in user.roles:
        role = ROLES.get(code)
        if role is not None and role.side == kind:
            rights |= role.rights
    return frozenset(rights)


def may(user: Any, permission: Permission) -> bool:
    """Whether the user holds the right now."""
    return permission in permissions_of(user)


def check(user: Any, permission: Permission) -> None:
    """Raise PermissionDenied where `may` says no."""
    if not may(user, permission):
        raise PermissionDenied


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """The page where one signs in; for a piece of a page nothing, so that the form that it belongs to stays as it was typed."""
    return HttpResponse(status=204) if "HX-Request" in request.headers else redirect_to_login(request.get_full_path())


def requires(*permissions: Permission) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Guard a view: sign-in for nobody, 404 for everybody without one of the rights (what one may not see does not exist).

    Marks the view, so that the URL x role matrix knows what it asks for.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return to_sign_in(request)
            if not permissions_of(request.user) & set(permissions):
                raise Http404
            return view(request, *args, **kwargs)

        guarded.permission = " or ".join(permission.value for permission in permissions)  # type: ignore[attr-defined]
        return guarded

    return decorate


def public(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a view that anybody may open, so that the matrix knows it was meant."""
    view.permission = None  # type: ignore[attr-defined]
    return view


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Guard a view that every signed-in person may open."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        return view(request, *args, **kwargs)

    guarded.permission = "signed_in"  # type: ignore[attr-defined]
    return guarded
