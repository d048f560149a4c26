"""The same to everyone: a request judged as if each other state had sent it. Pure.

Substituted, and listed with the result: the issuer's country, that country in the territory, the address's domain, and
the legal basis (a Union act stays; a national one becomes its equivalent in the other state). The language is judged as
accepted or not, which the sender's state does not change, so it stays. What is left of the difference between two
answers must be explained by named rules; a difference that none explains is a failure.

States that no row, membership or market tells apart get the same answer by construction and are judged once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

import msgspec

from evenhand.orders.rules import rule_on
from evenhand.rulebook.tables import LawBook
from evenhand.vocabulary.request import Request, RequestFacts, Ruling

_HERE = "(the sender's state)"
_UNION = re.compile(r"\(E[UC]\)|/E[UC]\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two states, one request, two answers.

    Attributes:
        states: The other states for which it is so.
        part: What differs: "outcome", "targets", "deadline", "territory", "disclose", "missing" or "notify_user".
        rules: Named rules that explain it; empty: nothing does, and that is a failure.
        substituted: What was put in the place of what.
    """

    states: tuple[str, ...]
    part: str
    here: str
    there: str
    rules: tuple[str, ...]
    substituted: tuple[str, ...]


def as_if_from(request: Request, state: str) -> tuple[Request, tuple[str, ...]]:
    """Return the request as the other state would have sent it, and what was substituted."""
    issuer, home = request.issuer, request.issuer.country
    notes = [f"country {home} -> {state}"]
    territory = tuple(state if where == home else where for where in request.territory)
    if territory != request.territory:
        notes.append(f"territory {home} -> {state}")
    address = issuer.address
    if address and address.lower().endswith(f".{home.lower()}"):
        address = address[: -len(home)] + state.lower()
        notes.append(f"domain .{home.lower()} -> .{state.lower()}")
    basis = request.legal_basis
    if basis and not _UNION.search(basis):
        basis = f"the equivalent in {state} of: {basis}"
        notes.append("legal basis -> its equivalent")
    there = msgspec.structs.replace(
        request,
        issuer=msgspec.structs.replace(issuer, country=state, address=address),
        territory=territory,
        legal_basis=basis,
    )
    return there, tuple(notes)


def differences(request: Request, facts: RequestFacts, book: LawBook) -> Iterator[Difference]:
    """Yield every difference between the answer to this state and to any other of the book's states."""
    here = rule_on(request, facts, book)
    home = _parts(here, request.issuer.country)
    for states in _alike(request, facts, book):
        state = states[0]
        there_request, substituted = as_if_from(request, state)
        there = rule_on(there_request, facts, book)
        explained = _explaining(here, there)
        for part, value in _parts(there, state).items():
            if value != home[part]:
                yield Difference(
                    states=states, part=part, here=home[part], there=value, rules=explained, substituted=substituted
                )


def _alike(request: Request, facts: RequestFacts, book: LawBook) -> Iterator[tuple[str, ...]]:
    """Yield groups of the other states that nothing in the tables or in our markets tells apart."""
    named = {row.country for row in book.deadlines}
    groups: dict[tuple[bool, bool, str], list[str]] = {}
    for state in book.states:
        if state != request.issuer.country:
            key = (state in book.members, state in facts.markets, state if state in named else "")
            groups.setdefault(key, []).append(state)
    yield from (tuple(group) for group in groups.values())


def _parts(ruling: Ruling, state: str) -> dict[str, str]:
    due = ruling.deadline
    return {
        "outcome": ruling.outcome,
        "targets": ", ".join(f"{row.target}: {row.outcome}" for row in ruling.targets),
        "deadline": "none" if due is None else due.astimezone(UTC).isoformat(),
        "territory": ", ".join(_HERE if where == state else where for where in ruling.territory),
        "disclose": ", ".join(ruling.disclose.allowed),
        "missing": ", ".join(ruling.missing),
        "notify_user": ruling.notify_user.when,
    }


def _explaining(here: Ruling, there: Ruling) -> tuple[str, ...]:
    """Return the rules that were kept in one answer and not in the other, and deadlines that only one has."""

    def results(ruling: Ruling) -> set[tuple[str, bool, str]]:
        rows = {(f.rule, f.kept, f.effect) for f in ruling.findings}
        return rows | {(f.rule, f.kept, f.effect) for target in ruling.targets for f in target.findings}

    rules = {rule for rule, _, _ in results(here) ^ results(there)}
    limits = {here.clock.get("limit", ""), there.clock.get("limit", "")}
    if len(limits) > 1:
        rules.update(f"deadline: {limit}" for limit in limits if limit)
    return tuple(sorted(rules))
