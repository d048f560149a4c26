"""Go's golang.org/x/mod/sumdb on our notes, hashes, tiles and proofs; skipped, and says so, where there is no Go."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.unit.ledger import receipts_made as made
from tests.unit.ledger.test_log import ORIGIN, SEED, Queue
from tests.unit.ledger.test_log import made as made_entries

from evenhand.ledger import tree
from evenhand.ledger.batch import BATCH_SIZE, batch_root, seal_batch
from evenhand.ledger.checkpoint import parse_checkpoint
from evenhand.ledger.log import LogDirectory
from evenhand.ledger.note import parse_vkey
from evenhand.ledger.proofs import consistency_proof, inclusion_proof, parse_proof
from evenhand.ledger.reader import open_log
from evenhand.ledger.receipt_proof import parse_held

_SOURCES = Path(os.environ.get("EVENHAND_GOPATH", "/usr/share/gocode"))
Ask = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Answers tasks with Go's code."""
    if shutil.which("go") is None or not (_SOURCES / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip("needs Go and golang.org/x/mod (Debian: golang-go, golang-golang-x-mod-dev)")
    place = tmp_path_factory.mktemp("peer")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(place),
        "GO111MODULE": "off",
        "GOPATH": str(_SOURCES),
        "GOCACHE": str(place / "cache"),
        "GOFLAGS": "",
        "CGO_ENABLED": "0",
    }
    binary, source = place / "peer", Path(__file__).parent / "peer" / "main.go"
    subprocess.run(["go", "build", "-o", str(binary), str(source)], env=environment, check=True, timeout=280)

    def answers(*tasks: dict[str, Any]) -> list[dict[str, Any]]:
        lines = "".join(json.dumps(task) + "\n" for task in tasks)
        done = subprocess.run([str(binary)], input=lines, capture_output=True, text=True, check=True, timeout=120)
        return [json.loads(line) for line in done.stdout.splitlines()]

    return answers


def text(data: bytes) -> str:
    """Return bytes as Go's JSON has them."""
    return base64.b64encode(data).decode()


def texts(hashes: list[bytes]) -> list[str]:
    """Return hashes as Go's JSON has them."""
    return [text(one) for one in hashes]


def test_go_opens_our_notes(ask: Ask) -> None:
    """Checkpoint and receipt open under their vkeys; with a changed byte or under another key they do not."""
    note, key = made.made_note(), made.SIGNER.verifier.vkey
    checkpoint = made.LOG.sign(f"{ORIGIN}\n0\n{text(tree.EMPTY_ROOT)}\n")
    opened, head, changed, unknown = ask(
        {"do": "open", "note": text(note), "vkeys": [key]},
        {"do": "open", "note": text(checkpoint), "vkeys": [made.LOG.verifier.vkey]},
        {"do": "open", "note": text(note.replace(b"for received", b"for answered")), "vkeys": [key]},
        {"do": "open", "note": text(note), "vkeys": [made.LOG.verifier.vkey]},
    )
    assert (opened["error"], opened["names"]) == ("", [f"{ORIGIN}/receipts"])
    assert note.decode().startswith(opened["text"])
    assert (head["error"], head["names"]) == ("", [ORIGIN])
    assert "invalid signature" in changed["error"]
    assert "no verifiable signatures" in unknown["error"]


@pytest.mark.parametrize("size", [1, 2, 7, 255, 256, 257, 700, 4600])
def test_go_reads_our_log(ask: Ask, tmp_path: Path, size: int) -> None:
    """From our tiles and from our entries Go computes our root and our proofs; and Go's checks accept ours."""
    queue = Queue(made_entries(size))
    LogDirectory(tmp_path, ORIGIN, SEED).publish(queue)
    reader = open_log(str(tmp_path))
    head = parse_checkpoint(reader.checkpoint_bytes(), [parse_vkey(made.LOG.verifier.vkey)])
    chance = Random(size)
    tasks, ours = [], []
    for index in {0, size - 1, chance.randrange(size)}:
        old = chance.randint(1, size)
        inclusion, consistency = inclusion_proof(reader, index, size), consistency_proof(reader, old, size)
        leaves = [tree.leaf_hash(entry) for entry in queue.all]
        at = {"size": size, "root": text(head.root), "index": index, "old": old}
        tasks += [
            {**at, "do": "read", "dir": str(tmp_path)},
            {**at, "do": "build", "entries": texts(queue.all)},
            {**at, "do": "check record", "leaf": text(leaves[index]), "proof": texts(inclusion)},
            {**at, "do": "check tree", "old_root": text(tree.root_of(leaves[:old])), "proof": texts(consistency)},
        ]
        ours.append((texts(inclusion), texts(consistency)))
    answers = ask(*tasks)
    assert [answer["error"] for answer in answers] == [""] * len(tasks)
    for n, (inclusion_texts, consistency_texts) in enumerate(ours):
        for answer in answers[4 * n : 4 * n + 2]:
            assert answer["root"] == text(head.root)
            assert answer["proof"] == inclusion_texts
            assert answer["tree"] == consistency_texts


def test_go_finds_what_is_wrong(ask: Ask, tmp_path: Path) -> None:
    """The control: a changed tile, leaf, proof and old root are refused by Go too.

    257 entries, because x/mod 0.7.0 compares the tiles below a shared one with their parents at some sizes only (its
    loop begins after as many tiles as the root has subtrees, though two of these may lie in one tile).
    """
    queue = Queue(made_entries(257))
    LogDirectory(tmp_path, ORIGIN, SEED).publish(queue)
    reader = open_log(str(tmp_path))
    leaves = [tree.leaf_hash(entry) for entry in queue.all]
    at = {"size": 257, "root": text(tree.root_of(leaves)), "index": 5, "old": 100}
    inclusion, consistency = texts(inclusion_proof(reader, 5, 257)), texts(consistency_proof(reader, 100, 257))
    old_root = text(tree.root_of(leaves[:100]))
    tile = tmp_path / "tile" / "0" / "000"
    sound = tile.read_bytes()
    tile.write_bytes(bytes([sound[0] ^ 1]) + sound[1:])
    answers = ask(
        {**at, "do": "read", "dir": str(tmp_path)},
        {**at, "do": "check record", "leaf": text(leaves[6]), "proof": inclusion},
        {**at, "do": "check record", "leaf": text(leaves[5]), "proof": inclusion[::-1]},
        {**at, "do": "check tree", "old_root": text(leaves[0]), "proof": consistency},
        {**at, "do": "check tree", "old_root": old_root, "proof": consistency[:-1]},
    )
    assert [answer["error"] for answer in answers].count("") == 0, answers


def test_go_checks_a_receipts_proof(ask: Ask, tmp_path: Path) -> None:
    """Both steps of a .tlog-proof by Go: the commitment in its batch, the batch's entry in the log."""
    proof = parse_proof(made.made_proof(tmp_path, cosigned=False))
    held = parse_held(proof.extra or b"")
    note_text = held.note.decode().rpartition("\n\n")[0] + "\n"
    commitment = tree.sha256(note_text.encode()).digest()
    root = batch_root(commitment, held.opening) or b""
    entry = seal_batch(held.slot, [], Random(0))[0]
    published = json.dumps({**json.loads(entry), "root": root.hex()}, separators=(",", ":")).encode()
    head = parse_checkpoint(proof.checkpoint, [made.LOG.verifier])
    in_batch = {
        "do": "check record",
        "size": BATCH_SIZE,
        "root": text(root),
        "index": held.opening.place,
        "leaf": text(tree.leaf_hash(commitment)),
        "proof": texts(list(held.opening.path)),
    }
    in_log = {
        "do": "check record",
        "size": head.size,
        "root": text(head.root),
        "index": proof.index,
        "leaf": text(tree.leaf_hash(published)),
        "proof": texts(list(proof.hashes)),
    }
    answers = ask(in_batch, in_log, {**in_batch, "index": held.opening.place ^ 1}, {**in_log, "leaf": text(root)})
    assert [bool(answer["error"]) for answer in answers] == [False, False, True, True]
