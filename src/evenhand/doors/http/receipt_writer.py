"""Many receipts at once are signed by a child: a signature is the dearest of what a notice costs, and holds up others.

The child that signs reads no stranger's bytes: it is told references, instants and salted hashes. Its key comes over
its standard input. Without it (it ended, it hangs) the receipts are signed here.
"""

from collections.abc import Sequence

import msgspec

from evenhand.doors.http.child import Child
from evenhand.flow.keyring import keep_key
from evenhand.flow.receipts import Note, ReceiptPen, Said
from evenhand.ledger.note import Signer
from evenhand.ledger.receipt import endorse, signer_name
from evenhand.settings import Settings

NOTES_FROM = 16
"""Fewer are signed here: the way to the child and back costs more."""
_ENCODE = msgspec.msgpack.Encoder().encode
_NOTES = msgspec.msgpack.Decoder(list[Note])


class Kit(msgspec.Struct, frozen=True, kw_only=True):
    """What the child signs with.

    Attributes:
        seed: Of the receipt key, 32 bytes.
        endorsement: The log key's, of that key.
    """

    origin: str
    seed: bytes
    endorsement: bytes

    def pen(self) -> ReceiptPen:
        """Return the pen that this makes."""
        return ReceiptPen(self.origin, Signer(signer_name(self.origin), self.seed), self.endorsement)


class SharedPen(ReceiptPen):
    """A pen whose child signs where there are many."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit.origin, Signer(signer_name(kit.origin), kit.seed), kit.endorsement)
        self.child = Child("evenhand.doors.http.receipt_child", _ENCODE(kit))

    def write_notes(self, said: Sequence[Said]) -> list[Note]:
        """Return the signed note of each."""
        answer = None if len(said) < NOTES_FROM else self.child.ask(_ENCODE(said))
        return super().write_notes(said) if answer is None else _NOTES.decode(answer)

    def close(self) -> None:
        """End the child."""
        self.child.close()


def open_shared_pen(settings: Settings) -> SharedPen:
    """Return the desk's pen (`flow.receipts.open_pen`) with a child."""
    log = Signer(settings.origin, keep_key(settings.data / "keys" / "log.key", 32))
    seed = keep_key(settings.data / "keys" / "receipts.key", 32)
    own = Signer(signer_name(settings.origin), seed)
    return SharedPen(Kit(origin=settings.origin, seed=seed, endorsement=endorse(log, own.verifier)))
