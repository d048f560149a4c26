"""`evenhand authority`: who is asking, and what reached the wrong door."""

import sys
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import click

from evenhand.doors.cli.house import House
from evenhand.doors.cli.lines import LineErrors
from evenhand.doors.stream.lines import numbered_lines
from evenhand.flow.identify import Identifier, load_registry
from evenhand.vocabulary.errors import InputError


@click.group()
def authority() -> None:
    """Tell authorities from others."""


@authority.command()
@click.argument("file", type=click.File("rb"), default="-")
@click.option(
    "--registry",
    "registry_file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A JSON list of exact domains, or a full registry.",
)
def identify(file: BinaryIO, registry_file: Path) -> None:
    """Judge the From header of each {"from_header": …} line of FILE (or -) and write one answer a line.

    "accept": one mailbox with a plain address at a registered domain. "review": a person must look. "reject": all
    else. A line that cannot be read is reported on standard error with its number and field; the rest goes on.
    """
    identifier = Identifier(load_registry(registry_file))
    errors = LineErrors()
    out = sys.stdout.buffer
    for number, line in numbered_lines(file, errors):
        try:
            out.write(identifier.identify_line(line) + b"\n")
        except InputError as error:
            errors(number, error.field, error.reason)
    out.flush()
    raise SystemExit(2 if errors.seen else 0)


@authority.command("check-registry")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check_registry(file: Path, *, as_json: bool) -> None:
    """Check a registry's FILE; tell how many authorities, domains, keys and numbers it has."""
    import json

    registry = load_registry(file)
    counts = {
        "authorities": len(registry.authorities),
        "domains": len(registry.by_domain),
        "keys": sum(len(one.keys) for one in registry.authorities),
        "call_back_numbers": sum(len(one.call_back) for one in registry.authorities),
        "states": len({one.state for one in registry.authorities}),
    }
    click.echo(json.dumps(counts) if as_json else ", ".join(f"{n} {name}" for name, n in counts.items()))


@authority.command()
@click.option("--fetch", is_flag=True, help="First fetch those whose addresses the settings list.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a list.")
@click.pass_obj
def revocation(house: House, *, fetch: bool, as_json: bool) -> None:
    """List the certificate revocation lists that S/MIME signatures are looked up in.

    Exit code 1 if one cannot be used or has ended, or could not be fetched: then signatures under it go to a person.
    """
    import json

    came, lists = house.revocation_lists(fetch=fetch)
    for url, why_not in came:
        if why_not:
            click.echo(f"{url} is not kept: {why_not}", err=True)
    for one in lists:
        line = f"{one['file']}: {one['issuer']}, {one['revoked']} revoked, ends {one['ends_at'] or 'never said'}"
        click.echo(
            json.dumps(one, ensure_ascii=False) if as_json else line + (f": {one['wrong']}" if one["wrong"] else "")
        )
    raise SystemExit(1 if any(why for _, why in came) or any(one["wrong"] for one in lists) else 0)


@authority.command("wrong-door")
@click.argument("file", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a letter.")
def wrong_door(file: BinaryIO, *, as_json: bool) -> None:
    """Say whether letters read like an authority's request that came to the wrong door.

    FILE (or -) has a {"text": …, "subject": …} object a line, or is one letter as plain text. The answer is a proposal
    with the cues that weighed most; a person moves the letter.
    """
    import json

    from evenhand.flow.wrong_door import proposal_as_words, shipped_door_model, text_of_line

    model = shipped_door_model()
    errors = LineErrors()

    def answer(text: str) -> None:
        words = proposal_as_words(model.propose(text))
        if as_json:
            click.echo(json.dumps(words))
            return
        said = "reads like an authority's request" if words["proposed"] else "does not read like an authority's request"
        because = f": {', '.join(words['because'])}" if words["because"] else ""
        click.echo(f"{said} (score {words['score']:.2f}, proposed from {words['threshold']:.2f}){because}")

    lines = numbered_lines(file, errors)
    first = next(lines, None)
    if first is not None and not first[1].lstrip().startswith(b"{"):
        answer("\n".join(line.decode("utf-8", "replace") for _, line in [first, *lines]))
        raise SystemExit(2 if errors.seen else 0)
    for number, line in [] if first is None else chain([first], lines):
        try:
            answer(text_of_line(line))
        except InputError as error:
            errors(number, error.field, error.reason)
    raise SystemExit(2 if errors.seen else 0)
