"""What the law and the principles say of one target of one ask. Pure; `rules.py` puts the targets together.

Steps, numbered again in the body:
 1. is it on our service?
 2. does a principle refuse the ask itself? (keys, back doors, general monitoring, bulk)
 3. do we know it, and is there anything held of it?
 4. is it press, assembly, opposition, violence?
 5. what the regime says of the ask
"""

from dataclasses import dataclass, replace
from functools import lru_cache

from evenhand.orders.context import Situation, of_row
from evenhand.orders.data_rules import judge_data
from evenhand.orders.held import held_of, not_held
from evenhand.vocabulary.request import (
    AskKind,
    DataCategory,
    RequestFinding,
    RequestOutcome,
    TargetFacts,
)

_PERSON = "A person decides."
_NEEDS_HELD = ("remove", "geo-restrict", "disclose", "preserve")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What follows for one target of one ask.

    Attributes:
        ours: It is on our service, as far as we know.
        principle: A principle refuses it.
        granted: Data that may leave for it.
        missing: Fact fields that a person has to fill.
    """

    outcome: RequestOutcome
    findings: tuple[RequestFinding, ...]
    ours: bool = True
    principle: bool = False
    granted: tuple[DataCategory, ...] = ()
    missing: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def judge_target(
    situation: Situation, kind: AskKind, data: tuple[DataCategory, ...], facts: TargetFacts | None
) -> Judged:
    """Judge one target of one ask by itself; `facts` None: nobody has looked it up yet.

    Equal situations, asks and facts give the same value: it is worked out once.
    """
    # 1. ours?
    if facts is not None and not facts.on_service:
        found = situation.own("on-service", kept=False, effect="redirect", text="This is not on our service.")
        return Judged(outcome="refuse", findings=(found,), ours=False)
    # 2. refused whoever asks
    if kind in situation.edition.refused:
        return _refused_outright(situation, kind)
    # 3. known and held?
    if facts is None:
        found = _person(situation, "known", f"Nobody has looked this target up yet. {_PERSON}")
        return Judged(outcome="escalate", findings=(found,), missing=("targets",))
    ours = situation.own("on-service", kept=True, effect="none", text="This is on our service.")
    settled = _nothing_held(situation, kind, data, facts)
    if settled is None:
        # 4. press, assembly, opposition, violence
        settled = _by_flags(situation, facts)
    if settled is None or settled.outcome == "comply":
        # 5. the regime
        unharmed = settled.findings if settled else ()
        settled = _by_regime(situation, kind, data, facts)
        settled = replace(settled, findings=(*unharmed, *settled.findings))
    return replace(settled, findings=(ours, *settled.findings))


def _person(situation: Situation, rule: str, text: str) -> RequestFinding:
    return situation.own(rule, kept=False, effect="escalate", text=text)


def _refused_outright(situation: Situation, kind: AskKind) -> Judged:
    found = tuple(
        of_row(row, kept=False, effect="principle", text=row.sentence)
        for row in situation.edition.principles
        if kind in row.asks
    )
    return Judged(outcome="refuse", findings=found, principle=True)


def _nothing_held(
    situation: Situation, kind: AskKind, data: tuple[DataCategory, ...], facts: TargetFacts
) -> Judged | None:
    """Refuse what is not held at all, each category with the catalogue's entry; None where something is."""
    if kind not in _NEEDS_HELD or held_of(facts, data):
        return None
    wanted: tuple[DataCategory, ...] = data or ("content",)
    found = tuple(not_held(situation, each, facts.kind, effect="principle") for each in dict.fromkeys(wanted))
    return Judged(outcome="refuse", findings=found, principle=True)


def _by_flags(situation: Situation, facts: TargetFacts) -> Judged:
    """Apply the principles that look at recorded facts; "comply": none of them stands in the way."""
    if facts.flags is None:
        text = f"Nobody has looked whether this is press, assembly or opposition. {_PERSON}"
        found = _person(situation, "flags-known", text)
        return Judged(outcome="escalate", findings=(found,), missing=("flags",))
    kept: list[RequestFinding] = []
    for row in situation.edition.principles:
        if row.kind != "flags":
            continue
        recorded = ", ".join(flag for flag in sorted(set(facts.flags)) if flag in (*row.flags, *row.weighed))
        protected = not set(row.flags).isdisjoint(facts.flags)
        court = situation.issuer_kind in row.courts or situation.validated_by in row.courts
        if not set(row.weighed).isdisjoint(facts.flags) or (protected and court):
            text = f"{row.sentence} Recorded: {recorded}. A person weighs it."
            return Judged(outcome="escalate", findings=(of_row(row, kept=False, effect="escalate", text=text),))
        if protected:
            text = f"{row.sentence} Recorded: {recorded}."
            found = of_row(row, kept=False, effect="principle", text=text)
            return Judged(outcome="refuse", findings=(found,), principle=True)
        kept.append(of_row(row, kept=True, effect="none", text=row.sentence))
    return Judged(outcome="comply", findings=tuple(kept))


def _by_regime(situation: Situation, kind: AskKind, data: tuple[DataCategory, ...], facts: TargetFacts) -> Judged:
    regime = situation.edition.regime
    if regime is None:
        return Judged(outcome="escalate", findings=())  # the request's own finding says why
    if kind not in regime.asks:
        found = _person(situation, "ask-known", f"{regime.id} does not know the ask {kind}. {_PERSON}")
        return Judged(outcome="escalate", findings=(found,))
    if kind in ("disclose", "preserve"):
        result = judge_data(situation, kind, data, facts)
        granted = result.granted if kind == "disclose" else ()
        return Judged(outcome=result.outcome, findings=result.findings, granted=granted)
    if kind in ("remove", "geo-restrict"):
        return _restrict(situation, kind)
    found = situation.own("inform", kept=True, effect="none", text="A question about the service itself is answered.")
    return Judged(outcome="comply", findings=(found,))


def _restrict(situation: Situation, kind: AskKind) -> Judged:
    where = situation.territory
    if not where:
        found = _person(situation, "territory", f"Nothing says where an effect would lawfully apply. {_PERSON}")
        return Judged(outcome="escalate", findings=(found,))
    if where == ("EU",) and kind == "remove":
        text = "Union law acts in the whole Union."
        return Judged(outcome="comply", findings=(situation.own("territory", kept=True, effect="none", text=text),))
    return Judged(outcome="geo-restrict", findings=(_local(situation, where),))


def _local(situation: Situation, where: tuple[str, ...]) -> RequestFinding:
    text = f"The effect is limited to {', '.join(where)}."
    local = next((row for row in situation.edition.principles if row.kind == "local"), None)
    if situation.union or local is None:
        return situation.own("territory", kept=True, effect="geo-restrict", text=text)
    return of_row(local, kept=True, effect="geo-restrict", text=f"{local.sentence} {text}")
