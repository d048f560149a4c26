"""Receipts: what they say can be read back, what is changed is found, what is hostile is refused with a reason."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.ledger import receipts_made as made

from evenhand.ledger.checkpoint import Checkpoint, format_checkpoint, parse_checkpoint
from evenhand.ledger.cosignature import cosign, cosigned_at, parse_witness
from evenhand.ledger.note import Signer, open_note, parse_vkey
from evenhand.ledger.proofs import format_proof, parse_proof
from evenhand.ledger.receipt import (
    Purpose,
    Receipt,
    commit_to,
    endorse,
    format_receipt,
    open_receipt,
    parse_receipt,
    signer_name,
)
from evenhand.ledger.receipt_proof import check_receipt_proof, parse_held
from evenhand.vocabulary.errors import InputError

KEY = parse_vkey(made.LOG.verifier.vkey)
INSTANTS = st.timedeltas(timedelta(0), timedelta(days=2_932_000)).map(
    lambda past: datetime(9998, 1, 1, tzinfo=UTC) - past
)
RECEIPTS = st.builds(
    Receipt,
    origin=st.just(made.ORIGIN),
    reference=st.from_regex(r"[0-9A-Za-z-]{1,64}", fullmatch=True),
    purpose=st.sampled_from(Purpose),
    at=INSTANTS,
    log_by=st.just(datetime(9999, 1, 1, tzinfo=UTC)),
    salt=st.binary(min_size=16, max_size=64),
    commitment=st.binary(min_size=32, max_size=32),
    signer=st.just(made.SIGNER.verifier.vkey),
    endorsement=st.binary(min_size=64, max_size=64),
)


@settings(deadline=None)
@given(receipt=RECEIPTS)
def test_text_and_receipt_are_inverse(receipt: Receipt) -> None:
    """What is written is read back, and what is read is written the same."""
    text = format_receipt(receipt)
    assert parse_receipt(text) == receipt
    assert format_receipt(parse_receipt(text)) == text


@settings(max_examples=150, deadline=None)
@given(text=st.one_of(st.text(max_size=300), st.data()))
def test_parser_is_total(text: object) -> None:
    """Whatever comes in is a receipt that is written the same again, or is refused with a reason."""
    lines = format_receipt(made.made_receipt()).split("\n")
    if isinstance(text, st.DataObject):
        n = text.draw(st.integers(0, len(lines) - 1))
        lines[n] = text.draw(st.text(max_size=80) | st.sampled_from(lines).map(lambda line: line + "0"))
        text = "\n".join(lines)
    with suppress(InputError):
        assert format_receipt(parse_receipt(str(text))) == text


def test_note_opens_with_the_logs_key_and_with_its_own() -> None:
    """Whoever has the log's key needs no other; the receipt key does as well; another log's does not."""
    note = made.made_note()
    assert open_receipt(note, KEY) == made.made_receipt()
    assert open_receipt(note, made.SIGNER.verifier) == made.made_receipt()
    with pytest.raises(InputError, match="the key given is of elsewhere"):
        open_receipt(note, Signer("elsewhere.example/log", made.LOG_SEED).verifier)
    with pytest.raises(InputError, match="did not endorse"):
        open_receipt(note, Signer(made.ORIGIN, bytes(32)).verifier)


def test_a_self_made_signer_is_refused() -> None:
    """Somebody who endorses a key of their own with a key of their own gets nowhere."""
    forger = Signer(signer_name(made.ORIGIN), bytes(32))
    own = endorse(Signer(made.ORIGIN, bytes(32)), forger.verifier)
    forged = replace(made.made_receipt(), signer=forger.verifier.vkey, endorsement=own)
    with pytest.raises(InputError, match="did not endorse"):
        open_receipt(forger.sign(format_receipt(forged)), KEY)
    borrowed = replace(forged, endorsement=made.made_receipt().endorsement)
    with pytest.raises(InputError, match="did not endorse"):
        open_receipt(forger.sign(format_receipt(borrowed)), KEY)


def test_no_kind_of_note_passes_for_another() -> None:
    """A receipt is no checkpoint and a checkpoint no receipt, whoever signed them."""
    by_log = made.LOG.sign(format_receipt(made.made_receipt()))
    with pytest.raises(InputError):
        parse_checkpoint(by_log, [KEY])
    with pytest.raises(InputError):
        open_receipt(format_checkpoint(Checkpoint(made.ORIGIN, 0, bytes(32)), made.LOG), KEY)
    with pytest.raises(InputError, match="no known key"):
        open_receipt(by_log, KEY)


def test_commitment_opens_with_salt_and_message_only() -> None:
    """The same message and salt open it; without the salt, or with another message, nothing does."""
    receipt = made.made_receipt()
    assert receipt.opens_with(commit_to(receipt.salt, made.MESSAGE))
    assert not receipt.opens_with(commit_to(b"", made.MESSAGE))
    assert not receipt.opens_with(commit_to(receipt.salt, made.MESSAGE + b" "))
    assert made.MESSAGE.hex()[:16] not in made.made_note().hex()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda r: replace(r, salt=bytes(15)), "salt"),
        (lambda r: replace(r, log_by=r.at - timedelta(seconds=1)), "before"),
        (lambda r: replace(r, origin="elsewhere.example/log"), "not the receipt key"),
        (lambda r: replace(r, at=datetime(1969, 12, 31, tzinfo=UTC)), "at: is not an instant"),
        (lambda r: replace(r, reference="a b"), "reference"),
        (lambda r: replace(r, reference=""), "reference"),
    ],
)
def test_malformed_receipts_are_refused(spoil: Callable[[Receipt], Receipt], reason: str) -> None:
    """The reason names the line."""
    with pytest.raises(InputError, match=reason):
        parse_receipt(format_receipt(spoil(made.made_receipt())))


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A .tlog-proof that two witnesses cosigned."""
    return made.made_proof(tmp_path_factory.mktemp("log"))


def checks(data: bytes) -> bool:
    """Tell whether a .tlog-proof checks under the log's key and both witnesses."""
    try:
        check_receipt_proof(parse_proof(data), KEY, made.made_witnesses())
    except InputError:
        return False
    return True


def test_proof_shows_receipt_batch_and_earliest_witness(proof: bytes) -> None:
    """All that the receipt said, the batch's instant, the log's head, and the earlier of two witnesses."""
    shown = check_receipt_proof(parse_proof(proof), KEY, made.made_witnesses())
    assert shown.receipt == made.made_receipt()
    assert shown.batch_at == datetime(2026, 11, 24, 8, 0, 10, tzinfo=UTC)
    assert (shown.index, shown.head.size) == (2, 4)
    assert shown.seen == (datetime(2026, 11, 24, 8, 0, 19, tzinfo=UTC), "witness.example/two")
    assert check_receipt_proof(parse_proof(proof), KEY).seen is None


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_one_changed_byte_of_a_note_is_found(data: st.DataObject) -> None:
    """Wherever it is and whatever it becomes."""
    note = bytearray(made.made_note())
    place = data.draw(st.integers(0, len(note) - 1))
    note[place] = data.draw(st.integers(0, 255).filter(lambda value: value != note[place]))
    with pytest.raises(InputError):
        open_receipt(bytes(note), KEY)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_one_changed_byte_of_a_proof_is_found(proof: bytes, data: st.DataObject) -> None:
    """Also in the part that the format itself does not authenticate, and in each witness's line."""
    spoiled = bytearray(proof)
    place = data.draw(st.integers(0, len(spoiled) - 1))
    spoiled[place] = data.draw(st.integers(0, 255).filter(lambda value: value != spoiled[place]))
    assert checks(proof)
    assert not checks(bytes(spoiled))


def test_every_flipped_low_bit_is_found(proof: bytes) -> None:
    """The last bit of a base64 text need not mean anything: it must be right all the same."""
    for sound, check in ((made.made_note(), None), (proof, checks)):
        for place in range(len(sound)):
            spoiled = bytearray(sound)
            spoiled[place] ^= 1
            if check is not None:
                assert not check(bytes(spoiled)), place
            else:
                with pytest.raises(InputError):
                    open_receipt(bytes(spoiled), KEY)


def test_what_does_not_belong_together_is_refused(proof: bytes, tmp_path: Path) -> None:
    """Another receipt in the place of the first, no receipt at all, a batch before its receipt, an absent witness."""
    whole = parse_proof(proof)
    other = parse_proof(made.made_proof(tmp_path / "other", made.made_note(made.made_receipt(b"other"))))
    with pytest.raises(InputError, match="does not lead"):
        check_receipt_proof(replace(whole, extra=other.extra), KEY)
    with pytest.raises(InputError, match="missing"):
        check_receipt_proof(replace(whole, extra=None), KEY)
    later = made.made_note(replace(made.made_receipt(), at=made.AT + timedelta(seconds=8)))
    with pytest.raises(InputError, match="older than the receipt"):
        check_receipt_proof(parse_proof(made.made_proof(tmp_path / "late", later)), KEY)
    bare = parse_proof(made.made_proof(tmp_path / "bare", cosigned=False))
    with pytest.raises(InputError, match="example/one has not cosigned"):
        check_receipt_proof(bare, KEY, made.made_witnesses())


@settings(max_examples=150, deadline=None)
@given(data=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))))
def test_openings_parser_is_total(data: bytes) -> None:
    """Whatever stands in `extra`: an opening, or refused with a reason."""
    with suppress(InputError):
        parse_held(data)


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"[" * 100_000,
        b'{"note":"\\ud800","path":[],"place":0,"slot":0,"v":1}',
        b'{"note":"","path":[],"place":1e400,"slot":0,"v":1}',
        b'{"note":"","path":[],"place":0,"slot":99999999999999999999999999,"v":1}',
        b'{"note":"","path":[],"place":-1,"slot":0,"v":1}',
    ],
)
def test_hostile_openings_are_refused(data: bytes) -> None:
    """Depth, surrogates and numbers without end."""
    with pytest.raises(InputError):
        parse_held(data)


def test_proof_file_is_its_one_form(proof: bytes) -> None:
    """Reading and writing gives the same bytes."""
    assert format_proof(parse_proof(proof)) == proof


def test_cosignature_counts_its_own_key_and_time_only(tmp_path: Path) -> None:
    """Another key under the name is no cosignature; a changed time or an impossible one does not verify."""
    checkpoint = parse_proof(made.made_proof(tmp_path, cosigned=False)).checkpoint
    name, seed = "witness.example/one", made.WITNESS_SEEDS["witness.example/one"]
    witness = made.made_witnesses()[0]
    assert parse_witness(witness.vkey) == witness
    signed = checkpoint + cosign(name, seed, checkpoint, 1_800_000_000)
    assert cosigned_at(signed, witness) == datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
    assert open_note(signed, [KEY])[1] == [made.ORIGIN]
    with pytest.raises(InputError, match="has not cosigned"):
        cosigned_at(checkpoint + cosign(name, bytes(32), checkpoint, 1_800_000_000), witness)
    with pytest.raises(InputError, match="does not verify"):
        cosigned_at(checkpoint + cosign(name, seed, checkpoint, 2**63), witness)
    with pytest.raises(InputError, match="type 4"):
        parse_witness(made.LOG.verifier.vkey)
