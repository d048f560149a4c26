"""The same to everyone: a request judged as if each other state had sent it. Pure.

Substituted, and listed with the result: the issuer's country, that country in the territory (a neighbour that the order
names too changes places with it), the ending of its address's domain, the language where it is the sender's own, and
the legal basis (a Union act stays; a national one becomes its equivalent in the other state). What is left of the
difference between two answers must be explained by named rules that are rows of the tables or `named.OWN_RULES`, kept
in one answer and not in the other, and able to cause that difference. A difference that none explains, or an answer
that does not follow from its own findings, is a failure.

Every state is judged, none is taken for another: a rule hidden in code for one state would not show otherwise.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC

import msgspec

from evenhand.orders.context import names_union_act
from evenhand.orders.follows import contradiction
from evenhand.orders.named import OWN_RULES
from evenhand.orders.rules import rule_on
from evenhand.rulebook.tables import LawBook
from evenhand.vocabulary.request import Request, RequestFacts, Ruling

_HERE = "(the sender's state)"
_OTHER_ENDINGS = {"GB": "uk"}
Judge = Callable[[Request, RequestFacts, LawBook], Ruling]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two states, one request, two answers.

    Attributes:
        states: The other states for which it is so.
        part: What differs: "outcome", "targets", "deadline", "territory", "disclose", "missing", "approvals" or
            "notify_user"; "findings" where an answer does not follow from its own findings.
        rules: Named rules that explain it; empty: nothing does, and that is a failure.
    """

    states: tuple[str, ...]
    part: str
    here: str
    there: str
    rules: tuple[str, ...]


def substitutions(request: Request, book: LawBook) -> tuple[str, ...]:
    """Return what is put in the place of what when another STATE sends the request."""
    issuer, home = request.issuer, request.issuer.country
    notes = [f"country {home} -> STATE"]
    if home in request.territory:
        notes.append(f"territory {home} -> STATE")
    if _national_domain(issuer.address, home):
        notes.append(f"domain .{_ending(home)} -> .STATE's own")
    if _own_language(request, book):
        notes.append(f"language {request.language} -> STATE's own")
    if request.legal_basis and not names_union_act(request.legal_basis, book.union_acts):
        notes.append("legal basis -> its equivalent in STATE")
    return tuple(notes)


def as_if_from(request: Request, state: str, book: LawBook) -> Request:
    """Return the request as the other state would have sent it."""
    return elsewhere(request, book)(state)


def elsewhere(request: Request, book: LawBook) -> Callable[[str], Request]:
    """Return what gives the request as another state would have sent it; what is the same for all is read once."""
    issuer, home, basis = request.issuer, request.issuer.country, request.legal_basis
    address = issuer.address
    stem = address[: -len(_ending(home))] if address and _national_domain(address, home) else None
    equivalent = bool(basis) and not names_union_act(str(basis), book.union_acts)
    languages = book.languages if _own_language(request, book) else {}
    local = home in request.territory
    replace_in = msgspec.structs.replace

    def from_state(state: str) -> Request:
        return replace_in(
            request,
            issuer=replace_in(issuer, country=state, address=address if stem is None else stem + _ending(state)),
            territory=_swapped(request.territory, home, state) if local else request.territory,
            legal_basis=f"the equivalent in {state} of: {basis}" if equivalent else basis,
            language=languages.get(state, request.language),
        )

    return from_state


def _swapped(territory: tuple[str, ...], home: str, state: str) -> tuple[str, ...]:
    """Return the places with two states changing roles: who orders for itself and a neighbour stays so."""
    roles = {home: state, state: home}
    return tuple([roles.get(where, where) for where in territory])


def _national_domain(address: str | None, home: str) -> bool:
    return bool(address) and str(address).lower().endswith(f".{_ending(home)}")


def _ending(state: str) -> str:
    """Return the last part of a state's domains, which is its code in small letters for all but one."""
    return _OTHER_ENDINGS.get(state) or state.lower()


def _own_language(request: Request, book: LawBook) -> bool:
    """Tell whether the sender writes in its own state's first language; a common third one stays."""
    return bool(request.language) and request.language == book.languages.get(request.issuer.country)


def differences(request: Request, facts: RequestFacts, book: LawBook, judge: Judge = rule_on) -> Iterator[Difference]:
    """Yield every difference between the answer to this state and to any other of the book's states."""
    home = request.issuer.country
    here = judge(request, facts, book)
    mine = _key(here, home, home)
    # A place that the order names in its own right is no sender's state, whoever sends it.
    named = (
        frozenset() if home in request.territory else frozenset(where.strip().upper() for where in request.territory)
    )
    if reason := _fault(here, book):
        yield Difference(states=(home,), part="findings", here=here.outcome, there=reason, rules=())
    sent_by = elsewhere(request, book)
    alike: dict[tuple[object, ...], tuple[Ruling, list[str]]] = {}
    for state in book.states:
        if state != home:
            there = judge(sent_by(state), facts, book)
            if (key := _key(there, "" if state in named else state, home)) != mine:
                alike.setdefault((key, frozenset(_results(there))), (there, []))[1].append(state)
    groups: dict[Difference, list[str]] = {}
    for there, states in alike.values():
        for found in _between(here, there, home, "" if states[0] in named else states[0], book):
            groups.setdefault(found, []).extend(states)
    yield from (replace(found, states=tuple(states)) for found, states in groups.items())


def _fault(ruling: Ruling, book: LawBook) -> str:
    """Return what is wrong with an answer by itself, or ""."""
    named = book.names() | OWN_RULES.keys()
    if strangers := sorted({rule for _place, rule, _kept, _effect in _results(ruling)} - named):
        return f"it cites {strangers[0]}, which no table has"
    limits = {row.id for row in book.deadlines}
    if (ruling.deadline is not None) != any(finding.rule in limits for finding in ruling.findings):
        return "its deadline and the row that sets one do not stand together"
    return contradiction(ruling)


def _roles(places: tuple[str, ...], state: str, home: str) -> tuple[str, ...]:
    """Return places by the part they have: the sender's state, and the other one under the name it had at first."""
    roles = {home: state, state: _HERE} if state else {}
    return tuple(sorted([roles.get(where, where) for where in places]))


def _key(ruling: Ruling, state: str, home: str) -> tuple[object, ...]:
    """Return everything of an answer that two states may expect to be the same."""
    return (
        ruling.outcome,
        tuple([row.outcome for row in ruling.targets]),
        ruling.deadline,
        _roles(ruling.territory, state, home),
        ruling.disclose,
        ruling.missing,
        ruling.approvals,
        ruling.notify_user.when,
    )


def _between(here: Ruling, there: Ruling, home: str, state: str, book: LawBook) -> Iterator[Difference]:
    if reason := _fault(there, book):
        yield Difference(states=(), part="findings", here=here.outcome, there=reason, rules=())
    mine, theirs = _parts(here, home, home), _parts(there, state, home)
    changed = set(_results(here)) ^ set(_results(there))
    for part, value in theirs.items():
        if value != mine[part]:
            rules = _explaining(part, changed, here, there, book)
            yield Difference(states=(), part=part, here=mine[part], there=value, rules=rules)


def _parts(ruling: Ruling, state: str, home: str) -> dict[str, str]:
    due = ruling.deadline
    return {
        "outcome": ruling.outcome,
        "targets": ", ".join(f"{row.target}: {row.outcome}" for row in ruling.targets),
        "deadline": "none" if due is None else due.astimezone(UTC).isoformat(),
        "territory": ", ".join(_roles(ruling.territory, state, home)),
        "disclose": f"allowed: {', '.join(ruling.disclose.allowed)}; withheld: {', '.join(ruling.disclose.withheld)}",
        "missing": ", ".join(ruling.missing),
        "approvals": ", ".join(ruling.approvals),
        "notify_user": ruling.notify_user.when,
    }


def _results(ruling: Ruling) -> Iterator[tuple[str, str, bool, str]]:
    """Yield what every rule said, of the whole request or of one target."""
    for finding in ruling.findings:
        yield ("", finding.rule, finding.kept, finding.effect)
    for n, row in enumerate(ruling.targets):
        for finding in row.findings:
            yield (str(n), finding.rule, finding.kept, finding.effect)


def _explaining(
    part: str, changed: set[tuple[str, str, bool, str]], here: Ruling, there: Ruling, book: LawBook
) -> tuple[str, ...]:
    """Return the named rules that can have caused a difference in this part.

    A rule whose finding has no effect causes nothing, but for a deadline's row, which causes the deadline. A state's
    own regime causes whatever it sets.
    """
    rules = {rule for _place, rule, _kept, effect in changed if effect != "none"}
    if part == "deadline":
        limits = {row.id for row in book.deadlines}
        rules |= {rule for _place, rule, _kept, _effect in changed if rule in limits}
    if here.regime_version != there.regime_version:
        rules |= {version.partition("@")[0] for version in (here.regime_version, there.regime_version)}
    return tuple(sorted(rules & (book.names() | OWN_RULES.keys())))
