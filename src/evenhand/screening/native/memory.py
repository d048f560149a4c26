"""How this process keeps its memory: batches come and go, and so would the pages that they stand in.

A thread of its own gets memory of its own from glibc, which gives it back to the system after every batch and asks for
it again at the next: with two threads 4 µs of processor time a post, a tenth of all, went into pages made anew. One
memory for all threads, of which up to 256 MiB are kept, takes nothing measurable.
"""

import ctypes
from collections.abc import Mapping
from types import MappingProxyType

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Numbers of the parameters in glibc's malloc.h."""
_KEPT_BYTES = 256 << 20
_MAPPED_BYTES = 32 << 20
"""From so many on a piece is mapped by itself: the most that glibc lets one ask for."""

CHILDREN: Mapping[str, str] = MappingProxyType(
    {
        "MALLOC_ARENA_MAX": "1",
        "MALLOC_MMAP_THRESHOLD_": str(_MAPPED_BYTES),
        "MALLOC_TRIM_THRESHOLD_": str(_KEPT_BYTES),
    }
)
"""The same for processes that are started afresh, as part of their environment."""


def keep_memory() -> None:
    """Let this process keep its memory from batch to batch, where the C library can.

    Only before the first thread starts, which importing NumPy does, can threads be given one memory.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # not glibc
        return
    for parameter, value in ((_ARENA_MAX, 1), (_MMAP_THRESHOLD, _MAPPED_BYTES), (_TRIM_THRESHOLD, _KEPT_BYTES)):
        mallopt(parameter, value)
