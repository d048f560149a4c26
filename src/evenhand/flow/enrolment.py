"""Enrolment: an officer asks, their agency's administrator vouches by a link that works once, the team decides."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest

import msgspec

from evenhand.flow.authorities import account_of
from evenhand.flow.identify import Identifier
from evenhand.flow.letters import as_body, link_letter
from evenhand.flow.office import Office, story_of
from evenhand.orders.acknowledge import vouching_letter
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.commit import Commit, Done, Effect, FactVersion, Place, Record, Stale, Stream, commit_key
from evenhand.vocabulary.errors import Conflict, Denied, InputError
from evenhand.vocabulary.places import by_instant

OPEN = "enrolment/open"
"""Enrolments that wait for the legal team, by receipt."""
VOUCHED = "enrolment/vouched"
"""Those of them that an administrator vouches for: made-up wishes do not stand before them."""
LINK_LIVES = timedelta(hours=72)
LINKS_A_DAY = 10
"""More links in one day reach no administrator: who makes up officers fills nobody's mailbox."""
_SECRET_BYTES = 32
_FIELDS_MAX = 320
_LINK = re.compile(r"://|\bwww\.|\S@\S", re.IGNORECASE)
_PREFIX = "token:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an officer fills in."""

    agency: str
    state: str
    address: str
    administrator: str
    officer: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptWish:
    """`enrolment`: as it is kept.

    Attributes:
        authority: Id of the registry's entry with this domain, "" for none.
        secret_sha256: Of the link's secret, hex; "" where no link was sent.
    """

    wish: Wish
    authority: str
    secret_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """An enrolment as its records tell it."""

    reference: str
    stream: Stream
    at: datetime
    kept: KeptWish
    vouched_at: datetime | None
    decided: str


_KEPT = msgspec.json.Decoder(KeptWish)


def ask_to_enrol(
    office: Office, identifier: Identifier, wish: Wish, *, at: datetime, chance: Callable[[int], bytes]
) -> str:
    """Keep the wish and send the agency's administrator a link; return the reference.

    Whoever asks is told the same whether or not a link was sent: the legal team sees both.

    Raises:
        InputError: A field is empty or too long, an address is not one plain mailbox, or both are one person's.
        Conflict: Another wish for the same administrator was kept at the same moment.
    """
    for name in Wish.__slots__:
        if not 0 < len(getattr(wish, name).strip()) <= _FIELDS_MAX:
            raise InputError(name, f"must have 1 to {_FIELDS_MAX} characters")
        # Names go into a letter of ours to somebody else's mailbox: it carries nobody's links.
        if name in ("agency", "officer") and _LINK.search(getattr(wish, name)):
            raise InputError(name, "must be a name, without links")
    officer, administrator = identifier.identify(wish.address), identifier.identify(wish.administrator)
    for name, found in (("address", officer), ("administrator", administrator)):
        if not found.address:
            raise InputError(name, found.reason)
    if _person(officer.address) == _person(administrator.address):
        raise InputError("administrator", "must be somebody else's address: nobody vouches for themselves")
    known = officer.result == administrator.result == "accept" and officer.registered == administrator.registered
    authorities = identifier.authorities(officer) if known else ()
    authority = authorities[0] if len(authorities) == 1 else ""
    fact = f"vouching/{commit_key(at.date(), b'links', _person(administrator.address)).hex()}"
    links = office.queries.fact(fact)
    asks = bool(authority) and links < LINKS_A_DAY
    secret = urlsafe_b64encode(chance(_SECRET_BYTES)).decode().rstrip("=") if asks else ""
    kept = KeptWish(wish=wish, authority=authority, secret_sha256=sha256(secret.encode()).hexdigest() if secret else "")
    # One a day for an address: who asks again and again fills nobody's mailbox.
    key = commit_key(at.date(), b"enrolment", _person(officer.address))
    stream = Stream(key)
    commit = Commit(
        key=key,
        records=(Record(kind="enrolment", stream=stream, at=at, subject=_sealed(stream), body=encode(kept)),),
        places=(Place(view=OPEN, sort=by_instant(at, stream), stream=stream),),
        relies_on=(FactVersion(name=fact, version=links),) if asks else (),
        advances=(fact,) if asks else (),
    )
    [outcome] = office.docket.commit([commit])
    if isinstance(outcome, Stale):
        raise Conflict("please send it again")
    number = outcome.records[0] if isinstance(outcome, Done) else office.queries.records(stream, limit=1)[0].number
    reference = office.references.format("request", number)
    if secret and isinstance(outcome, Done):
        _send_link(office, stream, reference, secret, wish, administrator.address, at)
    return reference


def _person(address: str) -> bytes:
    """Return whose mailbox an address is: capitals and a detail ("+…") before the @ make no other person."""
    local, _, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}".encode()


def _send_link(office: Office, stream: Stream, reference: str, secret: str, wish: Wish, to: str, at: datetime) -> None:
    link = f"{office.public_url.rstrip('/')}/authorities/vouch/{reference}/{secret}"
    text = vouching_letter(office.platform, wish.officer, wish.agency, link)
    body = {
        "entrance": "mail",
        "letter": as_body(link_letter(office, text)),
        "reference": reference,
        "text": text,
        "to": to,
        "what": "vouching",
    }
    key = commit_key(at.date(), b"vouching", stream)
    effect = Effect(kind="tell.authority", key=key, body=encode(body), subject=_sealed(stream))
    office.docket.commit([Commit(key=key, effects=(effect,))])


def _sealed(stream: Stream) -> str:
    return f"enrolment/{stream.hex()}"


def enrolment_of(office: Office, reference: str) -> Enrolment:
    """Return the enrolment behind a reference.

    Raises:
        InputError: It is not one of ours, or was erased.
    """
    row = office.queries.record(office.references.parse("request", reference))
    if row is None or row.kind != "enrolment":
        raise InputError("reference", "this is not one of our references")
    return _load(office, row.stream)


def _load(office: Office, stream: Stream) -> Enrolment:
    rows = office.queries.records(stream)
    if not rows or rows[0].body is None:
        raise InputError("reference", "it was erased")
    vouched = next((row.at for row in rows if row.kind == "enrolment.vouched"), None)
    decided = next((row.kind.partition(".")[2] for row in rows if row.kind in _DECISIONS), "")
    return Enrolment(
        reference=office.references.format("request", rows[0].number),
        stream=stream,
        at=rows[0].at,
        kept=_KEPT.decode(rows[0].body),
        vouched_at=vouched,
        decided=decided,
    )


_DECISIONS = ("enrolment.accepted", "enrolment.refused")


def check_link(office: Office, reference: str, secret: str, *, at: datetime) -> Enrolment:
    """Return the enrolment that a link is for.

    Raises:
        InputError: The link is none of ours, was used, or is older than 72 hours.
    """
    found = enrolment_of(office, reference)
    digest = sha256(secret.encode()).hexdigest()
    if not found.kept.secret_sha256 or not compare_digest(digest, found.kept.secret_sha256):
        raise InputError("reference", "this is not one of our references")
    if found.vouched_at is not None or found.decided:
        raise InputError("reference", "this link was used")
    if not found.at <= at <= found.at + LINK_LIVES:
        raise InputError("reference", "this link has expired; please ask the officer to enrol again")
    return found


def vouch(office: Office, reference: str, secret: str, *, at: datetime) -> None:
    """Record that the agency's administrator vouches; a link works once.

    Raises:
        InputError: As `check_link`.
    """
    found = check_link(office, reference, secret, at=at)
    record = Record(kind="enrolment.vouched", stream=found.stream, at=at, subject=None, body=b"{}")
    place = Place(view=VOUCHED, sort=by_instant(found.at, found.stream), stream=found.stream)
    key = commit_key(at.date(), b"enrolment-vouched", found.stream)
    office.docket.commit([Commit(key=key, records=(record,), places=(place,))])


def open_enrolments(office: Office, limit: int = 50) -> list[Enrolment]:
    """Return the enrolments that wait for the legal team: those that are vouched for, then the others, oldest first."""
    rows = [row for view in (VOUCHED, OPEN) for row in office.queries.places(view, limit=limit)]
    streams = list(dict.fromkeys(row.stream for row in rows))[:limit]
    return [_load(office, one) for one in streams if office.queries.records(one, limit=1)[0].body is not None]


def token_name(enrolment: Enrolment) -> str:
    """Return the name of the token that an accepted enrolment is given."""
    return f"{enrolment.kept.authority}--{enrolment.reference[:7].lower()}"


def decide_enrolment(office: Office, actor: Actor, reference: str, *, accept: bool, why: str, at: datetime) -> str:
    """Decide an enrolment; return the name of the token to be made, "" where it was refused.

    The decision is durable before the token is made; asked again before `hand_over`, it gives the same name, so that
    nothing that is cut off in between leaves a token without a decision or an officer without a token.

    Raises:
        Denied: Not of the legal team.
        InputError: Nobody vouched for it, or its domain is in no registry.
        Conflict: It is decided.
    """
    if Role.LEGAL not in actor.roles:
        raise Denied("this is the legal team's")
    found = enrolment_of(office, reference)
    if found.decided == "accepted" and accept and _waits(office, found):
        # The token was not handed over: whatever cut that off, it is made again under the same name.
        return token_name(found)
    if found.decided:
        raise Conflict("it is decided")
    if accept and (not found.kept.authority or found.vouched_at is None):
        raise InputError("reference", "nobody at a registered domain has vouched for it")
    name = token_name(found) if accept else ""
    body = encode({"by": actor.id, "token": name, "why": why.strip()[:1000]})
    kind = "enrolment.accepted" if accept else "enrolment.refused"
    records = [Record(kind=kind, stream=found.stream, at=at, subject=None, body=body)]
    if accept:
        account = account_of(found.kept.authority)
        records.append(Record(kind="authority.enrolled", stream=account, at=at, subject=None, body=body))
    fact = f"enrolment/{found.stream.hex()}"
    commit = Commit(
        key=commit_key(at.date(), b"enrolment-decided", found.stream),
        records=tuple(records),
        # An accepted one stays in the list until its token was handed over.
        drops=() if accept else _lines(found),
        relies_on=(FactVersion(name=fact, version=0),),
        advances=(fact,),
    )
    [outcome] = office.docket.commit([commit])
    if not isinstance(outcome, Done):
        raise Conflict("it is decided")
    return name


def hand_over(office: Office, reference: str, *, at: datetime) -> None:
    """Take an accepted enrolment off the list: its token exists, and its text is about to be shown."""
    found = enrolment_of(office, reference)
    key = commit_key(at.date(), b"enrolment-handed", found.stream, at.isoformat().encode())
    office.docket.commit([Commit(key=key, drops=_lines(found))])


def _lines(found: Enrolment) -> tuple[tuple[str, bytes], ...]:
    """Return where an enrolment stands in the lists; one that nobody vouched for stands in one of them."""
    vouched = ((VOUCHED, by_instant(found.at, found.stream)),) if found.vouched_at is not None else ()
    return (_line(found), *vouched)


def _line(found: Enrolment) -> tuple[str, bytes]:
    return OPEN, by_instant(found.at, found.stream)


def _waits(office: Office, found: Enrolment) -> bool:
    return bool(office.queries.at([_line(found)]))


def enrolled_at(office: Office, authority: str, sender: str) -> datetime | None:
    """Return when the sender of a request was enrolled, None where it was not through the portal."""
    name = sender.removeprefix(_PREFIX)
    rows = [row for row in story_of(office, account_of(authority)) if row.body is not None]
    enrolled = (row for row in rows if row.kind == "authority.enrolled")
    return next((row.at for row in enrolled if msgspec.json.decode(row.body or b"{}").get("token") == name), None)
