"""The servers and the environment of one checkout: starts them, or joins those that `./dev run` started already."""

import fcntl
import json
import os
import secrets
from pathlib import Path
from types import TracebackType

from portal.local.embedded import CannotStart, Servers


class Stack:
    """Context manager over PostgreSQL and Valkey of a checkout. `wait_for_lock` False raises when a run is going on."""

    def __init__(self, root: Path, *, own: bool = False) -> None:
        self.root, self.own = root, own
        self.state = Path(os.environ.get("PORTAL_STATE", root / ".state"))
        self.servers: Servers | None = None
        self.variables: dict[str, str] = {}

    @property
    def running_file(self) -> Path:
        """Where a running stack says how to reach it."""
        return self.state / "running.json"

    def __enter__(self) -> "Stack":
        self.state.mkdir(parents=True, exist_ok=True)
        self.state.chmod(0o711)
        self.lock = (self.state / "lock").open("w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if self.own or not self.running_file.exists():
                raise CannotStart(
                    f"The portal of this checkout is running already ({self.state}). Stop it, or set PORTAL_STATE to another folder."
                ) from None
            self.variables = json.loads(self.running_file.read_text())
            return self
        self.variables = self._variables()
        self.running_file.unlink(missing_ok=True)
        self.running_file.touch(mode=0o600)
        self.running_file.write_text(json.dumps(self.variables))
        return self

    def _variables(self) -> dict[str, str]:
        given = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
        if len(given) == 2:  # noqa: PLR2004 - both given: nothing is embedded
            return {
                **given,
                "DATABASE_OWNER_URL": os.environ.get("DATABASE_OWNER_URL", given["DATABASE_URL"]),
                "DATABASE_SIGNER_URL": os.environ.get("DATABASE_SIGNER_URL", given["DATABASE_URL"]),
            }
        if given:
            raise CannotStart("Set both DATABASE_URL and REDIS_URL, or neither.")
        self.servers = Servers(self.state)
        try:
            self.servers.start()
        except BaseException:
            self.servers.stop()
            raise
        return {
            "DATABASE_URL": self.servers.url("portal_app"),
            "DATABASE_OWNER_URL": self.servers.url("portal_owner"),
            "DATABASE_SIGNER_URL": self.servers.url("portal_signer"),
            "REDIS_URL": self.servers.redis_url(),
        }

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.servers is not None:
            self.servers.stop()
        if self.variables and self.servers is not None:
            self.running_file.unlink(missing_ok=True)
        self.lock.close()

    def secret(self, name: str) -> str:
        """A secret made once for this checkout."""
        file = self.state / "secrets" / name
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(50))
        return file.read_text()

    def environment(self, role: str = "app", **more: str) -> dict[str, str]:
        """The environment of a process. Only the signer is told where the keys lie."""
        base = {
            "PORTAL_DEMO": "1",
            "PORTAL_SECRET_KEY": self.secret("django"),
            "PORTAL_STATE": str(self.state),
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            **os.environ,
            **self.variables,
            "PORTAL_AS": role,
            **more,
        }
        if role == "signer":
            base["PORTAL_KEYS"] = str(self.state / "keys")
        else:
            base.pop("PORTAL_KEYS", None)
        return base
