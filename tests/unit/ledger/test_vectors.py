"""The formats' published vectors."""

import json
from pathlib import Path

import pytest

from evenhand.ledger import tree
from evenhand.ledger.checkpoint import Checkpoint, format_checkpoint, parse_checkpoint
from evenhand.ledger.note import Signer, open_note, parse_vkey
from evenhand.ledger.tiles import number_path, pack_entries, unpack_entries
from evenhand.vocabulary.errors import InputError

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "tlog_vectors.json").read_text("utf-8"))
LEAVES = [tree.leaf_hash(bytes.fromhex(leaf)) for leaf in VECTORS["rfc6962"]["leaves_hex"]]
ROOTS = {int(size): bytes.fromhex(root) for size, root in VECTORS["rfc6962"]["roots_hex"].items()}


def at(level: int, index: int) -> bytes:
    """Hash of a full subtree over the vectors' leaves."""
    return tree.full_root(LEAVES[index << level : (index + 1) << level])


@pytest.mark.parametrize(("size", "root"), ROOTS.items())
def test_roots(size: int, root: bytes) -> None:
    """Trees of 0 to 8 leaves have the published roots."""
    assert tree.root_of(LEAVES[:size]) == root


@pytest.mark.parametrize("case", VECTORS["rfc6962"]["inclusion"])
def test_inclusion(case: dict[str, object]) -> None:
    """Inclusion proofs are the published ones, and check."""
    size, index = int(str(case["size"])), int(str(case["index"]))
    proof = [bytes.fromhex(step) for step in case["proof_hex"]]  # type: ignore[attr-defined] # a list of texts
    assert tree.prove_inclusion(index, size, at) == proof
    assert tree.check_inclusion(index, size, LEAVES[index], proof, ROOTS[size])
    assert not tree.check_inclusion(index, size, LEAVES[index - 1], proof, ROOTS[size]) or size == 1


@pytest.mark.parametrize("case", VECTORS["rfc6962"]["consistency"])
def test_consistency(case: dict[str, object]) -> None:
    """Consistency proofs are the published ones, and check."""
    old, new = int(str(case["old"])), int(str(case["new"]))
    proof = [bytes.fromhex(step) for step in case["proof_hex"]]  # type: ignore[attr-defined] # a list of texts
    assert tree.prove_consistency(old, new, at) == proof
    assert tree.check_consistency(old, new, ROOTS[old], ROOTS[new], proof)


@pytest.mark.parametrize(("size", "root"), VECTORS["large_roots_hex"].items())
def test_large_roots(size: str, root: str) -> None:
    """Trees across tile edges have the published roots."""
    leaves = [tree.leaf_hash(f"entry {i}".encode()) for i in range(int(size))]
    assert tree.root_of(leaves).hex() == root


@pytest.mark.parametrize(("number", "path"), VECTORS["paths"].items())
def test_paths(number: str, path: str) -> None:
    """Tile numbers become the published paths."""
    assert number_path(int(number)) == path


def test_signed_log() -> None:
    """A key's seed gives the published vkey, checkpoint and resources, byte for byte."""
    case = VECTORS["signed_log"]
    signer = Signer("example.com/evenhand", bytes.fromhex(case["ed25519_seed_hex"]))
    assert signer.verifier.vkey == case["vkey"]
    note = format_checkpoint(Checkpoint("example.com/evenhand", 8, ROOTS[8]), signer)
    assert note.decode() == case["checkpoint"]
    assert parse_checkpoint(note, [parse_vkey(case["vkey"])]).root == ROOTS[8]
    entries = [bytes.fromhex(entry) for entry in case["entries_hex"]]
    bundle = bytes.fromhex(case["resources_hex"]["tile/entries/000.p/8"])
    assert pack_entries(entries) == bundle
    assert unpack_entries(bundle, 8) == entries


def test_note_of_the_specification() -> None:
    """The specification's own example opens; one changed letter does not."""
    case = VECTORS["spec_note_example"]
    verifier = parse_vkey(case["vkey"])
    text, names = open_note(case["note"].encode(), [verifier])
    assert (text, names) == ("This is an example message.\n", ["example.com/foo"])
    with pytest.raises(InputError, match="does not verify"):
        open_note(case["note"].replace("message", "massage").encode(), [verifier])


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"te\txt\n\n\xe2\x80\x94 a AAAAAAA=\n",
        b"text\n\n\xe2\x80\x94 a b c\n",
        b"text\n\n\xe2\x80\x94 a !!!!\n",
        b"\xff\n\n\xe2\x80\x94 a AAAAAAA=\n",
        b"text\n\n- a AAAAAAA=\n",
    ],
)
def test_malformed_note_is_refused(note: bytes) -> None:
    """What is not a note is refused with a reason, never with another exception."""
    with pytest.raises(InputError):
        open_note(note, [parse_vkey(VECTORS["spec_note_example"]["vkey"])])
