"""The sequencer and the verifier: the same bytes however it was published, and every changed byte is found."""

import shutil
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.ledger import log as log_module
from evenhand.ledger import tree
from evenhand.ledger.log import LogDirectory
from evenhand.ledger.proofs import TlogProof, check_proof, consistency_proof, format_proof, inclusion_proof, parse_proof
from evenhand.ledger.reader import open_log
from evenhand.ledger.verify import verify_log
from evenhand.vocabulary.errors import Fatal, InputError

SEED = bytes(range(32))
ORIGIN = "desk.example/log"
_REPLACE = Path.replace


class Queue:
    """Committed entries and the head that was recorded before signing, as a docket keeps them."""

    def __init__(self, entries: list[bytes]) -> None:
        self.all = entries
        self.head = (0, tree.EMPTY_ROOT)

    def entry_count(self) -> int:
        """Return how many entries are committed."""
        return len(self.all)

    def entries(self, start: int, stop: int) -> list[bytes]:
        """Return entries by number."""
        return self.all[start:stop]

    def signed_head(self) -> tuple[int, bytes]:
        """Return the recorded head."""
        return self.head

    def set_signed_head(self, size: int, root: bytes) -> None:
        """Record a head."""
        assert size >= self.head[0]
        self.head = (size, root)


def made(count: int) -> list[bytes]:
    """Return distinct entries of different lengths."""
    return [b'{"n":%d,"pad":"%s"}' % (n, b"x" * (n % 37)) for n in range(count)]


def published(path: Path, count: int, steps: list[int] | None = None) -> LogDirectory:
    """Publish `count` entries, in portions if given."""
    directory, queue = LogDirectory(path, ORIGIN, SEED), Queue([])
    for stop in [*(steps or []), count]:
        queue.all = made(stop)
        assert directory.publish(queue) == stop
    return directory


def files(path: Path) -> dict[str, bytes]:
    """Return every file of a log by path."""
    return {str(f.relative_to(path)): f.read_bytes() for f in sorted(path.rglob("*")) if f.is_file()}


@settings(max_examples=12, deadline=None)
@given(steps=st.lists(st.integers(0, 1200), min_size=1, max_size=6).map(sorted))
def test_portions_do_not_matter(tmp_path_factory: pytest.TempPathFactory, steps: list[int]) -> None:
    """Published in any portions, the final tree has the same bytes as in one go, and verifies at each step."""
    one = tmp_path_factory.mktemp("one")
    many = tmp_path_factory.mktemp("many")
    directory = published(one, steps[-1])
    published(many, steps[-1], steps)
    whole, parts = files(one), files(many)
    assert {path: parts[path] for path in whole} == whole
    assert verify_log(open_log(str(many)), directory.vkey).size == steps[-1]


def test_nothing_new_rewrites_nothing(tmp_path: Path) -> None:
    """Publishing again touches no file."""
    directory, queue = LogDirectory(tmp_path, ORIGIN, SEED), Queue(made(300))
    directory.publish(queue)
    before = {f: f.stat().st_mtime_ns for f in tmp_path.rglob("*")}
    directory.publish(queue)
    assert {f: f.stat().st_mtime_ns for f in tmp_path.rglob("*")} == before


def test_every_changed_byte_is_found(tmp_path: Path) -> None:
    """One flipped bit in any file, at its beginning, middle and end, is found; the untouched log is right."""
    directory = published(tmp_path / "log", 70_000 % 66_000 + 600)
    reader = open_log(str(tmp_path / "log"))
    assert verify_log(reader, directory.vkey).origin == ORIGIN
    for path, data in files(tmp_path / "log").items():
        file = tmp_path / "log" / path
        for place in {0, len(data) // 2, len(data) - 1}:
            spoiled = bytearray(data)
            spoiled[place] ^= 1
            file.write_bytes(bytes(spoiled))
            with pytest.raises(InputError):
                verify_log(reader, directory.vkey)
        file.write_bytes(data)
    assert verify_log(reader, directory.vkey).size == 4600


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_bit_of_any_file_of_a_grown_log_is_found(grown: tuple[Path, str], data: st.DataObject) -> None:
    """Whatever bit of whatever file: also of tiles and bundles that are left from when the log was smaller."""
    log, vkey = grown
    path = data.draw(st.sampled_from(sorted(files(log))))
    whole = (log / path).read_bytes()
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    spoiled = bytearray(whole)
    spoiled[bit // 8] ^= 1 << bit % 8
    try:
        (log / path).write_bytes(bytes(spoiled))
        with pytest.raises(InputError):
            verify_log(open_log(str(log)), vkey)
    finally:
        (log / path).write_bytes(whole)
    assert verify_log(open_log(str(log)), vkey).size == 700


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A log that grew in steps, and its key."""
    path = tmp_path_factory.mktemp("grown")
    directory = published(path, 700, [3, 41, 300, 511, 700])
    assert {"tile/1/000.p/1", "tile/1/000.p/2"} <= set(files(path))  # those below a full tile went
    return path, directory.vkey


def test_a_wider_tile_than_was_signed_is_no_fault(tmp_path: Path) -> None:
    """A kill between the tiles and the signature leaves wider ones; they agree with what is signed, or are found."""
    directory = published(tmp_path / "smaller", 10)
    log = published(tmp_path / "log", 12, [10]).path
    (log / "checkpoint").write_bytes((tmp_path / "smaller" / "checkpoint").read_bytes())
    assert verify_log(open_log(str(log)), directory.vkey).size == 10
    (log / "README").write_text("no part of the log")
    assert verify_log(open_log(str(log)), directory.vkey).size == 10
    wider = log / "tile" / "0" / "000.p" / "12"
    wider.write_bytes(b"x" + wider.read_bytes()[1:])
    with pytest.raises(InputError, match=r"000\.p/12"):
        verify_log(open_log(str(log)), directory.vkey)


def test_older_checkpoint_is_a_prefix(tmp_path: Path) -> None:
    """A kept checkpoint still fits after growth; one of a rewritten history does not."""
    directory, queue = LogDirectory(tmp_path / "a", ORIGIN, SEED), Queue(made(300))
    directory.publish(queue)
    kept = (tmp_path / "a" / "checkpoint").read_bytes()
    queue.all = made(900)
    directory.publish(queue)
    assert verify_log(open_log(str(tmp_path / "a")), directory.vkey, kept).since == 300
    other = LogDirectory(tmp_path / "b", ORIGIN, SEED)
    other.publish(Queue([b"rewritten", *made(900)[1:]]))
    with pytest.raises(InputError, match="no longer begins"):
        verify_log(open_log(str(tmp_path / "b")), directory.vkey, kept)


def test_partial_tiles_go_when_the_full_one_is_there(tmp_path: Path) -> None:
    """No partial tile is left beside a full one; older heads still get their proofs and roots from the full ones."""
    directory, queue = LogDirectory(tmp_path, ORIGIN, SEED), Queue([])
    for size in (1, 100, 255, 256, 300, 511, 700, 66_000, 66_001):
        queue.all = made(size)
        directory.publish(queue)
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.p")}
    assert left == {"tile/entries/257.p", "tile/0/257.p", "tile/1/001.p", "tile/2/000.p"}
    reader, leaves = open_log(str(tmp_path)), [tree.leaf_hash(entry) for entry in made(300)]
    proof = inclusion_proof(reader, 299, 300)
    assert tree.check_inclusion(299, 300, leaves[299], proof, tree.root_of(leaves))
    assert verify_log(reader, directory.vkey).size == 66_001


class Killed(BaseException):
    """Stands for a kill at one step."""


@pytest.mark.parametrize("before", [0, 1, 255, 256, 700])
def test_kill_at_every_step_resumes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int) -> None:
    """Killed after any file, record or signature, the next start completes the same bytes; no second history."""
    finished = published(tmp_path / "whole", 1100)
    step = 0
    while True:
        path = tmp_path / "killed"
        directory, queue = LogDirectory(path, ORIGIN, SEED), Queue(made(before))
        if before:
            directory.publish(queue)
        queue.all = made(1100)
        left = step

        def replace(self: Path, target: Path) -> Path:
            nonlocal left
            if left == 0:
                raise Killed
            left -= 1
            return _REPLACE(self, target)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", replace)
            try:
                directory.publish(queue)
            except Killed:
                died = True
            else:
                died = False
        again = LogDirectory(path, ORIGIN, SEED)
        assert again.publish(queue) == 1100
        assert verify_log(open_log(str(path)), finished.vkey).size == 1100
        whole, killed = files(tmp_path / "whole"), files(path)
        assert {name: killed[name] for name in whole} == whole
        shutil.rmtree(path)
        if not died:
            return
        step += 1


def test_foreign_directory_is_refused(tmp_path: Path) -> None:
    """A log that the docket did not sign stops the start: no second history."""
    directory = published(tmp_path, 300)
    with pytest.raises(Fatal, match="old copy of the docket"):
        directory.publish(Queue(made(300)))
    other = Queue([b"other", *made(300)[1:]])
    other.head = (300, tree.root_of([tree.leaf_hash(entry) for entry in other.all]))
    with pytest.raises(Fatal, match="belong together"):
        directory.publish(other)


def test_read_back_catches_a_lying_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that keeps other bytes than were written is noticed before anything is signed."""
    directory = LogDirectory(tmp_path, ORIGIN, SEED)
    real = Path.write_bytes
    monkeypatch.setattr(Path, "write_bytes", lambda self, data: real(self, data[:-1] + b"?"))
    with pytest.raises(Fatal, match="read back"):
        directory.publish(Queue(made(10)))
    assert not (tmp_path / "checkpoint").exists()
    assert log_module.CHUNK_ENTRIES % 256 == 0


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_proofs_from_tiles(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Proofs made from tiles check; with any part changed they do not."""
    size = data.draw(st.integers(1, 700))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(0, size))
    path = tmp_path_factory.mktemp("log")
    directory = published(path, size)
    reader, leaves = open_log(str(path)), [tree.leaf_hash(entry) for entry in made(size)]
    proof = inclusion_proof(reader, index, size)
    root = tree.root_of(leaves)
    assert tree.check_inclusion(index, size, leaves[index], proof, root)
    steps = consistency_proof(reader, old, size)
    assert tree.check_consistency(old, size, tree.root_of(leaves[:old]), root, steps)
    if 0 < old < size:
        assert not tree.check_consistency(old, size, root, root, steps)
        assert not tree.check_consistency(old, size, tree.root_of(leaves[:old]), root, [*steps, root])
    if proof:
        flipped = [bytes([proof[0][0] ^ 1]) + proof[0][1:], *proof[1:]]
        assert not tree.check_inclusion(index, size, leaves[index], flipped, root)
        assert not tree.check_inclusion(index, size, leaves[index], proof[:-1], root)
    whole = TlogProof(index=index, hashes=tuple(proof), checkpoint=(path / "checkpoint").read_bytes(), extra=b"x")
    again = parse_proof(format_proof(whole))
    assert again == whole
    from evenhand.ledger.note import parse_vkey

    assert check_proof(again, leaves[index], [parse_vkey(directory.vkey)]).size == size


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=300))
def test_proof_parser_is_total(data: bytes) -> None:
    """Anything that is not a proof file is refused with a reason."""
    with suppress(InputError):
        parse_proof(b"c2sp.org/tlog-proof@v1\n" + data)
