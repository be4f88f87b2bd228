"""Programs and webhooks of one's own organisation: made with a fresh second factor, ended without one. A secret is shown once."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from certifications.ledger.moves import NotAllowed
from certifications.machines import actions, queries
from certifications.machines.rules import scopes_for
from certifications.pages.factor import factor_of
from certifications.people.factors import FactorRefused, begin, has_passkey, prove
from certifications.people.models import Organisation, User
from certifications.people.permissions import requires

from .forms import ClientForm, WebhookForm

RIGHTS = queries.MANAGERS


@requires(*RIGHTS)
def index(request: HttpRequest) -> HttpResponse:
    """One's own organisation's programs and addresses."""
    user: User = request.user  # type: ignore[assignment]
    known = scopes_for(is_maker=True)
    clients = queries.clients_visible_to(user).select_related("made_by", "revoked_by")
    context = {
        "clients": [{"client": c, "may": [known[s] for s in c.scopes if s in known]} for c in clients],
        "webhooks": queries.webhooks_visible_to(user).select_related("made_by"),
        "token_url": request.build_absolute_uri(reverse("api:token")),
    }
    return render(request, "programs/list.html", context)


def _made(request: HttpRequest, form: Any, digest_of: Callable[[], str], make: Callable[[Any], tuple[Any, str]]) -> tuple[Any, str] | None:
    """Prove a factor over exactly these words, then make it; None when the form comes back with its errors."""
    user: User = request.user  # type: ignore[assignment]
    try:
        digest = digest_of()
        proof = prove(
            user,
            digest=digest,
            purpose="program",
            **factor_of(request),
        )
        return make(proof)
    except FactorRefused as refusal:
        form.add_error(None, str(refusal))
        # The passkey's question over the words as they were just typed.
        form.passkey = begin(user, digest, request.session)
    except NotAllowed as refusal:
        form.add_error(refusal.code if refusal.code in form.fields else None, str(refusal))
    return None


def _form_page(request: HttpRequest, form: Any, **words: Any) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    context = {"form": form, "passkey": getattr(form, "passkey", None), "passkey_next": has_passkey(user), **words}
    return render(request, "programs/form.html", context, status=422 if form.is_bound else 200)


@requires(*RIGHTS)
def new_client(request: HttpRequest) -> HttpResponse:
    """Make a program; its secret is on the answer and nowhere else."""
    user: User = request.user  # type: ignore[assignment]
    form = ClientForm(
        request.POST or None, is_maker=user.organisation is not None and user.organisation.kind == Organisation.Kind.MANUFACTURER
    )
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data

        def digest() -> str:
            own = actions.check_client(by=user, **words)
            return actions.client_digest(organisation=own, **words)

        made = _made(request, form, digest, lambda proof: actions.make_client(by=user, proof=proof, **words))
        if made is not None:
            rows = [
                (_("Client id"), made[0].pk),
                (_("Secret"), made[1]),
                (_("Token address"), request.build_absolute_uri(reverse("api:token"))),
            ]
            return _secret_page(request, _("The program is made"), rows)
    return _form_page(request, form, title=_("A new program"), action=_("Make the program"))


def _secret_page(request: HttpRequest, title: str, rows: list[tuple[str, str]]) -> HttpResponse:
    return render(request, "programs/secret.html", {"title": title, "rows": rows})


@requires(*RIGHTS)
def revoke(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask, then end a program and its tokens at once."""
    user: User = request.user  # type: ignore[assignment]
    client = get_object_or_404(queries.clients_visible_to(user), pk=pk)
    if request.method == "POST":
        return _ended(request, lambda: actions.revoke_client(client=client, by=user), _("The program is revoked; its tokens have ended."))
    return _ask(
        request,
        _("Revoke %(n)s?") % {"n": client.name},
        _("Its tokens end at once, and it gets no other. This cannot be undone."),
        _("Revoke"),
    )


def _ask(request: HttpRequest, title: str, text: str, action: str) -> HttpResponse:
    context = {"title": title, "text": text, "action": action, "back_url": reverse("programs:list"), "danger": True}
    return render(request, "components/confirm.html", context)


def _ended(request: HttpRequest, act: Callable[[], None], done: str) -> HttpResponse:
    try:
        act()
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("programs:list")


@requires(*RIGHTS)
def new_webhook(request: HttpRequest) -> HttpResponse:
    """Name an address that is told of changes; the secret that signs is shown once."""
    user: User = request.user  # type: ignore[assignment]
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        url = form.cleaned_data["url"]

        def digest() -> str:
            own = actions.check_webhook(by=user, url=url)
            return actions.webhook_digest(organisation=own, url=url)

        made = _made(request, form, digest, lambda proof: actions.make_webhook(by=user, url=url, proof=proof))
        if made is not None:
            return _secret_page(
                request, _("The address is told of changes from now on"), [(_("Address"), url), (_("Signing secret"), made[1])]
            )
    return _form_page(request, form, title=_("An address to tell"), action=_("Add the address"))


@requires(*RIGHTS)
def webhook(request: HttpRequest, pk: str) -> HttpResponse:
    """One address and its newest messages."""
    user: User = request.user  # type: ignore[assignment]
    hook = get_object_or_404(queries.webhooks_visible_to(user), pk=pk)
    return render(request, "programs/webhook.html", {"hook": hook, "deliveries": hook.deliveries.order_by("-made_at")[:50]})


@requires(*RIGHTS)
def remove(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask, then tell the address nothing more."""
    user: User = request.user  # type: ignore[assignment]
    hook = get_object_or_404(queries.webhooks_visible_to(user), pk=pk)
    if request.method == "POST":
        return _ended(request, lambda: actions.remove_webhook(webhook=hook, by=user), _("The address is told nothing more."))
    return _ask(request, _("Remove this address?"), hook.url, _("Remove"))


@requires(*RIGHTS)
@require_POST
def enable(request: HttpRequest, pk: str) -> HttpResponse:
    """Try a disabled address again."""
    user: User = request.user  # type: ignore[assignment]
    hook = get_object_or_404(queries.webhooks_visible_to(user), pk=pk)
    return _ended(request, lambda: actions.enable_webhook(webhook=hook, by=user), _("The address is tried again from now on."))
