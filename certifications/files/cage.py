"""The limits that a child process takes upon itself before it reads a byte of somebody's file. Knows nothing but the standard library."""

import resource

GIB = 1 << 30
LIMITS = (
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_CPU, 20),
    (resource.RLIMIT_FSIZE, 1 << 20),
    (resource.RLIMIT_NOFILE, 64),
    (resource.RLIMIT_AS, GIB),
)
# What a child ends with when it ran out of memory; every other death is told by its signal.
NO_MEMORY = 3


def limit() -> None:
    """Set every limit of this process, soft and hard; they cannot be raised again without privilege."""
    for kind, wanted in LIMITS:
        hard = resource.getrlimit(kind)[1]
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (value, value))
