"""Print the reference pages from the tables. `make docs` writes them; a test compares what is committed."""

import json
import sys
from pathlib import Path

import msgspec

from evenhand.rulebook.load import load_law
from evenhand.rulebook.tables import Row
from evenhand.screening.built_in import BUILT_IN
from evenhand.statements.attributes import ATTRIBUTES, Attribute
from evenhand.statements.measures import MEASURES, Measure
from evenhand.statements.rules import EXEMPTIONS
from evenhand.statements.sentences import SENTENCES
from evenhand.vocabulary import eu
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
    parts = ["# The law tables\n", _NOTE, "Marks: V read, S secondary, R recalled (shown, never decisive by itself).\n"]
    parts.append("## Principles\n\n| id | what | source |\n|---|---|---|")
    parts += [f"| {row.id} | {row.sentence} | {row.source} |" for row in book.principles]
    parts.append("\n## Regimes\n\n| id | law | asks | decided by | sender | from | to | source | mark |")
    parts.append("|---|---|---|---|---|---|---|---|---|")
    parts += [
        f"| {row.id} | {row.law} | {', '.join(row.asks)} | {row.decides} | {row.verified} | {_dates(row)} |"
        for row in book.regimes
    ]
    parts.append("\n## Fields that must be there\n\n| id | field | unless | for data | from | to | source | mark |")
    parts.append("|---|---|---|---|---|---|---|---|")
    parts += [
        f"| {row.id} | {row.field} | {row.unless} | {', '.join(row.data)} | {_dates(row)} |" for row in book.required
    ]
    parts.append("\n## Deadlines\n\n| id | instrument | state | asks | limit | from | to | source | mark |")
    parts.append("|---|---|---|---|---|---|---|---|---|")
    parts += [
        f"| {row.id} | {row.instrument} | {row.country or 'all'} | {', '.join(row.asks) or 'all'} "
        f"| {row.limit} | {_dates(row)} |"
        for row in book.deadlines
    ]
    parts.append("\n## Who may ask for which data\n\n| id | data | issuers | threshold | from | to | source | mark |")
    parts.append("|---|---|---|---|---|---|---|---|")
    parts += [
        f"| {row.id} | {', '.join(row.data)} | {', '.join(row.issuers)} "
        f"| {row.threshold_years or 'all offences'} | {_dates(row)} |"
        for row in book.may_issue
    ]
    return "\n".join(parts) + "\n"


def _dates(row: Row) -> str:
    return f"{row.holds_from} | {row.holds_to or ''} | {row.source} | {row.checked.value}"


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


PAGES = {
    "law.md": law,
    "eu_enumerations.md": eu_enumerations,
    "assess.schema.json": assess_schema,
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
