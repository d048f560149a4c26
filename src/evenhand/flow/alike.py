"""The desk's own decisions, as if each had been in every other language and had bound every other state.

What can honestly be judged again without the content is what the written tables make of a decision: its lane, harm and
target, whether a second person has to agree, the strike, whether a statement is owed, each field of the statement and
the language of its letter. What the content itself would have been called in another language is not judged here.

A difference is explained by a named rule only where the value is exactly the one that the rule gives.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from evenhand.desk.routing import route
from evenhand.desk.strikes import strike_for
from evenhand.rulebook.desk_tables import DeskTables
from evenhand.statements.rules import Circumstances, Particulars, statement_needed
from evenhand.statements.sentences import Wordings
from evenhand.statements.statement import statement_of
from evenhand.views.decisions import DecisionRow
from evenhand.vocabulary.case import Origin
from evenhand.vocabulary.decision import Action, Decision, Policy
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import CONTENT_LANGUAGES, EEA_STATES, Automation, Category, Ground, Keyword, Source
from evenhand.vocabulary.post import ItemKind

RULES = {
    "content-languages": "The EU database has a list of languages; one that it lacks is not told.",
    "wording-of-language": "A letter is in the language of the person concerned where we have its sentences, else in "
    "English.",
    "eea-states": "The EU database is told of states of the European Economic Area only.",
}
"""What may differ between languages and states, by name."""
HOME = "DE"
"""The state that a restriction in one state is taken to bind first; then every other."""
AT = datetime(2026, 1, 1, tzinfo=UTC)
Outcome = dict[str, str]
Judge = Callable[[Decision, Wordings], Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """All of a decision that the tables read, but for its language and state."""

    item: str
    action: str
    ground: str
    category: str
    keyword: str
    source: str
    automation: str

    @classmethod
    def of(cls, row: DecisionRow) -> "Shape":
        """Return a decision's shape."""
        return cls(**{name: getattr(row, name) for name in cls.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlike:
    """A part in which some languages or states differ.

    Attributes:
        rules: Named rules that explain it; empty: nothing does, and that is a failure.
    """

    part: str
    here: str
    there: str
    others: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeResult:
    """What the audit says of all decisions of one shape.

    Attributes:
        decisions: How many there are.
    """

    shape: Shape
    decisions: int
    differences: tuple[Unlike, ...]


def audit_decisions(
    rows: Iterable[DecisionRow], states: Iterable[str], wordings: Wordings, tables: DeskTables
) -> Iterator[ShapeResult]:
    """Yield a result for every shape among the decisions, the most frequent first.

    Args:
        rows: The decisions.
        states: Where a restriction might apply.
        wordings: The languages of letters.
        tables: The desk's rows in force.
    """
    judge = consequences_by(tables)
    languages = sorted({*CONTENT_LANGUAGES, *(code.upper() for code in wordings.by_language)})
    places = sorted({*states, *EEA_STATES})
    for shape, count in shapes_of(rows).most_common():
        yield ShapeResult(
            shape=shape, decisions=count, differences=tuple(unlike(shape, languages, places, wordings, judge))
        )


def shapes_of(rows: Iterable[DecisionRow]) -> Counter[Shape]:
    """Return every shape among the decisions, with how many decisions have it."""
    return Counter(Shape.of(row) for row in rows)


def consequences_by(tables: DeskTables) -> Judge:
    """Return what tells everything that the written tables make of a decision, by name."""
    return lambda decision, wordings: _consequences(tables, decision, wordings)


def _consequences(tables: DeskTables, decision: Decision, wordings: Wordings) -> Outcome:
    routed = route(
        tables.queues,
        decision.policy.category,
        decision.policy.keyword,
        origin=Origin.SCREENING,
        reach=None,
        urgent=False,
        listed=False,
    )
    strike = strike_for(tables.weights, "", decision.action, routed.harm, manifest=False, at=decision.decided_at)
    need = statement_needed(decision, Circumstances())
    told = {
        "queue": routed.queue,
        "harm": str(routed.harm),
        "target": str(routed.target),
        "four-eyes": str(routed.four_eyes),
        "strike": "none" if strike is None else f"{strike.weight} until {strike.expires_at.isoformat()}",
        "statement-owed": "yes" if need.needed else ", ".join(row.id for row in need.exemptions),
        "letter": wordings.pick(decision.language).language,
    }
    return told | (_statement(decision) if need.needed else {})


def _statement(decision: Decision) -> Outcome:
    particulars = Particulars(reference="x", explanation="As judged.", content_date=decision.decided_at.date())
    try:
        statement = statement_of(decision, particulars)
    except InputError as error:
        return {"statement": f"cannot be told: {error.field}"}
    return {f"statement.{name}": _plain(value) for name, value in statement.items()}


def _plain(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def unlike(
    shape: Shape, languages: Iterable[str], states: Iterable[str], wordings: Wordings, judge: Judge
) -> Iterator[Unlike]:
    """Yield every part in which another language, or another state, is answered otherwise.

    Args:
        shape: Of the decisions.
        languages: ISO 639-1, upper case; English is where the comparison starts.
        states: Where a restriction in one state might apply.
        wordings: The languages of letters.
        judge: What the tables make of a decision.
    """
    start = _decision(shape, "EN", ())
    yield from _compared(start, [(code, replace(start, language=code)) for code in languages], wordings, judge)
    if shape.action == Action.GEO_RESTRICT:
        home = replace(start, territory=(HOME,))
        yield from _compared(home, [(code, replace(start, territory=(code,))) for code in states], wordings, judge)


def _compared(
    start: Decision, others: list[tuple[str, Decision]], wordings: Wordings, judge: Judge
) -> Iterator[Unlike]:
    here = judge(start, wordings)
    found: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for code, other in others:
        there = judge(other, wordings)
        for part in sorted({*here, *there}):
            one, two = here.get(part, ""), there.get(part, "")
            if one != two:
                found.setdefault((part, two, _explaining(part, two, other, wordings)), []).append(code)
    for (part, two, rules), codes in found.items():
        yield Unlike(part=part, here=here.get(part, ""), there=two, others=tuple(codes), rules=rules)


def _explaining(part: str, there: str, other: Decision, wordings: Wordings) -> tuple[str, ...]:
    """Return the rule that gives exactly this value, if one does."""
    language = other.language or ""
    match part:
        case "statement.content_language":
            expected, rule = language if language in CONTENT_LANGUAGES else "", "content-languages"
        case "letter":
            known = language.lower() in wordings.by_language
            expected, rule = language.lower() if known else "en", "wording-of-language"
        case "statement.territorial_scope":
            expected, rule = ", ".join(state for state in EEA_STATES if state in other.territory), "eea-states"
        case _:
            return ()
    return (rule,) if there == expected else ()


def _decision(shape: Shape, language: str, territory: tuple[str, ...]) -> Decision:
    return Decision(
        item=ItemKind(shape.item),
        item_id="x",
        subject=None,
        content_sha256=bytes(32),
        decided_at=AT,
        action=Action(shape.action),
        policy=Policy(
            ground=Ground(shape.ground),
            category=Category(shape.category),
            keyword=Keyword(shape.keyword) if shape.keyword else None,
            reference="x",
        ),
        source=Source(shape.source),
        automated_detection=False,
        automation=Automation(shape.automation),
        language=language,
        territory=territory,
        rule="",
        edition="",
        because="",
        facts="As judged.",
        salt=bytes(16),
    )
