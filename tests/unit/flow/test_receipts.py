"""The whole way of a receipt: signed at once, sealed into a batch, in the log, proved to whoever holds it."""

import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import hypothesis
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from evenhand import main
from evenhand.doors.cli.app import evenhand
from evenhand.flow.keyring import keep_key
from evenhand.flow.receipt_check import ReceiptWrongError, check_receipt
from evenhand.flow.receipts import (
    BATCH_VIEW,
    CATCH_UP,
    OPENING,
    Issued,
    ReceiptPen,
    Sealing,
    open_pen,
    proof_for,
    proofs_of,
    publish_batch,
    waiting_at,
)
from evenhand.ledger import batch
from evenhand.ledger.cosignature import Witness, cosign
from evenhand.ledger.log import LogDirectory, reader_of
from evenhand.ledger.note import Signer
from evenhand.ledger.proofs import parse_proof
from evenhand.ledger.receipt import Purpose
from evenhand.ledger.receipt_proof import parse_held
from evenhand.reports.fold import Fold
from evenhand.settings import Settings
from evenhand.store.memory import MemoryStore
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault
from evenhand.vocabulary.commit import Commit, Done, Duplicate, Stream, commit_key
from evenhand.vocabulary.errors import InputError

AT = datetime(2026, 11, 24, 8, 0, 3, 500_000, tzinfo=UTC)
RAW = b"Please remove https://t.example/c/1\r\n"
STREAM = Stream(commit_key(AT.date(), b"notice", b"1"))
Docket = MemoryStore | SqliteStore


@pytest.fixture(params=["memory", "sqlite"])
def docket(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Docket]:
    """An empty docket of each kind."""
    if request.param == "memory":
        yield MemoryStore()
        return
    store = SqliteStore(tmp_path / "docket.sqlite3", Vault(bytes(32)))
    yield store
    store.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a desk with a directory of its own."""
    return Settings(data=tmp_path / "data", public_url="https://desk.example")


def take_in(docket: Docket, pen: ReceiptPen, number: int, at: datetime, stream: Stream = STREAM) -> Issued:
    """Take in a message as a journey does, its receipt in the same act."""
    issued = pen.make_receipt(
        RAW + b"%d" % number,
        purpose=Purpose.RECEIVED,
        reference=f"REF-{number}",
        at=at,
        stream=stream,
        subject=f"person-{number}",
    )
    key = commit_key(at.date(), b"intake", b"%d" % number)
    assert isinstance(docket.commit([Commit(key=key, records=(issued.record,), places=issued.places)])[0], Done)
    return issued


def seal(docket: Docket, instant: datetime) -> Done | Duplicate:
    """Seal a slot's batch as the clock does."""
    act = publish_batch(instant, waiting_at(docket, instant), docket.entry_count(), Random(5))
    (outcome,) = docket.commit([act])
    assert isinstance(outcome, Done | Duplicate)
    return outcome


def log_of(docket: Docket, settings: Settings) -> LogDirectory:
    """Publish what is committed."""
    directory = LogDirectory(settings.data / "log", settings.origin, (settings.data / "keys" / "log.key").read_bytes())
    directory.publish(docket)
    return directory


def test_from_receipt_to_proof(docket: Docket, settings: Settings, tmp_path: Path) -> None:
    """Note at once; no proof before the batch, nor before the log; then a proof that checks, for each of a stream."""
    pen = open_pen(settings)
    first = take_in(docket, pen, 1, AT)
    second = take_in(docket, pen, 2, AT + timedelta(seconds=1))
    directory = log_of(docket, settings)
    assert [(found.note, found.proof) for found in proofs_of(STREAM, docket, reader_of(directory))] == [
        (first.note, None),
        (second.note, None),
    ]
    docket.commit([Commit(key=commit_key(AT.date(), b"noise"), entries=tuple(b'{"n":%d}' % n for n in range(300)))])
    sealed = seal(docket, AT + timedelta(seconds=10))
    assert isinstance(sealed, Done)
    assert sealed.entries == (300,)
    assert [found.proof for found in proofs_of(STREAM, docket, reader_of(directory))] == [None, None]
    directory = log_of(docket, settings)
    for number, found in enumerate(proofs_of(STREAM, docket, reader_of(directory)), start=1):
        assert found.proof is not None
        file, message = tmp_path / "receipt.tlog-proof", tmp_path / "message"
        file.write_bytes(found.proof)
        message.write_bytes(RAW + b"%d" % number)
        verdict = check_receipt(file, directory.vkey, message=message)
        assert (verdict.reference, verdict.index, verdict.message) == (f"REF-{number}", 300, True)
        assert verdict.no_later_than == datetime(2026, 11, 24, 8, 0, 10, tzinfo=UTC)


def test_whoever_shows_a_note_gets_its_proof(docket: Docket, settings: Settings) -> None:
    """None before its batch; then its own, among many of one instant; none for a note that the desk never gave."""
    pen = open_pen(settings)
    notes = [take_in(docket, pen, number, AT).note for number in range(20)]
    reader = reader_of(log_of(docket, settings))
    assert proof_for(notes[3], docket, reader) is None
    seal(docket, AT + timedelta(seconds=10))
    log_of(docket, settings)
    for note in notes:
        found = proof_for(note, docket, reader)
        assert found is not None
        assert parse_held(parse_proof(found).extra or b"").note == note
    stranger = Settings(data=settings.data / "other", public_url="https://desk.example")
    with pytest.raises(InputError, match="not one that this desk gave"):
        proof_for(take_in(MemoryStore(), open_pen(stranger), 1, AT).note, docket, reader)
    docket.erase_subject("person-3")
    with pytest.raises(InputError, match="made to forget"):
        proof_for(notes[3], docket, reader)


def test_a_slot_is_sealed_once(docket: Docket, settings: Settings) -> None:
    """A second act of a slot changes nothing; an empty slot has its entry; what came after the slot began waits."""
    pen = open_pen(settings)
    take_in(docket, pen, 1, AT)
    take_in(docket, pen, 2, AT + timedelta(seconds=8))
    assert isinstance(seal(docket, AT + timedelta(seconds=10)), Done)
    assert waiting_at(docket, AT + timedelta(seconds=6)) == []
    assert docket.places(BATCH_VIEW) == waiting_at(docket, AT + timedelta(seconds=20))
    assert isinstance(seal(docket, AT + timedelta(seconds=12)), Duplicate)
    assert len(docket.places(BATCH_VIEW)) == 1
    assert isinstance(seal(docket, AT + timedelta(seconds=20)), Done)
    assert isinstance(seal(docket, AT + timedelta(seconds=30)), Done)
    assert docket.places(BATCH_VIEW) == []
    assert docket.entry_count() == 3
    assert {len(entry) for entry in docket.entries(0, 3)} == {137}
    assert sum(row.kind == OPENING for row in docket.records(STREAM)) == 2


def test_the_clock_seals_every_slot_once(docket: Docket) -> None:
    """Called every second: one batch a slot. A slot missed by a stall is made up for; a long stop only in part."""
    sealing = Sealing(docket)
    for seconds in range(30):
        sealing(AT + timedelta(seconds=seconds))
    assert docket.entry_count() == 4
    assert sealing(AT + timedelta(seconds=75)) == 4
    times = [json.loads(entry)["at"] for entry in docket.entries(0, docket.entry_count())]
    assert times == [f"2026-11-24T08:0{n // 6}:{n % 6}0Z" for n in range(8)]
    assert sealing(AT + timedelta(days=1)) == CATCH_UP + 1
    assert sealing(AT) == 0
    again = Sealing(docket)
    again(AT + timedelta(days=1))
    assert docket.entry_count() == 8 + CATCH_UP + 1


def test_overflow_waits_for_the_next(docket: Docket, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch takes the oldest that it has places for; the rest stands in the next, and loses nothing by it."""
    monkeypatch.setattr("evenhand.flow.receipts.BATCH_SIZE", 3)
    pen = open_pen(settings)
    for number in range(5):
        take_in(docket, pen, number, AT + timedelta(milliseconds=number))
    seal(docket, AT + timedelta(seconds=10))
    assert len(docket.places(BATCH_VIEW)) == 2
    seal(docket, AT + timedelta(seconds=20))
    directory = log_of(docket, settings)
    assert all(found.proof for found in proofs_of(STREAM, docket, reader_of(directory)))
    assert batch.BATCH_SIZE == 65_536


def test_erasing_the_sender_leaves_no_salt(docket: Docket, settings: Settings) -> None:
    """Erased before its batch: the batch is sealed all the same, and nothing opens the commitment any more."""
    pen = open_pen(settings)
    take_in(docket, pen, 1, AT)
    kept = take_in(docket, pen, 2, AT)
    docket.erase_subject("person-1")
    assert isinstance(seal(docket, AT + timedelta(seconds=10)), Done)
    found = list(proofs_of(STREAM, docket, reader_of(log_of(docket, settings))))
    assert [one.note for one in found] == [kept.note]
    assert found[0].proof is not None


def test_reports_leave_batches_out() -> None:
    """Figures of a log with batches are those of the log without."""
    fold = Fold()
    fold.add([batch.seal_batch(n, [], Random(n))[0] for n in range(50)], 0)
    assert fold.days() == {}


def test_published_bytes_are_as_long_with_and_without_a_message(settings: Settings) -> None:
    """Two desks, one of which got a message, publish logs of equal sizes, file by file."""
    sizes = []
    for got in (False, True):
        docket = MemoryStore()
        pen = open_pen(settings)
        if got:
            take_in(docket, pen, 1, AT)
        for seconds in range(10, 100, 10):
            seal(docket, AT + timedelta(seconds=seconds))
        path = settings.data / f"log-{got}"
        LogDirectory(path, settings.origin, bytes(32)).publish(docket)
        sizes.append({str(f.relative_to(path)): f.stat().st_size for f in path.rglob("*") if f.is_file()})
    assert sizes[0] == sizes[1]


class Desk:
    """What the commands need of the house."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings


def run(*arguments: str, settings: Settings) -> Result:
    """Call the command line."""
    return CliRunner().invoke(evenhand, list(arguments), obj=Desk(settings))


def test_command_verifies_both_forms(settings: Settings, tmp_path: Path) -> None:
    """0 and what it proves by whose time; 1 and the reason; 2 for what cannot be used."""
    docket, pen = MemoryStore(), open_pen(settings)
    note = take_in(docket, pen, 1, AT).note
    seal(docket, AT + timedelta(seconds=10))
    directory = log_of(docket, settings)
    checkpoint = directory.path / "checkpoint"
    checkpoint.write_bytes(
        checkpoint.read_bytes() + cosign("w.example", bytes(32), checkpoint.read_bytes(), 1_795_507_225)
    )
    witness = Witness("w.example", Signer("w.example", bytes(32)).verifier.public).vkey
    (found,) = proofs_of(STREAM, docket, reader_of(directory))
    assert found.proof is not None
    files = {"r.note": note, "r.tlog-proof": found.proof, "m": RAW + b"1", "other": RAW, "junk": b"\xff\x00junk"}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)

    def verify(name: str, *more: str) -> Result:
        return run("receipt", "verify", str(tmp_path / name), "--vkey", directory.vkey, *more, settings=settings)

    plain = verify("r.note", "--message", str(tmp_path / "m"))
    assert (plain.exit_code, plain.stderr) == (0, "")
    assert "received the very bytes of the file given, reference REF-1" in plain.stdout
    assert "the platform's own clock" in plain.stdout
    proved = verify("r.tlog-proof", "--witness", witness, "--json")
    assert json.loads(proved.stdout) == {
        "verifies": True,
        "form": "tlog-proof",
        "for": "received",
        "reference": "REF-1",
        "origin": "desk.example/log",
        "at": "2026-11-24T08:00:03.500000+00:00",
        "log_by": "2026-11-24T09:00:03.500000+00:00",
        "late": False,
        "batch": {"at": "2026-11-24T08:00:10+00:00", "index": 0},
        "message": None,
        "no_later_than": "2026-11-24T08:00:25+00:00",
        "clock": "witness",
        "witness": "w.example",
    }
    assert "by the time of the witness w.example" in verify("r.tlog-proof", "--witness", witness).stdout
    wrong = verify("r.note", "--message", str(tmp_path / "other"), "--json")
    assert (wrong.exit_code, json.loads(wrong.stdout)["verifies"]) == (1, False)
    assert "is not the message" in wrong.stderr
    assert verify("r.note", "--witness", witness).exit_code == 1
    assert verify("junk").exit_code == 2
    assert "neither" in verify("junk").stderr
    assert verify("absent").exit_code == 2
    assert verify("r.note", "--witness", directory.vkey).exit_code == 2
    own = run("receipt", "key", settings=settings).stdout.strip()
    assert own == pen.vkey
    assert run("receipt", "verify", str(tmp_path / "r.note"), "--vkey", own, settings=settings).exit_code == 0


def test_command_writes_the_proof(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the real house, from its docket and log: 1 while the log does not have it, then the file beside the note."""
    monkeypatch.setenv("EVENHAND_DATA", str(settings.data))
    monkeypatch.setenv("EVENHAND_PUBLIC_URL", settings.public_url)
    pen, file = open_pen(settings), tmp_path / "r.note"

    def command() -> Result:
        house = main.Desk()
        try:
            return CliRunner().invoke(evenhand, ["receipt", "proof", str(file)], obj=house)
        finally:
            house._docket.close()

    def store() -> SqliteStore:
        return SqliteStore(settings.data / "docket.sqlite3", Vault(keep_key(settings.data / "keys" / "master.key", 32)))

    with store() as docket:
        file.write_bytes(take_in(docket, pen, 1, AT).note)
        log_of(docket, settings)
    assert command().exit_code == 1
    with store() as docket:
        seal(docket, AT + timedelta(seconds=10))
        vkey = log_of(docket, settings).vkey
    assert command().exit_code == 0
    assert check_receipt(tmp_path / "r.tlog-proof", vkey).index == 0


def test_late_batch_is_said(settings: Settings, tmp_path: Path) -> None:
    """A batch after the promised time still proves what it proves, and says that it is late."""
    docket, pen = MemoryStore(), open_pen(settings)
    take_in(docket, pen, 1, AT)
    seal(docket, AT + timedelta(hours=2))
    directory = log_of(docket, settings)
    (found,) = proofs_of(STREAM, docket, reader_of(directory))
    file = tmp_path / "late.tlog-proof"
    file.write_bytes(found.proof or b"")
    assert check_receipt(file, directory.vkey).late
    said = run("receipt", "verify", str(file), "--vkey", directory.vkey, settings=settings).stdout
    assert "later than was promised" in said


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[bytes]]:
    """A log's key and a receipt of it in both forms."""
    settings = Settings(data=tmp_path_factory.mktemp("sound"), public_url="https://desk.example")
    docket, pen = MemoryStore(), open_pen(settings)
    note = take_in(docket, pen, 1, AT).note
    seal(docket, AT + timedelta(seconds=10))
    directory = log_of(docket, settings)
    (found,) = proofs_of(STREAM, docket, reader_of(directory))
    return directory.vkey, [note, found.proof or b""]


@hypothesis.settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_hostile_files_never_raise(
    sound: tuple[str, list[bytes]], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Cut, filled and mixed in any way: it verifies unchanged, or there is a reason; no other exception."""
    vkey, files = sound
    file = data.draw(st.sampled_from(files))
    begin = data.draw(st.integers(0, len(file)))
    end = data.draw(st.integers(begin, len(file)))
    middle = data.draw(st.binary(max_size=60) | st.sampled_from(files) | st.just(b"\n\n") | st.just(file[begin:end]))
    spoiled = file[:begin] + middle + file[end:]
    path = tmp_path_factory.getbasetemp() / "hostile"
    path.write_bytes(spoiled)
    try:
        check_receipt(path, vkey)
    except (InputError, ReceiptWrongError) as error:
        assert spoiled != file, error  # noqa: PT017 - what is sound must verify
    else:
        assert spoiled == file


def test_memory_does_not_grow_with_what_is_given(
    sound: tuple[str, list[bytes]], settings: Settings, tmp_path: Path
) -> None:
    """A receipt without end is refused after a limit; a large message is read in pieces."""
    vkey, (note, _) = sound
    endless = run("receipt", "verify", "/dev/zero", "--vkey", vkey, settings=settings)
    assert (endless.exit_code, "no receipt is as large" in endless.stderr) == (2, True)
    large, file = tmp_path / "large", tmp_path / "note"
    file.write_bytes(note)
    with large.open("wb") as opened:
        opened.truncate(64 << 20)
    tracemalloc.start()
    try:
        with pytest.raises(ReceiptWrongError, match="is not the message"):
            check_receipt(file, vkey, message=large)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
