"""Which fields a regime requires, and which are there. Pure; free text counts as there or not, never by its words."""

from collections.abc import Callable
from functools import lru_cache

from evenhand.orders.context import Context, is_blank, of_row
from evenhand.rulebook.tables import Edition
from evenhand.vocabulary.request import DataCategory, RequestFinding

_NAMES = {"issuer.name": "issuer", "asks.targets": "targets", "asks.data": "data"}


def required_fields(context: Context) -> tuple[tuple[str, ...], tuple[RequestFinding, ...]]:
    """Return what must be asked for before the request can be judged, and a finding for every field required.

    A recalled row holds nothing up by itself; once a checked row does, what recalled rows miss is asked for with it.
    """
    there = frozenset([field for field in context.edition.fields if _present(context, field)])
    return _findings(context.edition, context.asked.data, there)


@lru_cache(maxsize=1024)
def _findings(
    edition: Edition, asked: frozenset[DataCategory], there: frozenset[str]
) -> tuple[tuple[str, ...], tuple[RequestFinding, ...]]:
    findings: list[RequestFinding] = []
    missing: list[str] = []
    blocked = False
    for row in edition.required:
        if row.data and asked.isdisjoint(row.data):
            continue
        kept = row.field in there or row.unless in there
        blocks = not kept and not row.recalled
        blocked = blocked or blocks
        name = _NAMES.get(row.field, row.field)
        if not kept:
            missing.append(name)
        text = f"{name} is {'there' if kept else 'missing'}."
        findings.append(of_row(row, kept=kept, effect="clarify" if blocks else "none", text=text))
    return tuple(dict.fromkeys(missing)) if blocked else (), tuple(findings)


def _present(context: Context, field: str) -> bool:
    look = _LOOKS.get(field)
    return look(context) if look else not is_blank(getattr(context.request, field))


@lru_cache(maxsize=4096)
def _speaks(language: str | None, languages: tuple[str, ...]) -> bool:
    """Tell whether the language is one that we declared; a region ("en-IE") makes no difference."""
    if is_blank(language):
        return False
    known = {_primary(each) for each in languages}
    return not known or _primary(str(language)) in known


def _primary(tag: str) -> str:
    return tag.replace("_", "-").split("-", 1)[0].strip().lower()


_LOOKS: dict[str, Callable[[Context], bool]] = {
    "issuer.name": lambda context: not is_blank(context.request.issuer.name),
    "asks.targets": lambda context: context.asked.names_targets,
    "asks.data": lambda context: context.asked.names_data,
    "signature": lambda context: context.request.signature != "none",
    "language": lambda context: _speaks(context.request.language, context.facts.languages),
}
