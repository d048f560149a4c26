"""Public references: a number permuted and authenticated under a key.

A reference cannot be guessed, reveals no count and needs no index: it is one AES block over (kind, number), so decoding
it gives the number back or shows that nobody ever issued it. Written in Crockford's base 32: 26 letters and digits.
"""

from collections.abc import Sequence
from copy import copy
from typing import Literal, Self

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from evenhand.vocabulary.errors import InputError

RefKind = Literal["decision", "case", "notice", "request", "appeal", "affected", "redress", "measure"]
"""What the number counts: decisions; records that opened a case, brought a notice or an appeal. "affected" is the
affected person's own link to a case (its number), "redress" theirs to a decision (its number): who has it may answer
and appeal. "measure" is theirs to a measure by order or demand (its `concerned` record). At most 8 letters."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_PAIRS = tuple(one + other for one in _ALPHABET for other in _ALPHABET)
_STRETCHES = ((0, 7), (7, 13), (13, 20), (20, 26))


class References:
    """Makes and reads references under one 16-byte key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 16:
            raise ValueError("a reference key has 16 bytes")
        # One block at a time, each different by construction: exactly what a block cipher permutes (ECB is right here).
        self._cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305
        self._known: dict[tuple[RefKind, int], str] = {}

    def format(self, kind: RefKind, number: int) -> str:
        """Return the reference of item `number` (from 0 to 2^63-1) of `kind`, e.g. `7ZQ4K1M-9D0XWA-3RGH5TB-C6PVE2`."""
        return self._known.get((kind, number)) or self.format_all(kind, (number,))[0]

    def ready(self, kinds: Sequence[RefKind], numbers: Sequence[int]) -> Self:
        """Return the same references with those of several items made beforehand: for a group that is told of them."""
        fresh = copy(self)
        fresh._known = {
            (kind, number): text
            for kind in kinds
            for number, text in zip(numbers, self.format_all(kind, numbers), strict=True)
        }
        return fresh

    def format_all(self, kind: RefKind, numbers: Sequence[int]) -> list[str]:
        """Return the references of several items: making the cipher ready costs as much as ten blocks."""
        head = kind.encode().ljust(8, b"\0")
        blocks = self._cipher.encryptor().update(b"".join([head + number.to_bytes(8, "big") for number in numbers]))
        return [_written(int.from_bytes(blocks[at : at + 16], "big")) for at in range(0, len(blocks), 16)]

    def parse(self, kind: RefKind, text: str) -> int:
        """Return the number behind a reference; spaces, hyphens and case do not matter.

        Raises:
            InputError: It is not a reference of that kind that this key made.
        """
        letters = text.upper().replace("-", "").replace(" ", "")
        if len(letters) != 26 or any(letter not in _VALUES for letter in letters):
            raise InputError("reference", "a reference has 26 letters and digits; please copy it whole")
        value = 0
        for letter in letters:
            value = value << 5 | _VALUES[letter]
        if value >> 128:
            raise InputError("reference", "this is not one of our references")
        block = self._cipher.decryptor().update(value.to_bytes(16, "big"))
        if block[:8] != kind.encode().ljust(8, b"\0"):
            raise InputError("reference", "this is not one of our references")
        return int.from_bytes(block[8:], "big")


def _written(value: int) -> str:
    letters = "".join([_PAIRS[value >> shift & 1023] for shift in range(120, -1, -10)])
    return "-".join([letters[a:b] for a, b in _STRETCHES])
