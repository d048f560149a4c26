"""Print the reference pages from the tables. `make docs` writes them; a test compares what is committed."""

import json
import sys
from inspect import cleandoc
from pathlib import Path

import msgspec

from evenhand.orders.registry import RegistryFile
from evenhand.rulebook.load import load_law
from evenhand.rulebook.tables import Row
from evenhand.screening.built_in import BUILT_IN
from evenhand.vocabulary import eu
from evenhand.vocabulary.request import Request, RequestFacts, Ruling

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
_NOTE = "This page is printed by `make docs`; change the tables, not the page.\n"


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
    for enum in (eu.Category, eu.Keyword, eu.Ground, eu.Visibility, eu.Monetary, eu.Provision, eu.Account, eu.Source):
        parts.append(f"## {enum.__name__}\n\n{enum.__doc__}\n")
        parts += [f"- `{member.value}`" for member in enum]
        parts.append("")
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


PAGES = {
    "law.md": law,
    "eu_enumerations.md": eu_enumerations,
    "assess.schema.json": assess_schema,
    "registry.schema.json": registry_schema,
    "signals.md": signals,
}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), "utf-8")
        sys.stdout.write(f"wrote docs/reference/{name}\n")


if __name__ == "__main__":
    main()
