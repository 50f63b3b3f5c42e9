"""How much memory DuckDB may hold: a share of what this process may have, which in a container is not the machine's."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

_SHARE = 0.25
_MOST = 2 << 30
_LEAST = 256 << 20
_FRUGAL = 512 << 20
_UNTOLD = 4 << 30

_GROUPS = Path("/proc/self/cgroup")
_MOUNT = Path("/sys/fs/cgroup")


def memory_limit() -> int:
    """Bytes that DuckDB may hold: a quarter of the memory that there is for us, between 256 MB and 2 GB."""
    there = min([_machine(), *_granted()])
    return max(_LEAST, min(_MOST, int(there * _SHARE)))


def frugal_limit() -> int:
    """Bytes that it may hold while logs are read: they pass through, and what is gathered may lie on the disk."""
    return min(memory_limit(), _FRUGAL)


def _machine() -> int:
    """Bytes that the machine has."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return _UNTOLD


def _granted(groups: Path = _GROUPS, mount: Path = _MOUNT) -> Iterator[int]:
    """Bytes that the control groups of this process may have, as containers and systemd set them.

    Args:
        groups: which ones they are, a line each: number, controllers, path.
        mount: where they are told of: those of version 2 there, those of version 1 in ``memory`` below it.
    """
    lines: list[str] = []
    with suppress(OSError, UnicodeDecodeError):
        lines = groups.read_text(encoding="utf-8").splitlines()
    for line in lines:
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if controllers and "memory" not in controllers.split(","):
            continue
        root, name = (mount / "memory", "memory.limit_in_bytes") if controllers else (mount, "memory.max")
        inner = PurePosixPath(path.lstrip("/"))
        for group in (inner, *inner.parents):  # in a container the outer ones may not be there, but the innermost is
            with suppress(OSError, ValueError):  # ValueError: "max", which is none
                yield int((root / group / name).read_text(encoding="ascii"))
