"""The child that signs receipts: what they are to say in, notes out. `python -m evenhand.doors.http.receipt_child`."""

import sys
from functools import partial

import msgspec

from evenhand.doors.http.child import read_frame, serve
from evenhand.flow.receipts import Kit, ReceiptPen, Said

_SAID = msgspec.msgpack.Decoder(list[Said])
_KIT = msgspec.msgpack.Decoder(Kit)
_ENCODE = msgspec.msgpack.Encoder().encode


def answer(pen: ReceiptPen, frame: bytes) -> bytes:
    """Return the signed notes."""
    return _ENCODE(pen.write_notes(_SAID.decode(frame)))


def run() -> None:
    """Read the kit, then answer."""
    if (kit := read_frame(sys.stdin.buffer)) is not None:
        serve(partial(answer, _KIT.decode(kit).pen()), sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    run()
