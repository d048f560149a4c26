"""The vectors that outsiders can check their own code against: ours agrees with every one of them."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from evenhand.flow.receipt_check import ReceiptWrongError, check_receipt
from evenhand.ledger.batch import Opening, batch_entry, batch_root
from evenhand.ledger.cosignature import cosign
from evenhand.ledger.note import Signer, parse_vkey
from evenhand.ledger.proofs import parse_proof
from evenhand.ledger.receipt import (
    Purpose,
    Receipt,
    endorse,
    endorsement_message,
    format_receipt,
    open_receipt,
    parse_instant,
    signer_name,
)
from evenhand.ledger.receipt_proof import committed

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "receipts.json").read_text("utf-8"))
ORIGIN = "desk.example/log"
LOG = Signer(ORIGIN, bytes.fromhex(VECTORS["keys"]["log"]["seed_hex"]))
SIGNER = Signer(signer_name(ORIGIN), bytes.fromhex(VECTORS["keys"]["receipts"]["seed_hex"]))
WITNESSES = [witness["vkey"] for witness in VECTORS["keys"]["witnesses"]]


def test_keys_and_endorsement() -> None:
    """Seeds give the vkeys, and the log's key the endorsement."""
    assert LOG.verifier.vkey == VECTORS["keys"]["log"]["vkey"]
    assert SIGNER.verifier.vkey == VECTORS["keys"]["receipts"]["vkey"]
    message = endorsement_message(ORIGIN, SIGNER.verifier.vkey)
    assert message.decode() == VECTORS["endorsement"]["message"]
    assert endorse(LOG, SIGNER.verifier).hex() == VECTORS["endorsement"]["signature_hex"]


def test_note_batch_and_cosignatures_byte_for_byte() -> None:
    """From the values, the note, the batch's entry and the witnesses' lines as they stand there."""
    case = VECTORS["received"]
    salt, message = bytes.fromhex(case["salt_hex"]), bytes.fromhex(case["message_hex"])
    receipt = Receipt(
        origin=ORIGIN,
        reference=case["reference"],
        purpose=Purpose.RECEIVED,
        at=parse_instant("at", case["at"]),
        log_by=parse_instant("log_by", case["log_by"]),
        salt=salt,
        commitment=sha256(salt + message).digest(),
        signer=SIGNER.verifier.vkey,
        endorsement=endorse(LOG, SIGNER.verifier),
    )
    note = SIGNER.sign(format_receipt(receipt))
    assert note.decode() == case["note"]
    batch = case["batch"]
    assert committed(note).hex() == batch["commitment_hex"]
    opening = Opening(place=batch["place"], path=tuple(bytes.fromhex(step) for step in batch["path_hex"]))
    root = batch_root(committed(note), opening)
    assert root == bytes.fromhex(batch["root_hex"])
    assert batch_entry(batch["slot"], root).decode() == batch["entry"]
    checkpoint = parse_proof(case["tlog_proof"].encode()).checkpoint
    for witness in VECTORS["keys"]["witnesses"]:
        name = witness["vkey"].split("+")[0]
        assert cosign(name, bytes.fromhex(witness["seed_hex"]), checkpoint, witness["cosigned_at"]) in checkpoint


def test_what_verifies(tmp_path: Path) -> None:
    """Both forms, with the message; the proof by the earlier witness's time."""
    case, file, message = VECTORS["received"], tmp_path / "file", tmp_path / "message"
    message.write_bytes(bytes.fromhex(case["message_hex"]))
    file.write_text(case["note"], "utf-8")
    assert check_receipt(file, LOG.verifier.vkey, message=message).form == "note"
    file.write_text(case["tlog_proof"], "utf-8")
    verdict = check_receipt(file, LOG.verifier.vkey, WITNESSES, message)
    assert (verdict.index, verdict.by) == (case["index"], case["by"])
    assert verdict.no_later_than == datetime.fromisoformat(case["no_later_than"]).astimezone(UTC)
    answered = open_receipt(VECTORS["answered"]["note"].encode(), parse_vkey(LOG.verifier.vkey))
    assert answered.purpose is Purpose.ANSWERED
    assert answered.opens_with(sha256(answered.salt + bytes.fromhex(VECTORS["answered"]["message_hex"])).digest())


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
def test_what_does_not(tmp_path: Path, case: dict[str, str]) -> None:
    """Each is refused as what it is: a receipt that does not verify."""
    file = tmp_path / "file"
    file.write_text(case["file"], "utf-8")
    witnesses = WITNESSES if case["file"].startswith("c2sp.org") else []
    with pytest.raises(ReceiptWrongError):
        check_receipt(file, LOG.verifier.vkey, witnesses)
