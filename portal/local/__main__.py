"""What `./dev` does once it runs inside the virtual environment."""

import os
import subprocess
import sys
from pathlib import Path

from portal.local import testing
from portal.local.embedded import CannotStart
from portal.local.stack import Stack

ROOT = Path(__file__).resolve().parents[2]
BENCHES = ROOT / "bench"


def manage(arguments: list[str]) -> int:
    """Run manage.py with servers: those of a running `./dev run`, or ones started for this command."""
    with Stack(ROOT) as stack:
        role = "owner" if arguments[:1] in (["migrate"], ["grant_roles"], ["prepare_database"]) else "app"
        return subprocess.run([sys.executable, "manage.py", *arguments], env=stack.environment(role), check=False).returncode


def bench(arguments: list[str]) -> int:
    """Run bench/NAME.py on throw-away servers with a migrated database."""
    names = sorted(path.stem for path in BENCHES.glob("*.py") if not path.stem.startswith("_"))
    if not arguments or arguments[0] not in names:
        print(f"usage: ./dev bench {{{'|'.join(names)}}}")
        return 2
    if arguments[0] == "startup":
        return subprocess.run([sys.executable, str(BENCHES / "startup.py"), *arguments[1:]], check=False).returncode
    return testing.with_services(ROOT, [sys.executable, str(BENCHES / f"{arguments[0]}.py"), *arguments[1:]])


def lock(_: list[str]) -> int:
    """Compile the requirement files again, with hashes, for Python 3.11 to 3.14; each keeps to the versions of those before it."""
    for name in ("requirements", "requirements-local", "requirements-dev", "requirements-uv"):
        command = ["uv", "pip", "compile", "-q", "--universal", "--python-version", "3.11", "--generate-hashes"]
        command += ["--no-emit-index-url", "--no-header", "--no-annotate", "--upgrade", f"{name}.in", "-o", f"{name}.txt"]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            return 1
    return 0


def main() -> int:
    command, arguments = sys.argv[1], sys.argv[2:]
    os.chdir(ROOT)
    try:
        if command == "run":
            from portal.local.serve import serve

            return serve(ROOT)
        return {
            "manage": manage,
            "bench": bench,
            "lock": lock,
            "test": lambda a: testing.test(ROOT, a),
            "lint": lambda a: testing.lint(ROOT),
        }[command](arguments)
    except CannotStart as problem:
        print(f"[dev] {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
