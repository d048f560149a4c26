"""The registry as it is now, who a token stands for, and accounts that are frozen until a person has looked."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from evenhand.flow.identify import Identifier, load_registry, no_registry
from evenhand.flow.office import TRIES, Office, story_of
from evenhand.orders.emergency import Activity, unusual
from evenhand.orders.registry import Authority, Registry
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.commit import Commit, FactVersion, Place, Record, Stale, Stream, commit_key
from evenhand.vocabulary.errors import Conflict, Denied, InputError
from evenhand.vocabulary.matter import Incoming
from evenhand.vocabulary.places import by_instant

FROZEN = "authority/frozen"
"""Accounts that wait for a person, by the instant of their freezing."""
_FIRST_DAY = date(1970, 1, 1)
_ACTIVITY = msgspec.json.Decoder(Activity)


class RegistryFile:
    """`registry.json` of a data directory, read anew when it changes."""

    def __init__(self, data: Path) -> None:
        self._file = data / "registry.json"
        self._read: tuple[tuple[int, int] | None, Identifier] = (None, Identifier(no_registry()))

    def identifier(self) -> Identifier:
        """Return the registry as it is now; empty where there is no file.

        Raises:
            InputError: The file is no registry.
        """
        try:
            found = self._file.stat()
        except FileNotFoundError:
            return Identifier(no_registry())
        stamp = (found.st_mtime_ns, found.st_size)
        if self._read[0] != stamp:
            self._read = (stamp, Identifier(load_registry(self._file)))
        return self._read[1]


def find_authority(registry: Registry, name: str) -> Authority | None:
    """Return an authority by its id."""
    return next((one for one in registry.authorities if one.id == name), None)


def authority_of(office: Office, identifier: Identifier, token: str) -> Authority | None:
    """Return the authority that a token stands for; None for nobody we know, or while its account is frozen.

    A token is named after its authority's id; "--" and anything after it tell several tokens apart.
    """
    found = find_authority(identifier.registry, token.split("--", 1)[0])
    return None if found is None or frozen(office, found.id) else found


def account_of(authority: str) -> Stream:
    """Return the stream of an authority's account."""
    return Stream(commit_key(_FIRST_DAY, b"authority", authority.encode()))


def frozen(office: Office, authority: str) -> tuple[str, ...]:
    """Return why an account is frozen; empty: it is not."""
    reasons: tuple[str, ...] = ()
    for row in story_of(office, account_of(authority)):
        if row.kind == "authority.frozen" and row.body is not None:
            reasons = tuple(msgspec.json.decode(row.body)["reasons"])
        elif row.kind == "authority.thawed":
            reasons = ()
    return reasons


def remember(office: Office, authority: Authority, incoming: Incoming, request: Stream) -> tuple[str, ...]:
    """Note a request on its authority's account, and freeze the account if it is unlike it; return the reasons.

    The request itself is kept and judged like any other: freezing takes the account's word away, nothing else.
    """
    stream, at = account_of(authority.id), incoming.received_at
    form = incoming.request
    now = Activity(at=at, instrument=form.instrument if form else "", country=form.issuer.country if form else "")
    fact = f"account/{authority.id}"
    for _ in range(TRIES):
        version = office.queries.fact(fact)
        rows = story_of(office, stream)
        before = [_ACTIVITY.decode(row.body) for row in rows if row.kind == "authority.asked" and row.body is not None]
        reasons = unusual(authority, before, now)
        commit = Commit(
            key=commit_key(at.date(), b"authority-asked", request),
            records=(
                Record(kind="authority.asked", stream=stream, at=at, subject=None, body=encode(now)),
                *_freezing(stream, at, reasons),
            ),
            places=_waiting(stream, at, authority.id) if reasons else (),
            relies_on=(FactVersion(name=fact, version=version),),
            advances=(fact,),
        )
        [outcome] = office.docket.commit([commit])
        if not isinstance(outcome, Stale):
            return reasons
    raise Conflict("the account keeps changing; please try again")


def _freezing(stream: Stream, at: datetime, reasons: Sequence[str]) -> tuple[Record, ...]:
    if not reasons:
        return ()
    body = encode({"reasons": list(reasons)})
    return (Record(kind="authority.frozen", stream=stream, at=at, subject=None, body=body),)


def _waiting(stream: Stream, at: datetime, authority: str) -> tuple[Place, ...]:
    return (Place(view=FROZEN, sort=by_instant(at, stream), stream=stream, label=authority.encode()),)


def frozen_accounts(office: Office, limit: int = 100) -> list[tuple[str, tuple[str, ...]]]:
    """Return the accounts that wait for a person, with the reasons."""
    names = dict.fromkeys(row.label.decode() for row in office.queries.places(FROZEN, limit=limit))
    return [(name, why) for name in names if (why := frozen(office, name))]


def thaw(office: Office, actor: Actor, authority: str, why: str, *, at: datetime) -> None:
    """Give an account its word back after a person has looked.

    Raises:
        Denied: Not of the legal team.
        InputError: It is not frozen, or no reason is given.
    """
    if Role.LEGAL not in actor.roles:
        raise Denied("this is the legal team's")
    if not why.strip():
        raise InputError("why", "say what you found")
    if not frozen(office, authority):
        raise InputError("authority", "this account is not frozen")
    stream = account_of(authority)
    body = encode({"by": actor.id, "why": why.strip()[:1000]})
    drops = [(FROZEN, row.sort) for row in office.queries.places(FROZEN, limit=1000) if row.stream == stream]
    key = commit_key(at.astimezone(UTC).date(), b"authority-thawed", stream, at.isoformat().encode())
    record = Record(kind="authority.thawed", stream=stream, at=at, subject=None, body=body)
    office.docket.commit([Commit(key=key, records=(record,), drops=tuple(drops))])
