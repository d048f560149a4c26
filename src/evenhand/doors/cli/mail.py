"""`evenhand mail`: what a message is, who sent it, which door it belongs to."""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from evenhand.doors.cli.house import House
from evenhand.doors.cli.lines import LineErrors
from evenhand.doors.mail.boxes import is_mbox, maildir_messages, mbox_messages, one_message
from evenhand.doors.mail.reader import MailReader
from evenhand.flow.identify import Identifier, load_registry, no_registry
from evenhand.flow.letter import Checks, check_sender, place_letter
from evenhand.flow.wrong_door import shipped_door_model
from evenhand.settings import Settings
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.letter import Letter

TEXT_SHOWN = 2_000
"""Characters of a letter's text that are printed."""


@click.command()
@click.argument("file", type=click.Path(exists=True, allow_dash=True, path_type=Path), default="-")
@click.option("--to", "envelope_to", default="", metavar="ADDRESS", help="Where the mail server delivered it.")
@click.option(
    "--registry",
    "registry_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Authorities; without it registry.json in the data directory, if there is one.",
)
@click.pass_obj
def mail(house: House, file: Path, envelope_to: str, registry_file: Path | None) -> None:
    """Say of each message of FILE what it is, as one line of JSON: letter, sender, door.

    FILE (or -) is one message, an mbox or a Maildir directory. Messages are read in a sandboxed child. One that cannot
    be read is reported on standard error with its number; the rest goes on, and the exit code is 2. Nothing is moved
    or recorded.
    """
    own = house.settings.data / "registry.json"
    source = registry_file or (own if own.is_file() else None)
    checks = Checks(identifier=Identifier(load_registry(source) if source else no_registry()))
    errors = LineErrors()
    out = sys.stdout.buffer
    with ExitStack() as stack, MailReader() as reader:
        for number, raw in enumerate(_messages(file, stack), 1):
            try:
                answer = _describe(raw, reader, checks, house.settings, envelope_to)
            except InputError as error:
                errors(number, error.field, error.reason)
                continue
            out.write(json.dumps({"message": number, **answer}, ensure_ascii=False).encode() + b"\n")
    out.flush()
    raise SystemExit(2 if errors.seen else 0)


def _messages(file: Path, stack: ExitStack) -> Iterator[bytes]:
    if str(file) == "-":
        yield one_message(sys.stdin.buffer)
    elif file.is_dir():
        yield from maildir_messages(file)
    else:
        stream = stack.enter_context(file.open("rb"))
        if is_mbox(stream):
            yield from mbox_messages(stream)
        else:
            yield one_message(stream)


def _describe(raw: bytes, reader: MailReader, checks: Checks, settings: Settings, envelope_to: str) -> dict[str, Any]:
    """Return what is printed of one message."""
    received_at = datetime.now(UTC)  # noqa: TID251 - the clock comes in here
    letter = reader.read_letter(raw)
    sender = check_sender(letter, checks, lambda index, key: reader.verify_dkim(raw, index, key), received_at)
    door = place_letter(letter, sender, settings, envelope_to, shipped_door_model())
    return {"letter": _summary(letter), "sender": msgspec.to_builtins(sender), "door": msgspec.to_builtins(door)}


def _summary(letter: Letter) -> dict[str, Any]:
    """Return a letter's summary: its bytes' hash, headers that matter as they came, text, files without content."""
    return {
        "raw_sha256": letter.raw_sha256,
        "raw_bytes": letter.raw_bytes,
        **{name.replace("-", "_"): list(letter.values(name)) for name in ("from", "to", "date", "message-id")},
        "subject": letter.subject,
        "text": letter.text[:TEXT_SHOWN],
        "text_characters": len(letter.text),
        "html_characters": len(letter.html),
        "shortened": letter.shortened,
        "attachments": [
            {
                "name": file.name,
                "type": file.type,
                "declared_type": file.declared_type,
                "bytes": len(file.content),
                "sha256": file.sha256,
            }
            for file in letter.attachments
        ],
        "defects": list(letter.defects),
    }
