"""`evenhand mail`: letters from a pipe or a mailbox are taken in, or only described."""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import click
import msgspec

from evenhand.doors.cli.house import House
from evenhand.doors.cli.lines import LineErrors
from evenhand.doors.mail.boxes import is_mbox, maildir_messages, mbox_messages, one_message
from evenhand.doors.mail.reader import MailReader
from evenhand.doors.mail.revocation import RevocationLists
from evenhand.flow.identify import Identifier, load_registry, no_registry
from evenhand.flow.letter import Checks, check_sender, place_letter
from evenhand.flow.mailroom import Delivered
from evenhand.flow.wrong_door import shipped_door_model
from evenhand.settings import Settings
from evenhand.vocabulary.errors import Fatal, InputError, Retryable
from evenhand.vocabulary.letter import Letter

TEXT_SHOWN = 2_000
"""Characters of a letter's text that are printed."""


TRY_AGAIN = 75
"""Exit code (EX_TEMPFAIL) for letters that are not durable: a mail server's pipe keeps them and tries again."""


@click.command()
@click.argument("file", type=click.Path(exists=True, allow_dash=True, path_type=Path), default="-")
@click.option("--to", "envelope_to", default="", metavar="ADDRESS", help="Where the mail server delivered it.")
@click.option("--describe", is_flag=True, help="Only say what each message is; nothing is taken in or recorded.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON a message.")
@click.option(
    "--registry",
    "registry_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --describe: authorities; without it registry.json in the data directory, if there is one.",
)
@click.pass_obj
def mail(
    house: House, file: Path, envelope_to: str, describe: bool, as_json: bool, registry_file: Path | None
) -> None:  # fmt: skip
    """Take the messages of FILE in: print where each went, its reference, and its receipt.

    FILE (or -) is one message, an mbox or a Maildir directory. A desk that is running takes them; else this command
    does. What reads like an authority's request goes to the legal team, a letter to an address for illegal content is
    a notice, all else waits for a person; the bytes are kept as they came. The same letter again is the same letter.
    Exit code 75: something is not durable yet; send it again.
    """
    if registry_file is not None and not describe:
        raise InputError("--registry", "goes with --describe; a desk that takes letters has its own registry")
    if describe:
        _describe_all(house, file, envelope_to, registry_file)
    try:
        with ExitStack() as stack, house.letters() as take:
            for number, raw in enumerate(_messages(file, stack), 1):
                _tell(number, take(raw, envelope_to), as_json=as_json)
    except (Retryable, Fatal) as error:
        sys.stderr.write(f"evenhand: {' '.join(str(error).split())}\n")
        raise SystemExit(TRY_AGAIN) from error


def _tell(number: int, delivered: Delivered, *, as_json: bool) -> None:
    """Print where a letter went, at once: what is said here is durable."""
    if as_json:
        said = {"message": number, **msgspec.to_builtins(delivered)}
        line = json.dumps(said, ensure_ascii=False)
    else:
        line = f"{number}: {delivered.went} {delivered.reference}"
        line += f"\n\n{delivered.receipt}" if delivered.receipt else ""
    sys.stdout.buffer.write(line.encode() + b"\n")
    sys.stdout.buffer.flush()


def _describe_all(house: House, file: Path, envelope_to: str, registry_file: Path | None) -> NoReturn:
    """Print a line of JSON a message: letter, sender, door. What cannot be read is told with its number."""
    own = house.settings.data / "registry.json"
    source = registry_file or (own if own.is_file() else None)
    checks = Checks(identifier=Identifier(load_registry(source) if source else no_registry()))
    errors = LineErrors()
    out = sys.stdout.buffer
    lists = RevocationLists(house.settings.data / "crl", expected=bool(house.settings.crl_addresses))
    with ExitStack() as stack, MailReader(revoked=lists) as reader:
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
    sender = check_sender(
        letter,
        checks,
        lambda index, key: reader.verify_dkim(raw, index, key),
        received_at,
        lambda keys, at: reader.look_at_signature(raw, keys, at),
    )
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
