"""Print the reference pages from the tables. `make docs` writes them; a test compares what is committed."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from inspect import cleandoc
from pathlib import Path
from typing import Any

import click
import msgspec

from evenhand.access.rules import TABLE, WALLED_TABLE
from evenhand.desk.routing import WIDE_REACH
from evenhand.desk.states import MOVES
from evenhand.desk.strikes import NO_STRIKE
from evenhand.doors.cli.app import evenhand
from evenhand.notices.misuse import WINDOW_MONTHS
from evenhand.orders.named import OWN_RULES
from evenhand.orders.registry import RegistryFile
from evenhand.rulebook.desk_tables import Queue
from evenhand.rulebook.load import load_law
from evenhand.rulebook.tables import Row
from evenhand.screening.built_in import BUILT_IN
from evenhand.statements.attributes import ATTRIBUTES, Attribute
from evenhand.statements.measures import MEASURES, Measure
from evenhand.statements.rules import EXEMPTIONS
from evenhand.statements.sentences import SENTENCES
from evenhand.views.conduct import PublishedRule, held_entries, published_rules
from evenhand.vocabulary import eu
from evenhand.vocabulary.actor import Role
from evenhand.vocabulary.post import ItemKind
from evenhand.vocabulary.request import Request, RequestFacts, Ruling

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
_NOTE = "This page is printed by `make docs`; change the tables, not the page.\n"


_COUNTED = "{} [codes](eu_enumerations.md)"
_ENUMERATIONS = (
    eu.Category,
    eu.Keyword,
    eu.Ground,
    eu.Visibility,
    eu.Monetary,
    eu.Provision,
    eu.Account,
    eu.AccountType,
    eu.Source,
    eu.Automation,
    eu.ContentType,
)


def law() -> str:
    """Return the page of all rows of law."""
    book = load_law()
    parts = ["# The law tables\n", _NOTE]
    parts.append("Marks: V read, S secondary, R recalled (shown, never decisive by itself).")
    parts.append("A row with a state is about that state's requests; one without is about all.")
    parts.append("The platform's own rules are on [their page](principles.md), what it holds on [another](held.md).\n")
    parts += _table(
        "Regimes",
        "id | law | asks | issuers | decided by | sender | reply | state",
        book.regimes,
        lambda row: (row.id, row.law, row.asks, row.issuers, row.decides, row.verified, row.reply, row.country),
    )
    parts += _table(
        "Fields that must be there",
        "id | field | unless | for data | state",
        book.required,
        lambda row: (row.id, row.field, row.unless, row.data, row.country),
    )
    parts += _table(
        "Deadlines",
        "id | instrument | state | asks | issuers | limit",
        book.deadlines,
        lambda row: (row.id, row.instrument, row.country or "all", row.asks or "all", row.issuers or "all", row.limit),
    )
    parts += _table(
        "Who may ask for which data",
        "id | data | issuers | threshold | state",
        book.may_issue,
        lambda row: (row.id, row.data, row.issuers, row.threshold_years or "all offences", row.country),
    )
    parts += _table(
        "States that a regime does not bind",
        "id | state | what",
        book.exclusions,
        lambda row: (row.id, row.country, row.sentence),
    )
    parts += _table(
        "What else is owed",
        "id | what | limit | from | state",
        book.duties,
        lambda row: (row.id, row.sentence, row.limit, row.runs_from, row.country),
    )
    parts += _table(
        "How long a counter-notice waits for a court",
        "id | what | limit | state",
        book.counter_notices,
        lambda row: (row.id, row.sentence, row.limit, row.country),
    )
    if not book.counter_notices:
        parts.append("\nNo row comes with Evenhand: two people decide ([how](../roles/legal.md)).")
    parts += _table(
        "How long the answer to a question of ours is waited for",
        "id | what | limit | reminders | state",
        book.clarifications,
        lambda row: (row.id, row.sentence, row.limit, row.remind, row.country),
    )
    parts.append("\n## Forms of reply\n\n| id | language | title | fields | from | to | source | mark |")
    parts.append("|---|---|---|---|---|---|---|---|")
    for form in book.forms:
        names = ", ".join(line.split("|")[1].strip() for line in form.fields)
        mark = f"{form.checked.value}{' (recalled)' if form.recalled else ''}"
        dates = f"{form.holds_from} | {form.holds_to or ''}"
        parts.append(f"| {form.id} | {form.language} | {form.title} | {names} | {dates} | {form.source} | {mark} |")
    parts.append("\n## The assessor's own rules\n\n| rule | what |\n|---|---|")
    parts += [f"| {name} | {sentence} |" for name, sentence in OWN_RULES.items()]
    return "\n".join(parts) + "\n"


def _table(title: str, heads: str, rows: Sequence[Row], cells: Callable[[Any], tuple[Any, ...]]) -> list[str]:
    """Return a heading and a table of rows of law, each with its dates, source and mark."""
    parts = [f"\n## {title}\n", f"| {heads} | from | to | source | mark |", "|" + "---|" * (heads.count("|") + 5)]
    for row in rows:
        shown = [", ".join(cell) if isinstance(cell, tuple) else str(cell) for cell in cells(row)]
        mark = f"{row.checked.value}{' (recalled)' if row.recalled else ''}"
        parts.append(f"| {' | '.join(shown)} | {row.holds_from} | {row.holds_to or ''} | {row.source} | {mark} |")
    return parts


def principles() -> str:
    """Return the page of the platform's principles and rule-of-law safeguards."""
    rows = published_rules(load_law())
    parts = ["# Principles and safeguards\n", _NOTE]
    parts.append(
        "Whoever asks, by whatever law: these rules are the same for every state, and each answer cites them.\n"
    )
    parts.append("## What no request overrides\n\n| rule | what it says | applies to | from | to | source |")
    parts.append("|---|---|---|---|---|---|")
    parts += [_rule(row) for row in rows if row.kind == "principle"]
    parts.append("\n## Reasons to look twice at an order under one state's law\n")
    parts.append("A safeguard never refuses, and none names a state: it looks at the order, or at a published index.")
    parts.append("The indices' values, with year and source, are the platform's own rows; none come with Evenhand.")
    parts.append("A state without a value is read like all others.\n")
    parts.append("| rule | what it says | applies to | from | to | source |\n|---|---|---|---|---|---|")
    parts += [_rule(row) for row in rows if row.kind == "safeguard"]
    parts.append("\n## Exceptions to these rules\n")
    parts.append("None come with Evenhand.")
    parts.append("A platform with one lawyer writes a dated `[[waiver]]` row of its own ([how](../roles/legal.md)).")
    parts.append("It stands on the public page while it holds, and in the record of every matter assessed under it.")
    return "\n".join(parts) + "\n"


def _rule(row: PublishedRule) -> str:
    ends = row.holds_to or ""
    return f"| {row.id} | {row.sentence} | {row.applies_to} | {row.holds_from} | {ends} | {row.source} |"


def held() -> str:
    """Return the page of the catalogue of what is held."""
    parts = ["# What is held\n", _NOTE]
    parts.append('The catalogue of what is kept and not kept; an answer "not held" cites its entry.')
    parts.append(
        "What Evenhand keeps stands here; a platform adds its services' own rows ([how](../roles/legal.md)).\n"
    )
    parts.append(
        "| entry | kept | what | data | of | retention | from | to | source |\n|---|---|---|---|---|---|---|---|---|"
    )
    for row in held_entries(load_law()):
        kept = "kept" if row.kept else "not kept"
        about = f"{', '.join(row.data)} | {', '.join(row.kinds) or 'all'} | {row.retention}"
        parts.append(
            f"| {row.id} | {kept} | {row.sentence} | {about} | {row.holds_from} | {row.holds_to or ''} | {row.source} |"
        )
    return "\n".join(parts) + "\n"


def eu_enumerations() -> str:
    """Return the page of the EU database's codes."""
    parts = ["# The EU database's codes\n", _NOTE]
    for enum in _ENUMERATIONS:
        parts.append(f"## {enum.__name__}\n\n{enum.__doc__}\n")
        parts += [f"- `{member.value}`" for member in enum]
        parts.append("")
    parts.append("## Territories\n\nStates of the European Economic Area, ISO 3166-1 alpha-2; Greece is GR.\n")
    parts.append(f"{', '.join(f'`{code}`' for code in eu.EEA_STATES)}\n")
    parts.append("## Languages\n\nOf content, ISO 639-1 in upper case, the database's own list; Greek is EL.\n")
    parts.append(f"{', '.join(f'`{code}`' for code in eu.CONTENT_LANGUAGES)}\n")
    return "\n".join(parts)


def assess_schema() -> str:
    """Return the JSON Schema of `evenhand assess`: a line in, a line out."""
    schemas, parts = msgspec.json.schema_components([Request, RequestFacts, Ruling], ref_template="#/$defs/{name}")
    request, facts, ruling = schemas
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "evenhand assess: one line in",
        "type": "object",
        "properties": {"request": request, "facts": facts},
        "required": ["request", "facts"],
        "additionalProperties": False,
        "$defs": parts | {"Answer": ruling},
    }
    return json.dumps(schema, indent=1, sort_keys=True) + "\n"


def registry_schema() -> str:
    """Return the JSON Schema of a registry of authorities."""
    (file,), parts = msgspec.json.schema_components([RegistryFile], ref_template="#/$defs/{name}")
    domains = {"type": "array", "items": {"type": "string"}, "description": "A bare list of exact domains."}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "a registry of authorities",
        "anyOf": [file, domains],
        # Python before 3.13 keeps the indentation of docstrings.
        "$defs": {name: {**part, "description": cleandoc(part["description"])} for name, part in parts.items()},
    }
    return json.dumps(schema, indent=1, sort_keys=True) + "\n"


def signals() -> str:
    """Return the page of the signals that every post has."""
    parts = ["# The signals\n", _NOTE]
    parts.append(
        "Conditions of [rules](rules.md) are written over these. Each list adds an `INTEGER` signal of its name:"
    )
    parts.append("the post's hits in it. `evenhand rules signals --lists DIR` prints them all.\n")
    parts.append("| signal | type | unit | may be unknown | what it says | example |\n|---|---|---|---|---|---|")
    parts += [
        f"| `{each.name}` | `{each.type}` | {each.unit} | {'yes' if each.nullable else ''} | {each.meaning} "
        f"| `{each.example}` |"
        for each in BUILT_IN
    ]
    return "\n".join(parts) + "\n"


def statements() -> str:
    """Return the page of statements of reasons: its own words, then the tables."""
    parts = [(Path(__file__).parent / "statements_page.md").read_text("utf-8").replace("{note}", _NOTE)]
    parts.append("## Attributes\n\n| attribute | holds | must be there | null | dropped |\n|---|---|---|---|---|")
    parts += [_attribute(row) for row in ATTRIBUTES]
    parts.append("\n## When no statement is needed\n\n| id | because | source |\n|---|---|---|")
    parts += [f"| {row.id} | {row.sentence} | {row.source} |" for row in EXEMPTIONS]
    parts.append("\n## What each action is called\n\n| action | on | end | codes |\n|---|---|---|---|")
    parts += [_measure(row) for row in MEASURES]
    parts.append("\n## Sentences of the letters\n\n| sentence | fills in |\n|---|---|")
    parts += [f"| `{name}` | {', '.join(f'`{{{each}}}`' for each in sorted(SENTENCES[name]))} |" for name in SENTENCES]
    return "\n".join(parts) + "\n"


def _attribute(row: Attribute) -> str:
    needed = "always" if row.required else ""
    if row.one_of:
        needed = "where the other three decisions are empty"
    if row.required and row.only_when:
        needed = "where it is not dropped"
    null = "" if row.required else "yes" if row.null else "refused"
    dropped = ""
    if row.only_when:
        dropped = f"unless `{row.only_when.attribute}` is or has `{row.only_when.code}`"
    if row.not_when:
        dropped = f"where `{row.not_when.attribute}` is `{row.not_when.code}`"
    return f"| `{row.name}` | {_held(row)} | {needed} | {null} | {dropped} |"


def _held(row: Attribute) -> str:
    parts = [row.kind.value]
    if row.codes:
        named = ", ".join(f"`{code}`" for code in row.codes)
        parts = [f"{row.kind.value}: {named if len(row.codes) <= 8 else _COUNTED.format(len(row.codes))}"]
    limits = (
        ("at most {} characters", row.characters_max),
        ("from {}", row.earliest),
        ("to {}", row.latest),
        ("`{}`", row.pattern),
        ("unknown in a batch", row.single_only or None),
    )
    return ", ".join(parts + [words.format(limit) for words, limit in limits if limit is not None])


def _measure(row: Measure) -> str:
    codes = [f"`{code.value}`" for code in (row.visibility, row.monetary, row.provision, row.account) if code]
    items = "anything" if row.items == frozenset(ItemKind) else ", ".join(sorted(row.items))
    end = "may have one" if row.lasting and row.passing else "has one" if row.passing else "has none"
    return f"| {row.action.value} | {items} | {end} | {', '.join(codes)} |"


def commands() -> str:
    """Return the page of all commands."""
    parts = ["# The commands\n", _NOTE]
    parts.append("Every command has `--help`. Bad input ends with exit code 2 and one line that says what is wrong.")
    parts.append("What failed on our side ends with 1.\n")
    parts.append("| command | what it does | options |\n|---|---|---|")
    parts += _command_rows(evenhand, "evenhand")
    return "\n".join(parts) + "\n"


def _command_rows(group: click.Group, path: str) -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _command_rows(command, f"{path} {name}")
        elif command is not None:
            given = [parameter.make_metavar(context) for parameter in command.params if _is_argument(parameter)]
            options = [f"`{parameter.opts[0]}`" for parameter in command.params if not _is_argument(parameter)]
            typed = " ".join([path, name, *given]).replace("|", "\\|")
            yield f"| `{typed}` | {_summary(command)} | {', '.join(options)} |"


def _is_argument(parameter: click.Parameter) -> bool:
    return isinstance(parameter, click.Argument)


def _summary(command: click.Command) -> str:
    """Return the first paragraph of a command's help, on one line."""
    paragraph = (command.help or "").strip().split("\n\n", 1)[0]
    return " ".join(paragraph.split()).replace("|", "\\|")


_LATEST = date(2026, 1, 1)
_OWN_ROWS = (
    "",
    ("These are rows of `law/desk.toml`, each with the day from which it holds and where it was taken from."),
    (
        "A file of the platform's own in the data directory's `law/` replaces a row by its `id` and"
        " `holds_from`, ends it with `holds_to`, or adds one; what was decided before is not "
        "weighed anew."
    ),
    "Its tables are `queue`, `strike`, `sanction` and `misuse` as below, and:",
    "",
    "| table | fields beside `id`, `holds_from`, `holds_to`, `source` | what it says |",
    "|---|---|---|",
    (
        "| `office_hours` | `zone`, `opens`, `closes`, `weekdays`, `holidays_of` | when somebody is"
        " at the desk: targets of working time count then; it comes as a desk that never closes |"
    ),
    ("| `day_off` | `day`, `off` | a holiday that the state's list has not, or (`off = false`) has wrongly |"),
    ("| `high_profile` | | the `id` is the platform's id of a channel or account: decisions about it need four eyes |"),
    (
        "| `addressee` | `name`, `country`, `address` | who is notified of a threat to life (Art. "
        "18): a state, `EU` for Europol, `HOME` for the state of establishment |"
    ),
    "",
    (
        "A queue named `child-safety`, one without categories and keywords, and one for appeals "
        "must be there on every day."
    ),
    "Anyone reads the rows in force at `/rules`.",
)


def desk() -> str:
    """Return the desk's tables: queues and targets, rights, strikes and sanctions, misuse, the life of a case."""
    out = [
        "# The desk's tables\n",
        _NOTE,
        "What waits where and how long, who may do what, and what adds up to what.",
        (
            "How a count of notices never takes anything down, and all else about the journeys: "
            "[the desk](../architecture/desk.md).\n"
        ),
        "## Queues\n",
        "Read from the top: the first row that fits a category or a keyword takes the case.",
        (
            f"From {WIDE_REACH:,} members or viewers, and from a trusted flagger within their expertise, "
            "a case counts one step graver; such a notice has half the time."
        ),
        (
            'The law says "timely" and "without undue delay" (Regulation (EU) 2022/2065, Art. 16(6) and 20(4)); '
            "the hours are our own targets.\n"
        ),
        "| queue | harm | target | four eyes | about |\n|---|---|---|---|---|",
    ]
    tables = load_law().desk.on(_LATEST)
    for row in tables.queues:
        hours = f"{row.target_h} h" + (" of working time" if row.office_hours else "")
        codes = sorted(code.split("_", 2 if code.startswith("STATEMENT") else 1)[-1] for code in _about(row))
        about = ", ".join(f"`{code}`" for code in codes) or ("appeals" if row.appeals else "everything else")
        out.append(f"| `{row.queue}` | {row.harm} | {hours} | {'yes' if row.four_eyes else ''} | {about} |")
    out.extend(_OWN_ROWS)
    out.append("\n## Rights\n\n| role | outside the child-safety wall | behind it |\n|---|---|---|")
    for role in Role:
        sides = [", ".join(f"`{r}`" for r in sorted(table.get(role, ()))) for table in (TABLE, WALLED_TABLE)]
        out.append(f"| `{role}` | {sides[0]} | {sides[1]} |")
    out.append("\n## Strikes\n\n| harm from | manifest | weight | lasts |\n|---|---|---|---|")
    out.extend(
        f"| {w.harm} | {'yes' if w.manifest else ''} | {w.weight} | {w.lasts.days} days |" for w in tables.weights
    )
    out.append(
        "\nThe first row that fits applies. " + ", ".join(f"`{a}`" for a in sorted(NO_STRIKE)) + " strike nobody.\n"
    )
    out.append(
        "| strikes from | what follows | lasts | after a warning only | after machines' decisions |\n"
        "|---|---|---|---|---|"
    )
    for s in tables.sanctions:
        lasts = f"{s.lasts.days} days" if s.lasts else ("for good" if s.action else "")
        warned = "yes" if s.after_warning else ""
        given = "by itself" if s.by_machine else "a person decides"
        follows = f"`{s.action}`" if s.action else "a warning"
        out.append(f"| {s.weight} | {follows} | {lasts} | {warned} | {given} |")
    out.append("\n## Misuse of notices (Art. 23(2))\n")
    out.append(
        f"Counted over {WINDOW_MONTHS} calendar months; only what a person called manifestly unfounded counts.\n"
    )
    out.append("| unfounded from | share from | what follows |\n|---|---|---|")
    for step in tables.misuse:
        follows = f"processing suspended for {step.days} days, after a warning" if step.days else "a warning"
        again = " and a suspension" if step.suspended else ""
        out.append(f"| {step.unfounded} | {step.share:.0%} | {follows}{again} |")
    out.append("\n## The life of a case\n\n| from | record | to |\n|---|---|---|")
    out.extend(f"| {state} | `{kind}` | {to} |" for (state, kind), to in MOVES.items())
    return "\n".join(out) + "\n"


def _about(row: Queue) -> list[str]:
    return [*row.categories, *row.keywords]


PAGES = {
    "commands.md": commands,
    "desk.md": desk,
    "law.md": law,
    "principles.md": principles,
    "held.md": held,
    "eu_enumerations.md": eu_enumerations,
    "assess.schema.json": assess_schema,
    "registry.schema.json": registry_schema,
    "signals.md": signals,
    "statements.md": statements,
}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), "utf-8")
        sys.stdout.write(f"wrote docs/reference/{name}\n")


if __name__ == "__main__":
    main()
