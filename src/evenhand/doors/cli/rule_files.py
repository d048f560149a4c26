"""`evenhand rules`: check them, explain them, and see what they may be written over."""

import json
from pathlib import Path
from typing import BinaryIO

import click

from evenhand.doors.cli.house import House
from evenhand.doors.cli.lines import LineErrors
from evenhand.doors.cli.screen import SPREAD_DAY, form_option, list_option, rule_option
from evenhand.doors.stream.formats import Form, open_posts
from evenhand.flow.automod import import_automod
from evenhand.flow.screen import (
    Explained,
    check_rules,
    explain_rule,
    load_screener,
    query_rule,
    screen_posts,
    signals_of,
    with_shadows,
)


@click.group()
def rules() -> None:
    """Work with screening rules."""


@rules.command()
@list_option
@rule_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a rule.")
@click.pass_obj
def check(house: House, lists: Path | None, rules: Path | None, *, as_json: bool) -> None:
    """Read all rules and try their examples: exit code 0, or 1 where an example comes out wrong, 2 for a bad file."""
    failed = 0
    for found in check_rules(load_screener(house.settings.data, lists, rules)):
        failed += len(found.broken)
        if as_json:
            broken = [{"file": file, "line": line, "reason": reason} for file, line, reason in found.broken]
            row = {
                "rule": found.name,
                "version": found.version,
                "verdict": found.verdict,
                "acts": found.acts,
                "examples": found.examples,
                "broken": broken,
            }
            click.echo(json.dumps(row, ensure_ascii=False))
            continue
        click.echo(f"{found.name:32} {found.verdict:9} {found.examples} examples{'' if found.acts else ', shadow'}")
        for file, line, reason in found.broken:
            click.echo(f"{file}:{line}: {reason}", err=True)
    raise SystemExit(1 if failed else 0)


@rules.command()
@list_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a signal.")
@click.pass_obj
def signals(house: House, lists: Path | None, *, as_json: bool) -> None:
    """List the signals that conditions may name."""
    for signal in signals_of(house.settings.data, lists):
        row = {"name": signal.name, "type": signal.type, "unit": signal.unit, "meaning": signal.meaning}
        click.echo(
            json.dumps(row, ensure_ascii=False) if as_json else f"{signal.name:28} {signal.type:8} {signal.meaning}"
        )


@rules.command()
@click.argument("file", metavar="POST", type=click.File("rb"))
@click.argument("rule")
@form_option
@list_option
@rule_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a post.")
@click.pass_obj
def explain(
    house: House,
    file: BinaryIO,
    rule: str,
    form: Form | None,
    lists: Path | None,
    rules: Path | None,
    *,
    as_json: bool,
) -> None:
    """Tell which part of RULE's condition held for each post of the file POST (or -), with the values."""
    screener = load_screener(house.settings.data, lists, rules)
    errors = LineErrors()
    for found in explain_rule(screener, open_posts(file, form, errors, SPREAD_DAY), rule):
        click.echo(_line(found) if as_json else _text(found))
    raise SystemExit(2 if errors.seen else 0)


@rules.command()
@click.argument("file", metavar="POSTS", type=click.File("rb"))
@click.option(
    "--shadow",
    "directory",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Directory of the rules to try.",
)
@form_option
@list_option
@rule_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a rule.")
@click.pass_obj
def shadow(
    house: House,
    file: BinaryIO,
    directory: Path,
    form: Form | None,
    lists: Path | None,
    rules: Path | None,
    *,
    as_json: bool,
) -> None:
    """Run new rules beside the live ones over the posts of POSTS (or -): they only count.

    Tells each rule's hits, and how many of those no live rule had a verdict for.
    """
    screener = with_shadows(load_screener(house.settings.data, lists, rules), directory)
    errors, posts = LineErrors(), 0
    for verdicts, _ in screen_posts(screener, open_posts(file, form, errors, SPREAD_DAY)):
        posts += verdicts.num_rows
    for name, (hits, new) in sorted(screener.shadow_counts().items()):
        row = {"rule": name, "posts": posts, "hits": hits, "new": new}
        click.echo(json.dumps(row) if as_json else f"{name:32} {hits} hits in {posts} posts, {new} of them new")
    raise SystemExit(2 if errors.seen else 0)


@rules.command()
@click.argument("rule")
@click.option("--dialect", default="duckdb", show_default=True, help="duckdb, postgres, bigquery, snowflake, …")
@click.option("--table", default="signals", show_default=True, help="Where the signals lie.")
@list_option
@rule_option
@click.pass_obj
def query(house: House, rule: str, dialect: str, table: str, lists: Path | None, rules: Path | None) -> None:
    """Print RULE as a query over a table of signals, in the words of a database.

    DuckDB and PostgreSQL give our own answer to the letter, which a test compares; others are marked UNTESTED.
    """
    click.echo(query_rule(load_screener(house.settings.data, lists, rules), rule, dialect, table), nl=False)


@rules.command("import-automod")
@click.argument("file", type=click.File("rb"))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Directory to write into.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def import_automod_(file: BinaryIO, out: Path, *, as_json: bool) -> None:
    """Translate the AutoModerator rules of FILE (or -) into rules and lists below --out.

    They only count (shadow) until somebody approves them. What could not be translated is written to
    untranslated.ndjson, with its line, and told here.
    """
    found = import_automod(file.read(), getattr(file, "name", "-"), out)
    left = [{"line": n.line, "rule": n.rule, "key": n.key, "reason": n.reason} for n in found.notes]
    if as_json:
        row = {"rules": sorted(found.rules), "lists": sorted(found.lists), "untranslated": left}
        click.echo(json.dumps(row, ensure_ascii=False))
        return
    click.echo(f"{len(found.rules)} rules and {len(found.lists)} lists in {out}; {len(left)} notes:")
    for note in found.notes:
        click.echo(f"  line {note.line}: {note.rule or 'left out'}: {note.key}: {note.reason}")


def _line(found: Explained) -> str:
    parts = [
        {"depth": part.depth, "condition": part.condition, "holds": part.holds, "values": part.values}
        for part in found.parts
    ]
    return json.dumps({"id": found.id, "rule": found.rule, "holds": found.holds, "parts": parts}, ensure_ascii=False)


def _text(found: Explained) -> str:
    words = {True: "holds", False: "does not hold", None: "unknown"}
    lines = [f"{found.id}: {found.rule} {words[found.holds]}"]
    for part in found.parts:
        values = ", ".join(f"{name} = {value}" for name, value in part.values.items())
        lines.append(f"  {'  ' * part.depth}{words[part.holds]:13} {part.condition}   [{values}]")
    return "\n".join(lines)
