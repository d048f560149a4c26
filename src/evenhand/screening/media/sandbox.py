"""Shut the process in: little memory, no new files, no network, no other programs. Linux does all of it.

Elsewhere the limits of memory, time and file size hold, and what the kernel cannot forbid is not forbidden.
"""

import ctypes
import platform
import resource
import struct
import sys

MEMORY_BYTES = 2 << 30
FILES_MAX = 64

_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_LOAD, _JUMP_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000

_REFUSED = {
    # open, openat, openat2, creat, unlink, unlinkat, rename, renameat, renameat2, socket, connect, sendto, clone,
    # clone3, fork, vfork, execve, execveat, kill, ptrace, process_vm_readv, process_vm_writev, io_uring_setup
    "x86_64": (
        0xC000003E,
        (2, 41, 42, 44, 56, 57, 58, 59, 62, 82, 85, 87, 101, 257, 263, 264, 310, 311, 316, 322, 425, 435, 437),
    ),
    "aarch64": (0xC00000B7, (35, 38, 56, 117, 129, 198, 203, 206, 220, 221, 270, 271, 276, 281, 425, 435, 437)),
}
"""By machine: the kernel's name for it, and the calls that answer "not permitted"."""


def limit() -> None:
    """Set the limits that hold everywhere: memory, files, their size, no core dumps."""
    for name, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, FILES_MAX),
        (resource.RLIMIT_AS, MEMORY_BYTES),
    ):
        try:
            resource.setrlimit(name, (value, value))
        except (ValueError, OSError):  # macOS knows no limit of address space
            continue


def shut() -> bool:
    """Forbid files, network and programs for the rest of the process's life; tell whether the kernel agreed."""
    if sys.platform != "linux" or platform.machine() not in _REFUSED:
        return False
    machine, calls = _REFUSED[platform.machine()]
    program = _program(machine, calls)
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(b"".join(program))
    head = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(program), ctypes.addressof(buffer)))
    zero = ctypes.c_ulong(0)
    if libc.prctl(_NO_NEW_PRIVILEGES, ctypes.c_ulong(1), zero, zero, zero) != 0:
        return False
    return bool(libc.prctl(_SECCOMP, ctypes.c_ulong(_FILTER), ctypes.byref(head), zero, zero) == 0)


def _program(machine: int, calls: tuple[int, ...]) -> list[bytes]:
    """Return the filter: another machine's calls kill, the refused ones fail, the rest pass."""
    steps = [
        _step(_LOAD, 4),
        _step(_JUMP_EQUAL, machine, yes=1),
        _step(_RETURN, _KILL),
        _step(_LOAD, 0),
        # Call numbers of the 32-bit variant of x86_64 begin at 2^30.
        _step(0x35, 0x40000000, yes=len(calls) + 1),
    ]
    steps += [_step(_JUMP_EQUAL, call, yes=len(calls) - n) for n, call in enumerate(calls)]
    return [*steps, _step(_RETURN, _ALLOW), _step(_RETURN, _REFUSE)]


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)
