"""A fresh second factor, given once, bound to the digest of what is signed or decided.

Why not allauth's own reauthentication: it accepts the password alone and replays the stored POST. Here the factor
comes with the act itself; a password or a recovery code never suffices (security-and-reliability.md, section 2).
"""

import hashlib
import hmac
import json
import secrets
import time
from contextlib import suppress
from typing import Any

from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from .limits import count
from .models import FactorProof, User
from .security import note

TRIES, WINDOW = 5, 300
NONCE_KEY = "factor-nonces"
MOST_ASKED = 8
PREFIX = b"eud-sign-v1\0"


class FactorRefused(Exception):
    """No proof. `code`: missing, wrong, used, limited, none. The message is for the person."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = f"factor_{code}"


def _count_try(user: User) -> None:
    """Every try counts before it is judged, so that no number of parallel guesses gets more than five answers."""
    tried = count(f"factor:{user.pk}", WINDOW)
    if tried == TRIES + 1:
        note("limit.reached", user_id=user.pk, rule="factor")
    if tried > TRIES:
        raise FactorRefused(_("Too many wrong codes. Wait five minutes and try again."), "limited")


def _was_right(user: User) -> None:
    """A right code is no guess: give its try back."""
    with suppress(ValueError):  # it ran out meanwhile
        cache.decr(f"factor:{user.pk}")


def has_passkey(user: User) -> bool:
    """Whether the page may offer the passkey."""
    return Authenticator.objects.filter(user=user, type="webauthn").exists()


def prove(user: User, *, digest: str, purpose: str, code: str = "", assertion: str = "", session: Any = None) -> FactorProof:
    """Check a fresh TOTP code or passkey assertion and keep the proof, bound to `digest` (SHA-256, hexadecimal).

    Written outside the act's transaction on purpose: a code that was used is used, whatever becomes of the act.
    Raises FactorRefused.
    """
    # Full-width digits of a Chinese keyboard are the same code.
    code = "".join(str(int(c)) for c in code if c.isdecimal())
    if not assertion and not code:
        raise FactorRefused(_("Enter the six digits of your authenticator app, or use your passkey."), "missing")
    _count_try(user)
    try:
        once, kind, evidence = _check_assertion(user, digest, assertion, session) if assertion else _check_code(user, code)
    except FactorRefused as refused:
        note("factor.failed", user_id=user.pk, purpose=purpose, rule=refused.code)
        raise
    try:
        with transaction.atomic():
            proof = FactorProof.objects.create(user=user, kind=kind, purpose=purpose, digest=digest, once=once, evidence=evidence)
            note("factor.used", user_id=user.pk, kind=kind, purpose=purpose)
            _was_right(user)
            return proof
    except IntegrityError:
        raise FactorRefused(_("This code was used already. Wait for the next one."), "used") from None


def _check_code(user: User, code: str) -> tuple[str, str, dict[str, Any]]:
    authenticator = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if authenticator is None:
        raise FactorRefused(_("No authenticator app is set up on your account. Add one under Security."), "none")
    secret = get_adapter().decrypt(authenticator.data["secret"])
    counter = int(time.time()) // mfa_settings.TOTP_PERIOD
    # No tolerance: a code lives for its own thirty seconds, and its time step can be used once.
    if not hmac.compare_digest(code, format_hotp_value(hotp_value(secret, counter))):
        raise FactorRefused(_("The code is wrong or has run out. Enter the one that the app shows now."), "wrong")
    # The mark that allauth sets at log-in and asks for there: a code that opened the door signs nothing, nor the reverse.
    if not TOTP(authenticator)._mark_code_used(code):
        raise FactorRefused(_("This code was used already. Wait for the next one."), "used")
    return str(counter), "totp", {}


def challenge_for(digest: str, nonce: bytes) -> bytes:
    """What the passkey signs: SHA-256("eud-sign-v1" NUL digest nonce). Verifies offline with the public key alone."""
    return hashlib.sha256(PREFIX + bytes.fromhex(digest) + nonce).digest()


def begin(user: User, digest: str, session: Any) -> dict[str, Any] | None:
    """Options for the browser's passkey call over exactly this digest; None when the user has no passkey."""
    # Here and below: a quarter of a second of imports, for the processes in which somebody uses a passkey.
    from allauth.mfa.webauthn.internal.auth import get_credentials, get_server
    from fido2.webauthn import UserVerificationRequirement

    credentials = get_credentials(user)
    if not credentials:
        return None
    nonce = secrets.token_bytes(16)
    options, _state = get_server().authenticate_begin(
        credentials, user_verification=UserVerificationRequirement.REQUIRED, challenge=challenge_for(digest, nonce)
    )
    # One for each text that is open in a tab; the newest few, so that a session never grows.
    asked = {**dict(session.get(NONCE_KEY, {})), digest: {"nonce": nonce.hex(), "at": int(time.time())}}
    session[NONCE_KEY] = dict(sorted(asked.items(), key=lambda item: int(item[1]["at"]))[-MOST_ASKED:])
    return dict(options)


def _check_assertion(user: User, digest: str, assertion: str, session: Any) -> tuple[str, str, dict[str, Any]]:
    from allauth.mfa.webauthn.internal.auth import get_credentials, get_server
    from fido2.utils import websafe_decode
    from fido2.webauthn import AuthenticationResponse, UserVerificationRequirement

    asked = dict(session.get(NONCE_KEY, {})) if session is not None else {}
    stored = asked.pop(digest, None)
    if stored is not None:
        # Asked once, answered once, whatever becomes of the answer.
        session[NONCE_KEY] = asked
    wrong = FactorRefused(_("The passkey's answer does not fit this text. Try again."), "wrong")
    if not stored or time.time() - stored["at"] > WINDOW:
        raise wrong
    nonce = bytes.fromhex(stored["nonce"])
    server = get_server()
    credentials = get_credentials(user)
    try:
        response = AuthenticationResponse.from_dict(json.loads(assertion))
        # authenticate_begin keeps its challenge in a state of this shape; ours is recomputed from the digest.
        _options, state = server.authenticate_begin(
            credentials, user_verification=UserVerificationRequirement.REQUIRED, challenge=challenge_for(digest, nonce)
        )
        credential = server.authenticate_complete(state, credentials, response)
    except (ValueError, TypeError, KeyError) as error:
        raise wrong from error
    parsed = json.loads(assertion)
    return (
        nonce.hex(),
        "webauthn",
        {
            "nonce": nonce.hex(),
            "credential_id": credential.credential_id.hex(),
            "public_key": dict(credential.public_key).__repr__(),
            "authenticator_data": websafe_decode(parsed["response"]["authenticatorData"]).hex(),
            "client_data": websafe_decode(parsed["response"]["clientDataJSON"]).hex(),
            "signature": websafe_decode(parsed["response"]["signature"]).hex(),
        },
    )
