"""From the C source to a library in this process: compiled once for this machine, kept sealed with the lists.

Whoever may write the data directory cannot slip in another library: it bears the seal of `Compiled`, and what is
loaded are the very bytes that were checked.
"""

import ctypes
import os
import shutil
import subprocess
from hashlib import blake2b
from importlib import resources
from pathlib import Path
from platform import machine
from tempfile import TemporaryDirectory

import numpy as np

from evenhand.screening.compiled import Arrays, Compiled

_FLAGS = ("-O3", "-march=native", "-std=c11", "-shared", "-fPIC")
_COMPILE_S_MAX = 120


def load_library(compiled: Compiled) -> ctypes.CDLL | None:
    """Return the library, compiled now if it is not kept; None: no compiler, or a system that lets none be loaded."""
    source = resources.files("evenhand.screening.native").joinpath("kernel.c").read_bytes()
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    made_from = blake2b(source, person=b"kernel", digest_size=32)
    made_from.update(" ".join((*_FLAGS, machine(), _processor())).encode())

    def made() -> Arrays:
        return {"library": np.frombuffer(_compile(source, compiler), np.uint8)}

    try:
        library = bytes(compiled.arrays("kernel", made_from.digest(), made)["library"])
    except _NotCompiled:  # not kept: there may be a compiler, or time for it, at the next start
        return None
    return _loaded(library)


class _NotCompiled(Exception):
    """Nothing here can compile the source."""


def _compile(source: bytes, compiler: str | None) -> bytes:
    """Return the library's bytes.

    Raises:
        _NotCompiled: There is no compiler, or it failed.
    """
    if compiler is None:
        raise _NotCompiled
    try:
        with TemporaryDirectory() as directory:
            file, out = Path(directory) / "kernel.c", Path(directory) / "kernel.so"
            file.write_bytes(source)
            command = (compiler, *_FLAGS, "-o", str(out), str(file))
            subprocess.run(command, check=True, capture_output=True, timeout=_COMPILE_S_MAX)
            return out.read_bytes()
    except (OSError, subprocess.SubprocessError) as error:
        raise _NotCompiled from error


def _loaded(library: bytes) -> ctypes.CDLL | None:
    """Return the library from a file that has no name, so that nobody can change it in between."""
    try:
        file = os.memfd_create("evenhand-kernel")
    except (AttributeError, OSError):  # only Linux has such files
        return None
    try:
        with os.fdopen(os.dup(file), "wb") as out:
            out.write(library)
        return ctypes.CDLL(f"/proc/self/fd/{file}")
    except OSError:
        return None
    finally:
        os.close(file)


def _processor() -> str:
    """Return what the processor can do: a library for one may stop another."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    return next((line for line in lines if line.startswith(("flags", "Features"))), "")
