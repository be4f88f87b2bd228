"""The second factor that a form carries, as `people.factors.prove` and every act in `flow` take it."""

from typing import Any

from django.http import HttpRequest


def factor_of(request: HttpRequest) -> dict[str, Any]:
    """The code or the passkey's answer that was sent, and the session that asked for it."""
    return {"code": request.POST.get("code", ""), "assertion": request.POST.get("assertion", ""), "session": request.session}
