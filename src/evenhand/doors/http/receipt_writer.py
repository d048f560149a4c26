"""Many receipts at once are signed by a child: a signature is the dearest of what a notice costs, and holds up others.

The child that signs reads no stranger's bytes: it is told references, instants and salted hashes. Its key comes over
its standard input. Without it (it ended, it hangs) the receipts are signed here.
"""

from collections.abc import Sequence

import msgspec

from evenhand.doors.http.child import Child
from evenhand.flow.receipts import Kit, Note, ReceiptPen, Said

NOTES_FROM = 16
"""Fewer are signed here: the way to the child and back costs more."""
_ENCODE = msgspec.msgpack.Encoder().encode
_NOTES = msgspec.msgpack.Decoder(list[Note])


class SharedPen(ReceiptPen):
    """A pen whose child signs where there are many."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit.origin, kit.signer(), kit.endorsement)
        self.child = Child("evenhand.doors.http.receipt_child", _ENCODE(kit))

    def write_notes(self, said: Sequence[Said]) -> list[Note]:
        """Return the signed note of each."""
        answer = None if len(said) < NOTES_FROM else self.child.ask(_ENCODE(said))
        return super().write_notes(said) if answer is None else _NOTES.decode(answer)

    def close(self) -> None:
        """End the child."""
        self.child.close()
