"""The child that reads messages: no files, no sockets, little memory, little time, one answer a request.

It is started by `reader.py` as `python -I`, takes its limits before it sees a stranger's byte, and speaks frames: eight
bytes of length, then MessagePack. A request is {"do": "letter", "raw": …} or {"do": "dkim", "raw": …, "index": n,
"record": …} or {"do": "signature", "raw": …, "keys": …, "at": seconds}; an answer {"letter": …}, {"dkim": …},
{"signature": …} or {"refused": [field, reason]}.
"""

import encodings
import gc
import pkgutil
import resource
import sys
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, BinaryIO

import msgspec

from evenhand.doors.mail.cms import warm_up
from evenhand.doors.mail.dkim import verify
from evenhand.doors.mail.limits import CHILD_CPU_S, CHILD_MEMORY_BYTES
from evenhand.doors.mail.message import parse_message
from evenhand.doors.mail.signature import look_at_signature
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.letter import TrustedKeys

_ENCODER = msgspec.msgpack.Encoder()
_PLATFORM_ONLY = {"mbcs", "oem", "cp65001"}


def serve() -> None:
    """Answer requests until the parent hangs up."""
    for module in pkgutil.iter_modules(encodings.__path__):
        if module.name not in _PLATFORM_ONLY:
            import_module(f"encodings.{module.name}")  # later no file can be opened
    warm_up()
    _take_limits()
    while (request := _read_frame(sys.stdin.buffer)) is not None:
        answer = _ENCODER.encode(_answer(msgspec.msgpack.decode(request)))
        sys.stdout.buffer.write(len(answer).to_bytes(8, "big") + answer)
        sys.stdout.buffer.flush()
        del request, answer
        gc.collect(0)


def _take_limits() -> None:
    for limit, value in (
        (resource.RLIMIT_CPU, CHILD_CPU_S),
        (resource.RLIMIT_AS, CHILD_MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 3),
    ):
        resource.setrlimit(limit, (value, value))


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        if request["do"] == "dkim":
            return {"dkim": verify(request["raw"], request["index"], request["record"])}
        if request["do"] == "signature":
            keys = msgspec.convert(request["keys"], TrustedKeys)
            at = datetime.fromtimestamp(request["at"], UTC)
            return {"signature": look_at_signature(request["raw"], keys, at)}
        return {"letter": parse_message(request["raw"])}
    except InputError as error:
        return {"refused": (error.field, error.reason)}
    except (MemoryError, RecursionError) as error:
        return {"refused": ("message", f"cannot be read within the limits ({type(error).__name__})")}
    except Exception as error:  # noqa: BLE001 - the parser's own bugs: this message is refused, the next is read
        return {"refused": ("message", f"cannot be read ({type(error).__name__})")}


def _read_frame(stream: BinaryIO) -> bytes | None:
    size = stream.read(8)
    if len(size) < 8:
        return None
    return stream.read(int.from_bytes(size, "big"))
