"""`evenhand receipt`: checking a receipt, offline, with nothing of the desk's but its published key."""

import json
from pathlib import Path

import click

from evenhand.doors.cli.house import House
from evenhand.flow.receipt_check import ReceiptVerdict, ReceiptWrongError, check_receipt, read_receipt
from evenhand.flow.receipts import open_pen
from evenhand.vocabulary.errors import InputError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def receipt() -> None:
    """Work with receipts."""


@receipt.command()
@click.pass_obj
def key(house: House) -> None:
    """Print the verifier key (vkey) that signs this desk's receipts; the log's key verifies them as well."""
    click.echo(open_pen(house.settings).vkey)


@receipt.command()
@click.argument("note", type=_FILE)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write it, if not to NOTE's name."
)
@click.pass_obj
def proof(house: House, note: Path, out: Path | None) -> None:
    """Write the .tlog-proof for a receipt's note, from this desk's own docket and log.

    Exit code 1: the log does not have it yet.
    """
    found = house.receipt_proof(read_receipt(note))
    if found is None:
        click.echo("the log does not have it yet; the note says by when it will", err=True)
        raise SystemExit(1)
    target = out or note.with_suffix(".tlog-proof")
    target.write_bytes(found)
    click.echo(str(target))


@receipt.command()
@click.argument("file", type=_FILE)
@click.option("--vkey", "--key", required=True, help="The log's verifier key: name+id+key.")
@click.option("--witness", "witnesses", multiple=True, metavar="VKEY", help="A witness that must have cosigned.")
@click.option("--message", type=_FILE, help="Your own copy of what you sent, or of the answer, byte for byte.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(file: Path, vkey: str, witnesses: tuple[str, ...], message: Path | None, *, as_json: bool) -> None:
    """Check a receipt: the signed note that came at once, or the .tlog-proof that came later.

    Needs no network. Says what the receipt proves, and by whose time.

    Exit code 0: it verifies. 1: it does not, and the reason is on standard error. 2: it cannot be used at all.
    """
    try:
        verdict = check_receipt(file, vkey, witnesses, message)
    except ReceiptWrongError as error:
        if as_json:
            click.echo(json.dumps({"verifies": False, "reason": str(error)}))
        click.echo(f"wrong: {error}", err=True)
        raise SystemExit(1) from error
    except InputError as error:
        click.echo(f"evenhand receipt verify: {error}", err=True)
        raise SystemExit(2) from error
    click.echo(json.dumps(_object(verdict)) if as_json else "\n".join(_sentences(verdict)))


def _object(verdict: ReceiptVerdict) -> dict[str, object]:
    batch = None if verdict.batch_at is None else {"at": verdict.batch_at.isoformat(), "index": verdict.index}
    return {
        "verifies": True,
        "form": verdict.form,
        "for": verdict.purpose,
        "reference": verdict.reference,
        "origin": verdict.origin,
        "at": verdict.at.isoformat(),
        "log_by": verdict.log_by.isoformat(),
        "late": verdict.late,
        "batch": batch,
        "message": verdict.message,
        "no_later_than": verdict.no_later_than.isoformat(),
        "clock": "platform" if verdict.by is None else "witness",
        "witness": verdict.by,
    }


def _sentences(verdict: ReceiptVerdict) -> list[str]:
    """Return what the receipt proves, in words: what, by whose time, and what is still open."""
    whose = f"the witness {verdict.by}" if verdict.by else "the platform's own clock"
    what = "the very bytes of the file given" if verdict.message else "a message (give it with --message to check it)"
    lines = [
        f"right: {verdict.origin} {verdict.purpose} {what}, reference {verdict.reference}",
        f"no later than {verdict.no_later_than.isoformat()}, by the time of {whose}",
    ]
    if verdict.batch_at is None:
        lines.append(f"in the log by {verdict.log_by.isoformat()}: after that, ask for the .tlog-proof")
    else:
        late = ", later than was promised" if verdict.late else ""
        lines.append(f"in the log as entry {verdict.index}, batch of {verdict.batch_at.isoformat()}{late}")
    return lines
