"""The log's tree (RFC 6962 §2.1, SHA-256): hashes, proofs, and a frontier that appends. Pure."""

from collections.abc import Callable, Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
HASH_BYTES = 32

HashAt = Callable[[int, int], bytes]
"""(level, index) → hash of the full subtree of 2^level leaves that begins at leaf index · 2^level."""


def leaf_hash(entry: bytes) -> bytes:
    """Return SHA-256(0x00 ‖ entry)."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\1" + left + right).digest()


def pair_up(hashes: Sequence[bytes]) -> list[bytes]:
    """Return the next level's hashes of an even number of neighbours."""
    return [sha256(b"\1" + hashes[i] + hashes[i + 1]).digest() for i in range(0, len(hashes), 2)]


def full_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over a power of two of neighbouring hashes."""
    level = list(hashes)
    while len(level) > 1:
        level = pair_up(level)
    return level[0]


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the tree hash over leaf hashes; EMPTY_ROOT for none."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(0, leaf)
    return frontier.root()


class Frontier:
    """Roots of the full subtrees that a tree of `size` leaves is made of, largest first."""

    def __init__(self, size: int = 0, roots: Sequence[bytes] = ()) -> None:
        if len(roots) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} full subtrees, not {len(roots)}")
        self.size = size
        self._roots = list(roots)

    def append(self, level: int, root: bytes) -> None:
        """Append a full subtree of 2^level leaves; the size must be a multiple of that."""
        if self.size % (1 << level):
            raise ValueError(f"a subtree of 2^{level} leaves cannot begin at {self.size}")
        carry, size = root, self.size >> level
        while size & 1:
            carry = node_hash(self._roots.pop(), carry)
            size >>= 1
        self._roots.append(carry)
        self.size += 1 << level

    def root(self) -> bytes:
        """Return the tree's hash."""
        if not self._roots:
            return EMPTY_ROOT
        result = self._roots[-1]
        for left in reversed(self._roots[:-1]):
            result = node_hash(left, result)
        return result


def full_subtrees(size: int) -> list[tuple[int, int]]:
    """Return (level, index) of the full subtrees of a tree, largest first."""
    found, begin = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            found.append((level, begin >> level))
            begin += 1 << level
    return found


def _range_hash(begin: int, end: int, hash_at: HashAt) -> bytes:
    """Return the hash of leaves begin ≤ i < end, a subtree as RFC 6962 splits it."""
    width = end - begin
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return hash_at(level, begin >> level)
    split = 1 << (width - 1).bit_length() - 1
    return node_hash(_range_hash(begin, begin + split, hash_at), _range_hash(begin + split, end, hash_at))


def prove_inclusion(index: int, size: int, hash_at: HashAt) -> list[bytes]:
    """Return the audit path of leaf `index` in the tree of `size` leaves (RFC 6962 §2.1.1), its sibling first."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    proof: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        split = begin + (1 << (end - begin - 1).bit_length() - 1)
        if index < split:
            proof.append(_range_hash(split, end, hash_at))
            end = split
        else:
            proof.append(_range_hash(begin, split, hash_at))
            begin = split
    return proof[::-1]


def inclusion_root(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes | None:
    """Return the root that `proof` leads to from leaf hash `leaf` at `index` of `size`; None: it fits no such tree."""
    if not 0 <= index < size or any(len(step) != HASH_BYTES for step in proof):
        return None
    fn, sn, result = index, size - 1, leaf
    for step in proof:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            result = node_hash(step, result)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            result = node_hash(result, step)
        fn >>= 1
        sn >>= 1
    return result if sn == 0 else None


def check_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Tell whether `proof` shows that leaf hash `leaf` stands at `index` of the tree with this size and root."""
    return inclusion_root(index, size, leaf, proof) == root


def prove_consistency(old: int, new: int, hash_at: HashAt) -> list[bytes]:
    """Return the proof (RFC 6962 §2.1.2) that the first `old` leaves of the tree of `new` are its old self."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves has no old self of {old}")
    if old in (0, new):
        return []
    proof: list[bytes] = []
    begin, end, whole = 0, new, True
    while end != old:
        split = begin + (1 << (end - begin - 1).bit_length() - 1)
        if old <= split:
            proof.append(_range_hash(split, end, hash_at))
            end = split
        else:
            proof.append(_range_hash(begin, split, hash_at))
            begin, whole = split, False
    if not whole:
        proof.append(_range_hash(begin, end, hash_at))
    return proof[::-1]


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether `proof` shows that the tree (new, new_root) begins with the tree (old, old_root)."""
    if not 0 <= old <= new or any(len(step) != HASH_BYTES for step in proof):
        return False
    if old in (0, new):
        return not proof and old_root == (EMPTY_ROOT if old == 0 else new_root)
    steps = list(proof)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    return bool(steps) and _consistent(old - 1, new - 1, steps) == (old_root, new_root)


def _consistent(fn: int, sn: int, steps: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Return the old and the new root that the steps lead to, or None if they do not fit the sizes."""
    while fn & 1:
        fn >>= 1
        sn >>= 1
    first = second = steps[0]
    for step in steps[1:]:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            first = node_hash(step, first)
            second = node_hash(step, second)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            second = node_hash(second, step)
        fn >>= 1
        sn >>= 1
    return (first, second) if sn == 0 else None
