"""What may be kept of an error beside a job: its class and its place. Its message may hold a name or a token."""

import traceback


def reason_of(error: BaseException) -> str:
    """Such as `ValueError at render.py:87`, the innermost place in our own code where there is one."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/certifications/" in frame.filename or "/verifier/" in frame.filename] or frames
    place = f" at {own[-1].filename.rsplit('/', maxsplit=1)[-1]}:{own[-1].lineno}" if own else ""
    return f"{type(error).__name__}{place}"
