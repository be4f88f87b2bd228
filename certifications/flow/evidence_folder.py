"""The watched folder: what a crawler or a person puts there is captured as evidence. It is no trusted source; a person confirms.

A file is claimed by renaming it into `working/`, under a key that is also the key of its capture: a worker that is killed in the middle
finds it there again and captures it once. Nothing is followed: no link, no folder, no name that leads elsewhere.
"""

import datetime as dt
import fcntl
import json
import os
import stat
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import structlog
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from certifications.evidence.readers import MAX_BYTES, Unreadable
from certifications.evidence.readers.packages import NotJson, strict_json
from certifications.evidence.readers.sniffing import LIMIT_MB
from certifications.files.actions import safe_name
from certifications.ledger.ids import new_ulid

from .evidence import receive
from .faults import fault

log = structlog.get_logger(__name__)
KEY: Final = 26  # characters of a ULID
LONGEST_NAME: Final = 255  # bytes, on every file system that we know
WORKING, DONE, REFUSED, ABOUT = "working", "done", "refused", ".about.json"
# Names that say of themselves that they are not whole yet.
UNFINISHED: Final = (".part", ".partial", ".tmp", ".crdownload", ".filepart", "~")
MOST_AT_ONCE, SECONDS_AT_ONCE, MOST_TRIES, ABOUT_BYTES = 200, 60.0, 3, 16 * 1024
FIELDS: Final = {"source_url": 600, "source_note": 300, "title": 300, "tool": 160}


class Refused(Exception):
    """Why a file is not taken, as a sentence in the language of the moment: called once for each."""

    def __init__(self, sentence: Any) -> None:
        super().__init__()
        self.sentence = sentence


@dataclass(frozen=True)
class Folder:
    """The folder and its three parts as open directories, so that a link put in a folder's place leads nowhere."""

    inbox: int
    working: int
    done: int
    refused: int

    def close(self) -> None:
        """Let go of all of them."""
        for handle in (self.inbox, self.working, self.done, self.refused):
            os.close(handle)


def look() -> int:
    """Worker, every few seconds: capture what lies in the folder. Returns how many files were dealt with; 0 where none is set."""
    if not settings.EVIDENCE_FOLDER:
        return 0
    try:
        inbox = os.open(settings.EVIDENCE_FOLDER, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        log.warning("evidence folder", error=type(error).__name__)
        return 0
    try:
        fcntl.flock(inbox, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(inbox)
        return 0  # another worker is at it; its lock dies with it
    try:
        folder = Folder(inbox, *(_part(inbox, name) for name in (WORKING, DONE, REFUSED)))
    except OSError as error:
        os.close(inbox)
        log.warning("evidence folder", error=type(error).__name__)
        return 0
    try:
        return _go_through(folder)
    finally:
        folder.close()


def _part(inbox: int, name: str) -> int:
    with suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=inbox)
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=inbox)


def _go_through(folder: Folder) -> int:
    ends, count = time.monotonic() + SECONDS_AT_ONCE, 0
    # With the lock held, whatever is claimed belongs to a worker that died.
    held = sorted(os.listdir(folder.working))  # noqa: PTH208 - of an open directory, which no path leads away from
    claimed = [name for name in held if not name.endswith(ABOUT)]
    _give_back(folder, [name for name in held if name.endswith(ABOUT)], {name[:KEY] for name in claimed})
    waiting = iter(sorted(os.listdir(folder.inbox)))  # noqa: PTH208 - as above
    while count < MOST_AT_ONCE and time.monotonic() < ends:
        name = claimed.pop(0) if claimed else _claim_next(folder, waiting)
        if not name:
            break
        _take(folder, name)
        count += 1
    return count


def _give_back(folder: Folder, abouts: list[str], claimed: set[str]) -> None:
    """A worker that died between the two renamings left what was said about a document without it: back to where the document is."""
    for name in abouts:
        if name[:KEY] not in claimed:
            with suppress(OSError):
                os.rename(name, name[KEY + 1 :], src_dir_fd=folder.working, dst_dir_fd=folder.inbox)


def _claim_next(folder: Folder, waiting: Any) -> str:
    """The claimed name of the next file that is whole; "" when there is none."""
    for name in waiting:
        if name.startswith(".") or name in {WORKING, DONE, REFUSED} or name.lower().endswith(UNFINISHED):
            continue
        try:
            found = os.stat(name, dir_fd=folder.inbox, follow_symlinks=False)
        except OSError:
            continue
        if stat.S_ISDIR(found.st_mode):
            continue
        # The change time cannot be set by whoever copies, and moves with every byte that is written.
        if time.time() - max(found.st_mtime, found.st_ctime) < settings.EVIDENCE_STEADY_SECONDS:
            continue
        if name.endswith(ABOUT):
            continue  # goes with its document
        key, shown = new_ulid(), _short(name)
        try:
            with suppress(FileNotFoundError):
                if len(os.fsencode(name + ABOUT)) <= LONGEST_NAME:
                    os.rename(name + ABOUT, f"{key}.{shown}{ABOUT}", src_dir_fd=folder.inbox, dst_dir_fd=folder.working)
            fault("about-claimed")
            os.rename(name, f"{key}.0.{shown}", src_dir_fd=folder.inbox, dst_dir_fd=folder.working)
        except OSError:
            continue
        fault("claimed")
        return f"{key}.0.{shown}"
    return ""


def _short(name: str) -> str:
    """A name for our own parts of the folder: nothing odd in it, short enough behind the key, its ending kept."""
    stem, dot, ending = safe_name(name).rpartition(".")
    if not dot:
        stem, ending = ending, ""
    cut = stem.encode("utf-8", "ignore")[:120].decode("utf-8", "ignore")
    return f"{cut}{dot}{ending.encode('utf-8', 'ignore')[:20].decode('utf-8', 'ignore')}".lstrip(".") or "unnamed"


def _take(folder: Folder, name: str) -> None:
    """Capture one claimed file and put it where it belongs. What breaks on the way leaves it claimed for the next time."""
    key, _dot, rest = name.partition(".")
    tries, _dot, shown = rest.partition(".")
    try:
        if len(key) != KEY or not tries.isdecimal() or not shown:
            raise Refused(lambda: _("Nobody but the portal puts files into this folder. Put it one folder higher."))
        if int(tries) >= MOST_TRIES:
            raise Refused(
                lambda: _(
                    "Reading it ended the process that read it, several times. Capture it in the browser, or send it in smaller parts."
                )
            )
        again = f"{key}.{int(tries) + 1}.{shown}"
        os.rename(name, again, src_dir_fd=folder.working, dst_dir_fd=folder.working)
        name = again
        about = _about(folder, f"{key}.{shown}{ABOUT}")
        content = _content(folder, name)
        receive(program=None, content=content, name=shown, form_key=key, **about)
    except Unreadable as unread:
        problem = unread
        _put_away(folder, name, f"{key}.{shown}", lambda: _(problem.message_key) % problem.params)
    except Refused as refusal:
        _put_away(folder, name, f"{key}.{shown or name}", refusal.sentence)
    except Exception as error:  # noqa: BLE001 - the database or the disk is away; the file stays claimed
        # It was not the file's doing, so the try does not count against it.
        log.warning("evidence folder", error=type(error).__name__)
        with suppress(OSError):
            os.rename(name, f"{key}.{tries}.{shown}", src_dir_fd=folder.working, dst_dir_fd=folder.working)
    else:
        fault("captured-not-moved")
        _move(folder, name, f"{key}.{shown}", folder.done)


def _content(folder: Folder, name: str) -> bytes:
    """The bytes of a claimed file. Raises Refused for what is no plain file, has other names, or is too large."""
    try:
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder.working)
    except OSError:
        raise Refused(lambda: _("It is a link, or cannot be opened. Put the file itself here.")) from None
    with os.fdopen(handle, "rb") as stream:
        found = os.fstat(stream.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise Refused(lambda: _("It is no file of its own (a link, a pipe or a device). Put a copy of the file here."))
        if found.st_size > MAX_BYTES:
            raise Refused(lambda: _("The file is larger than %(limit)s MB. Send it in smaller parts.") % {"limit": LIMIT_MB})
        content = stream.read(MAX_BYTES + 1)
        after = os.fstat(stream.fileno())
    if (after.st_size, after.st_mtime_ns) != (found.st_size, found.st_mtime_ns) or len(content) != found.st_size:
        raise Refused(lambda: _("It was still being written when it was read. Write it under a name ending in .part, then rename it."))
    return content


def _about(folder: Folder, name: str) -> dict[str, Any]:
    """What the file beside the document says of where it comes from. Raises Refused for what does not fit."""
    try:
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder.working)
    except FileNotFoundError:
        return {}
    except OSError:
        raise Refused(lambda: _("The file about it (.about.json) is a link. Put the file itself here.")) from None
    with os.fdopen(handle, "rb") as stream:
        raw = stream.read(ABOUT_BYTES + 1) if stat.S_ISREG(os.fstat(stream.fileno()).st_mode) else b""
    try:
        said = strict_json(raw.decode("utf-8")) if len(raw) <= ABOUT_BYTES else None
        if not isinstance(said, dict) or said.keys() - {*FIELDS, "taken_at"}:
            raise ValueError("fields")
        about: dict[str, Any] = {}
        for field, most in FIELDS.items():
            value = said.get(field, "")
            if not isinstance(value, str) or len(value) > most or "\0" in value:
                raise ValueError(field)
            about[field] = value.strip()
        if about["source_url"] and not about["source_url"].lower().startswith(("http://", "https://")):
            raise ValueError("source_url")
        if said.get("taken_at"):
            about["taken_at"] = dt.datetime.fromisoformat(said["taken_at"])
            if about["taken_at"].tzinfo is None:
                raise ValueError("taken_at")
    except (ValueError, TypeError, NotJson, json.JSONDecodeError):
        sentence = _(
            "The file about it (.about.json) is no JSON object with source_url, title, source_note, tool and taken_at, written as the documentation says."
        )
        raise Refused(lambda: sentence) from None
    return about


def _put_away(folder: Folder, name: str, to: str, sentence: Any) -> None:
    """Move a file to `refused/`, and say why beside it, in both languages: the sentence first, so that no file lies there without one."""
    said = []
    for code, _language in settings.LANGUAGES:
        with translation.override(code):
            said.append(str(sentence()))
    handle = os.open(f"{to}.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600, dir_fd=folder.refused)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write("\n".join(dict.fromkeys(said)) + "\n")
    _move(folder, name, to, folder.refused)


def _move(folder: Folder, name: str, to: str, into: int) -> None:
    with suppress(FileNotFoundError):
        os.rename(to + ABOUT, to + ABOUT, src_dir_fd=folder.working, dst_dir_fd=into)
    os.rename(name, to, src_dir_fd=folder.working, dst_dir_fd=into)
