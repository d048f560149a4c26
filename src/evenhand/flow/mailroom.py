"""A letter's way in: its bytes become durable with what follows from them, at the door that it belongs to.

A model proposes, a person moves: what reads like an authority's request and came elsewhere is carried over with its own
time of receipt, and the legal team confirms it by assessing it. What nobody can read is kept and waits for a person.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from typing import Literal, Protocol

from evenhand.flow.authorities import find_authority, frozen
from evenhand.flow.identify import Identifier
from evenhand.flow.intake import accept_message, accept_request, notice_receipt
from evenhand.flow.letter import Checks, LookUpKey, check_sender, no_key, place_letter
from evenhand.flow.letters import as_body, colleague_letter
from evenhand.flow.mail_notice import notice_of
from evenhand.flow.notice_receipt import GIVEN_WITHIN
from evenhand.flow.notices import receive_notice
from evenhand.flow.office import Office
from evenhand.flow.receipts import ReceiptPen
from evenhand.flow.requests import load_matter, matter_of
from evenhand.orders.acknowledge import WORDINGS
from evenhand.orders.identify_dkim import MUST_SIGN
from evenhand.orders.registry import Authority
from evenhand.orders.wrong_door import automatic
from evenhand.orders.wrong_door_model import DoorModel
from evenhand.rulebook.tables import LawBook
from evenhand.settings import Settings
from evenhand.vocabulary.bodies import encode
from evenhand.vocabulary.commit import Commit, Effect, Place, Record, Stream, commit_key
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.letter import DoorFinding, Letter, SenderCheck, SignatureSeen, TrustedKeys
from evenhand.vocabulary.matter import Incoming, MatterState
from evenhand.vocabulary.places import by_instant, microseconds

LETTERS = "letter/open"
"""Letters that wait for a person by themselves: conversations, what could not be read; by receipt."""
SEEN = "letter/seen"
"""Keyed hash of a letter and its address → when it first came: its label, microseconds since 1970."""
_REFERENCE = re.compile(r"\b[0-9A-Z]{7}-[0-9A-Z]{6}-[0-9A-Z]{7}-[0-9A-Z]{6}\b")
_REFERENCES_MAX = 5

_NOTHING: Mapping[str, str] = MappingProxyType({})

Went = Literal["request", "answer", "notice", "kept", "unreadable"]


class LetterReader(Protocol):
    """Reads letters where they can do no harm."""

    def read_letter(self, raw: bytes) -> Letter:
        """Return the letter; an InputError where the bytes are none."""
        ...

    def verify_dkim(self, raw: bytes, index: int, record: str) -> str:
        """Return "pass", "fail" or "error" for a signature under a key's record."""
        ...

    def look_at_signature(self, raw: bytes, keys: TrustedKeys, at: datetime) -> SignatureSeen:
        """Return what is found of the letter's S/MIME or OpenPGP signature."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """Where a letter went, durably.

    Attributes:
        receipt: The signed note over its bytes; "" where it only waits for a person.
    """

    went: Went
    reference: str
    receipt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailroom:
    """What letters are taken in with; not for several threads, as its reader is not."""

    office: Office
    pen: ReceiptPen
    settings: Settings
    law: LawBook
    identifier: Callable[[], Identifier]
    model: DoorModel
    reader: LetterReader
    look_up: LookUpKey = no_key

    def receive(self, raw: bytes, *, envelope_to: str, at: datetime) -> Delivered:
        """Take a letter in; the same letter to the same address again changes nothing.

        Args:
            raw: The message as it came.
            envelope_to: Where the mail server delivered it, "" if it did not say.
            at: When it reached us, aware UTC: never a header's date.

        Raises:
            Fatal: It could not be made durable; the mail server must keep it and try again.
        """
        try:
            letter = self.reader.read_letter(raw)
        except InputError as error:
            return self._wait(raw, envelope_to, "unreadable", str(error), at)
        checks = Checks(identifier=self.identifier(), look_up=self.look_up)
        check = check_sender(
            letter,
            checks,
            lambda n, key: self.reader.verify_dkim(raw, n, key),
            at,
            lambda keys, came: self.reader.look_at_signature(raw, keys, came),
        )
        found = place_letter(letter, check, self.settings, envelope_to, self.model)
        if (stream := self._asked_for(letter, check)) is not None:
            text = letter.text if letter.text.strip() else letter.subject or "-"
            accepted = accept_message(self.office, self.pen, stream, text, raw, at=at)
            return Delivered(went="answer", reference=accepted.reference, receipt=accepted.receipt)
        if found.belongs_to == "authority-request":
            return self._request(raw, letter, check, found, checks.identifier, at)
        if found.belongs_to == "notice":
            return self._notice(raw, letter, check, envelope_to, found.addressed, at)
        language = self._language(letter, check, checks.identifier)
        # A machine's letter is never answered: two machines would answer each other for ever.
        sender = "" if automatic(letter) else check.address
        said = {"sender": sender, "language": language}
        said["colleague"] = found.addressed if found.came_to == "other" else ""
        return self._wait(raw, envelope_to, "kept", "; ".join(found.reasons), at, said)

    def _wait(
        self, raw: bytes, envelope_to: str, went: Went, why: str, at: datetime, said: Mapping[str, str] = _NOTHING
    ) -> Delivered:
        """Keep a letter as it came, for a person to look at, with what is needed to answer once it is moved."""
        at = self._first_came(raw, envelope_to, at)
        key = commit_key(at.date(), b"letter", envelope_to.lower().encode("utf-8", "replace"), sha256(raw).digest())
        stream = Stream(key)
        body = encode({**said, "to": envelope_to, "went": went, "why": why[:1000]})
        subject = f"letter/{stream.hex()}"
        commit = Commit(
            key=key,
            records=(
                Record(kind="letter", stream=stream, at=at, subject=subject, body=body),
                Record(kind="letter.raw", stream=stream, at=at, subject=subject, body=raw),
            ),
            places=(Place(view=LETTERS, sort=by_instant(at, stream), stream=stream, label=went.encode()),),
        )
        self.office.docket.commit([commit])
        number = self.office.queries.records(stream, limit=1)[0].number
        return Delivered(went=went, reference=self.office.references.format("request", number))

    def _asked_for(self, letter: Letter, check: SenderCheck) -> Stream | None:
        """Return the matter whose open question this answers: it quotes the reference and comes from who was asked."""
        quoted = dict.fromkeys(_REFERENCE.findall(f"{letter.subject}\n{letter.text}".upper()))
        for reference in list(quoted)[:_REFERENCES_MAX]:
            try:
                stream = matter_of(self.office, reference)
            except InputError:
                continue
            file = load_matter(self.office, stream)
            same = file.kept is not None and check.address != "" and file.kept.sender == check.address
            if same and check.verdict != "reject" and file.state is MatterState.CLARIFYING:
                return stream
        return None

    def _request(
        self,
        raw: bytes,
        letter: Letter,
        check: SenderCheck,
        found: DoorFinding,
        identifier: Identifier,
        at: datetime,
    ) -> Delivered:
        authority = self._authority(check, identifier)
        verified = check.verified
        if authority is None and verified == "registry":
            # Several authorities share the domain, or the account is frozen: its word alone proves the address.
            verified = "address"
        incoming = Incoming(
            key=_request_key(letter, check),
            received_at=at,
            raw=raw,
            entrance="mail",
            sender=check.address,
            authority=authority.id if authority else "",
            verified=verified,
            text=f"{letter.subject}\n\n{letter.text}",
            language=self._language(letter, check, identifier),
            door=(found.addressed or "unknown") if found.wrong_door else "",
            why=found.reasons,
            check=check,
        )
        right = self.settings.authorities_address
        accepted = accept_request(self.office, self.pen, incoming, authority=authority, right_address=right)
        if found.wrong_door and found.came_to == "other" and found.addressed:
            tell_colleague(self.office, found.addressed, accepted.reference, accepted.stream, at)
        return Delivered(went="request", reference=accepted.reference, receipt=accepted.receipt)

    def _authority(self, check: SenderCheck, identifier: Identifier) -> Authority | None:
        """Return the one authority that the mail proves as its sender's, unless its account is frozen."""
        if check.verified != "registry" or len(check.authorities) != 1:
            return None
        name = check.authorities[0]
        return None if frozen(self.office, name) else find_authority(identifier.registry, name)

    def _language(self, letter: Letter, check: SenderCheck, identifier: Identifier) -> str:
        """Return the acknowledgement's language: as the letter says, else its authority's state's, else English."""
        for value in letter.values("content-language"):
            if (code := value.strip()[:2].upper()) in WORDINGS:
                return code
        states = [found.state for name in check.authorities if (found := find_authority(identifier.registry, name))]
        spoken = [self.law.languages.get(state, "")[:2].upper() for state in states]
        return next((code for code in spoken if code in WORDINGS), "EN")

    def _notice(
        self, raw: bytes, letter: Letter, check: SenderCheck, envelope_to: str, addressed: str, at: datetime
    ) -> Delivered:
        came = self._first_came(raw, envelope_to, at)
        notice = notice_of(
            letter,
            raw,
            check.address,
            key=f"{_message_id(letter)}/{letter.raw_sha256}",
            at=came,
            about_children=self._for_children(addressed),
        )
        received = receive_notice(self.office, notice)
        # A receipt promises the log by a time counted from receipt: one that comes too late is not made up.
        given = received.again or at - came <= GIVEN_WITHIN
        receipt = notice_receipt(self.office, self.pen, notice, received) if given else ""
        return Delivered(went="notice", reference=received.reference, receipt=receipt)

    def _for_children(self, addressed: str) -> bool:
        """Tell whether this address of ours is the one for child safety."""
        return any(one.purpose == "child-safety" and one.email.lower() == addressed for one in self.settings.contacts)

    def _first_came(self, raw: bytes, envelope_to: str, at: datetime) -> datetime:
        """Return when this letter first came to this address; durable before anything else is.

        What it becomes is kept under that day: a letter that comes again after midnight, because a mark or an answer
        was lost in a crash, is the same one.
        """
        name = self.office.hashed("letter", f"{envelope_to.lower()}\n{sha256(raw).hexdigest()}")
        found = self.office.queries.at([(SEEN, name)]).get((SEEN, name))
        if found is not None:
            return _EPOCH + timedelta(microseconds=int.from_bytes(found.label, "big"))
        key = commit_key(at.date(), b"letter-seen", name)
        label = microseconds(at).to_bytes(8, "big")
        self.office.docket.commit(
            [Commit(key=key, places=(Place(view=SEEN, sort=name, stream=Stream(key), label=label),))]
        )
        return at


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def tell_colleague(office: Office, to: str, reference: str, stream: Stream, at: datetime) -> None:
    """Tell a member of staff that what was addressed to them counts as addressed to the service."""
    text = (
        f"A letter to you reads like an authority's request. It counts as addressed to the service and was carried "
        f"over to the legal team under {reference}. Please do not answer it yourself."
    )
    letter = as_body(colleague_letter(office, reference))
    body = encode({"letter": letter, "reference": reference, "text": text, "to": to, "what": "carried over"})
    key = commit_key(at.date(), b"letter-carried", stream, to.encode("utf-8", "replace"))
    effect = Effect(kind="tell.staff", key=key, body=body, subject=f"matter/{stream.hex()}")
    office.docket.commit([Commit(key=key, effects=(effect,))])


def _request_key(letter: Letter, check: SenderCheck) -> str:
    """Return what names a request by mail: its bytes; of one that its domain signed as DKIM demands, what is signed.

    Who has such a letter can send it again and again under other unsigned headers: it stays the one request it is, and
    does not look like many of its authority.
    """
    if check.dkim != "pass":
        return f"{_message_id(letter)}/{letter.raw_sha256}"
    parts = [value for name in MUST_SIGN for value in letter.values(name)]
    parts += [letter.text, letter.html, *(one.sha256 for one in letter.attachments)]
    digest = sha256(b"".join(_hashed(part) for part in parts))
    return f"{_message_id(letter)}/signed/{digest.hexdigest()}"


def _hashed(text: str) -> bytes:
    """Return a text's hash, so that texts stand beside each other without running together."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def _message_id(letter: Letter) -> str:
    """Return the message's id, "" for none or several: the hash beside it tells letters apart anyway."""
    values = letter.values("message-id")
    return values[0].strip()[:200] if len(values) == 1 else ""
