"""`evenhand statement`: statements of reasons, judged as the EU database judges them."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

import click

from evenhand.doors.cli.house import House
from evenhand.doors.cli.lines import LineErrors
from evenhand.doors.stream.lines import numbered_lines
from evenhand.flow.statement_check import LINE_BYTES_MAX, check_line, refusal
from evenhand.flow.statement_samples import read_letters, sample_letters
from evenhand.vocabulary.errors import InputError


@click.group()
def statement() -> None:
    """Work with statements of reasons (DSA Art. 17)."""


@statement.command()
@click.argument("file", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="The only form; may be left out.")
def check(file: BinaryIO, *, as_json: bool) -> None:  # noqa: ARG001 - there is one form
    """Judge the statements of FILE (or -) as the EU's transparency database judges them, one JSON object a line.

    A line is a statement or a {"statements": [...]} batch of 1 to 100. For each line, blank ones too, one is written:
    {"accepted": bool, "errors": {attribute: [reasons]}}; in a batch the keys are statement_N.attribute, N from 0.
    Nothing is sent anywhere.

    Exit code 0: every line was judged, whether accepted or not. Exit code 2: some line is not a JSON object (blank, not
    UTF-8, longer than 16 MiB, …); its answer has the key "line", standard error its number and the reason, and the rest
    goes on.
    """
    errors = LineErrors()
    out = sys.stdout.buffer

    def refuse(number: int, field: str, reason: str) -> None:
        errors(number, field, reason)
        out.write(refusal(reason) + b"\n")

    for number, line in numbered_lines(file, refuse, LINE_BYTES_MAX, blank=True):
        try:
            out.write(check_line(line) + b"\n")
        except InputError as error:
            refuse(number, error.field, error.reason)
    out.flush()
    raise SystemExit(2 if errors.seen else 0)


@statement.command()
@click.option("--language", default="en", show_default=True, help="ISO 639-1, as in de.")
@click.option(
    "--letters",
    "directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Sentences of one's own instead of those in the data directory.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a letter: kind, language, subject, text.")
@click.pass_obj
def letters(house: House, language: str, directory: Path | None, *, as_json: bool) -> None:
    """Check the sentences of every language and show one letter of each kind, about a made-up decision.

    For whoever edits or translates them. A file that cannot be used is refused with its name and the sentence; exit
    code 2.
    """
    wordings = read_letters(house.settings.data, directory)
    for kind, letter in sample_letters(wordings, language, house.settings.platform).items():
        if as_json:
            click.echo(json.dumps({"kind": kind} | asdict(letter), ensure_ascii=False))
        else:
            click.echo(f"{letter.subject}\n\n{letter.text}\n")
