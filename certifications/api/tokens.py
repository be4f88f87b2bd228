"""OAuth 2.0 client credentials (RFC 6749, section 4.4): a program's id and secret for a short-lived token.

Forty lines of our own and no library: the ones that fit bring a whole provider with consent pages and keys (docs/adr/0012).
"""

import base64
import binascii
from urllib.parse import unquote

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, JsonResponse
from ninja import Router

from certifications.machines.actions import NoToken, issue_token
from certifications.machines.rules import TOKEN_SECONDS
from certifications.people.limits import over
from certifications.people.security import note

from . import schemas
from .bodies import check_size

router = Router(tags=["tokens"])
PER_MINUTE = 60
FORM = {"requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": {
    "type": "object", "required": ["grant_type"], "properties": {
        "grant_type": {"type": "string", "enum": ["client_credentials"]}, "scope": {"type": "string"},
        "client_id": {"type": "string"}, "client_secret": {"type": "string"},
    },
}}}}}  # fmt: skip


def _refused(error: str, status: int = 400, headers: dict[str, str] | None = None) -> JsonResponse:
    """RFC 6749, section 5.2."""
    response = JsonResponse({"error": error}, status=status)
    for name, value in {"Cache-Control": "no-store", **(headers or {})}.items():
        response[name] = value
    return response


def _credentials(request: HttpRequest) -> tuple[str, str]:
    """(client id, secret) from the header, or from the form; one of them and not both (section 2.3)."""
    kind, _space, given = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return request.POST.get("client_id", ""), request.POST.get("client_secret", "")
    if "client_secret" in request.POST:
        raise NoToken("invalid_request")
    try:
        name, _colon, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    # PostgreSQL keeps no NUL, so no program has one in its name.
    return unquote(name).replace("\0", ""), unquote(secret)


@router.post("/token", auth=None, response={200: schemas.TokenOut}, openapi_extra=FORM, summary="A token for a program")
def token(request: HttpRequest) -> JsonResponse:
    """Send grant_type=client_credentials as a form, with id and secret by HTTP Basic or in the form."""
    check_size(request)
    _so_far, wait = over(f"token:{get_adapter().get_client_ip(request)}", PER_MINUTE, 60)
    if wait:
        return _refused("temporarily_unavailable", 429, {"Retry-After": str(wait)})
    if request.POST.get("grant_type") != "client_credentials":
        return _refused("unsupported_grant_type" if request.POST.get("grant_type") else "invalid_request")
    try:
        name, secret = _credentials(request)
        value, made = issue_token(client_id=name, secret=secret, scope=request.POST.get("scope", "")[:200])
    except NoToken as refusal:
        if refusal.error == "invalid_client":
            note("token.refused", rule=refusal.error)
            return _refused(refusal.error, 401, {"WWW-Authenticate": 'Basic realm="orders"'})
        return _refused(refusal.error)
    body = {"access_token": value, "token_type": "Bearer", "expires_in": TOKEN_SECONDS, "scope": " ".join(made.scopes)}
    response = JsonResponse(body)
    response["Cache-Control"] = "no-store"
    return response
