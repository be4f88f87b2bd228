"""What the frame of a page shows: where one may go, who one is, which theme. A link appears only where its page would.

Asks permissions, never roles; the views ask the same again. A name without an address yet shows no link.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from certifications.ledger.listed import listed
from certifications.people.models import User
from certifications.people.permissions import ROLES, Permission, permissions_of
from portal.preferences import theme_of

P = Permission


@dataclass(frozen=True)
class Link:
    """One link of the frame."""

    label: Any
    url: str
    current: bool = False
    icon: str = "arrow"
    count: int = 0


# (permission or None for everybody, label, names of the address: the first that exists)
SIGNED_IN: tuple[tuple[Permission, Any, tuple[str, ...]], ...] = (
    (P.SEE_OWN_DECLARATIONS, _("Home"), ("distributors:home",)),
    (P.SEE_OWN_DECLARATIONS, _("Declarations"), ("distributors:declarations",)),
    (P.SEE_OWN_DECLARATIONS, _("Customers"), ("distributors:customers",)),
    (P.EDIT_CUSTOMERS, _("Uploads"), ("distributors:uploads",)),
    (P.SEE_OWN_DECLARATIONS, _("Sales reports"), ("distributors:reports",)),
    (P.SEE_OWN_DECLARATIONS, _("Attestations"), ("distributors:attestations",)),
    (P.SEE_OWN_DECLARATIONS, _("Tender letters"), ("distributors:letters",)),
    (P.SEE_OWN_ORDERS, _("Orders"), ("orders:list",)),
    (P.INVITE_OWN, _("People"), ("people:own",)),
    (P.SIGN_DECLARATIONS, _("Powers to sign"), ("people:delegations",)),
    (P.MANAGE_OWN_PROGRAMS, _("Programs"), ("programs:list",)),
    (P.SEE_CHANNEL, _("Distributors"), ("sales:distributors",)),
    (P.SEE_CASES, _("Queue"), ("compliance:queue",)),
    (P.SEE_EVIDENCE, _("Evidence"), ("compliance:evidence",)),
    (P.READ_TIPS, _("Tips"), ("compliance:tips",)),
    (P.SEE_PARTIES, _("Parties"), ("compliance:parties",)),
    (P.SEE_REGISTER, _("Register"), ("compliance:register",)),
    (P.SEE_CATALOGUE, _("Catalogue"), ("compliance:catalogue",)),
    (P.RELEASE, _("Release"), ("compliance:release",)),
    (P.SEE_ALL_ATTESTATIONS, _("Attestations"), ("compliance:attestations",)),
    (P.SEE_ALL_ORDERS, _("Orders"), ("orders:list",)),
    # The order desk's; compliance comes to them from movements and units.
    (P.CHECK_ANY_ORDERS, _("Uploads"), ("compliance:uploads",)),
    (P.SEE_LISTS, _("Lists"), ("operators:lists",)),
    (P.INVITE_ANY, _("People"), ("people:own",)),
    (P.SEE_SCOPED_ATTESTATIONS, _("Attestations"), ("regulators:attestations",)),
    (P.ASK_EMERGENCY, _("Emergency access"), ("emergency:list",)),
    (P.SEE_HEALTH, _("Health"), ("operators:health",)),
    (P.MANAGE_MAKER_PROGRAMS, _("Programs"), ("programs:list",)),
)
OPEN: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_("Verify a document"), ("public:verify",)),
    (_("Check a seller"), ("channel:check",)),
    (_("Send a tip"), ("channel:tip",)),
)
ACCOUNT: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    (_("Second factor and passkeys"), "key", ("mfa_index",)),
    (_("Absences"), "users", ("people:leave",)),
    (_("Where you are signed in"), "globe", ("usersessions_list",)),
    (_("Change your password"), "lock", ("account_change_password",)),
)
# The mailbox exists in the demonstration alone.
MAILBOX = ((_("Local mailbox"), ("people:mailbox",)),)


def address(names: tuple[str, ...]) -> str:
    """The address of the first name that exists; empty when none does."""
    for name in names:
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return ""


# Pages of a link that do not stand under its own address.
ALSO: dict[str, tuple[str, ...]] = {
    "distributors:reports": ("distributors:movements",),
    "compliance:register": ("compliance:reports", "compliance:movements", "compliance:units", "compliance:uploads"),
    "compliance:evidence": ("compliance:tip-readers",),
}


def _items(request: HttpRequest, rows: list[tuple[Any, str, tuple[str, ...]]]) -> list[Link]:
    """Links in order; the one with the longest address that holds this page, its own or one that stands for it, is the current one."""
    reach = [
        max((len(start) for start in (url, *map(_reversed, also)) if _holds(start, request.path)), default=0) for _label, url, also in rows
    ]
    here = reach.index(max(reach)) if any(reach) else None
    return [Link(label, url, current=number == here) for number, (label, url, _also) in enumerate(rows)]


def _reversed(name: str) -> str:
    return address((name,))


def _holds(start: str, path: str) -> bool:
    return bool(start) and (path == start or (start != "/" and path.startswith(start)))


@dataclass(frozen=True)
class Frame:
    """Everything that the frame shows of a request."""

    items: list[Link]
    account: list[Link]
    foot: list[Link]
    is_signed_in: bool
    name: str = ""
    email: str = ""
    organisation: str = ""
    roles: str = ""
    login_url: str = ""
    logout_url: str = ""


def frame(request: HttpRequest) -> Frame:
    """The frame for whoever asks."""
    user = getattr(request, "user", None)
    shown = (*OPEN, *(MAILBOX if settings.PORTAL_DEMO else ()))
    foot = [Link(label, url) for label, names in shown if (url := address(names))]
    if not isinstance(user, User):
        rows = [(label, url, ()) for label, names in OPEN if (url := address(names))]
        return Frame(_items(request, rows), [], foot, is_signed_in=False, login_url=address(("account_login",)))
    rights = permissions_of(user)
    rows = []
    for right, label, names in SIGNED_IN:
        url = address(names) if right in rights else ""
        if url and url not in {known for _known, known, _also in rows}:
            rows.append((label, url, ALSO.get(names[0], ())))
    account = [
        Link(label, url, current=request.path.startswith(url), icon=icon) for label, icon, names in ACCOUNT if (url := address(names))
    ]
    return Frame(
        _items(request, rows),
        account,
        foot,
        is_signed_in=True,
        name=user.name,
        email=user.email,
        organisation=user.organisation.name if user.organisation else "",
        roles=listed(str(ROLES[code].word) for code in sorted(user.roles) if code in ROLES),
        logout_url=address(("account_logout",)),
    )


def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Lazy: a page that shows no navigation (an outage) asks the database nothing."""
    return {
        "nav": SimpleLazyObject(lambda: frame(request)),
        "theme": theme_of(request),
        "issuer_name": settings.ISSUER_NAME,
        "is_demo": settings.PORTAL_DEMO,
    }
