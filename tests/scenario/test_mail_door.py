"""Letters over a real LMTP socket: bytes as they came, the right door, receipts, no 250 before it is durable."""

import base64
import json
import smtplib
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from evenhand.doors.mail.lmtp import CONNECTIONS_MAX, LmtpDoor
from evenhand.doors.mail.reader import MailReader
from evenhand.flow.answering import send_reply
from evenhand.flow.authorities import RegistryFile, frozen
from evenhand.flow.legal import call_back_lacks, first_request
from evenhand.flow.log import open_directory
from evenhand.flow.mailroom import LETTERS, Mailroom
from evenhand.flow.office import Office
from evenhand.flow.post import letter_of
from evenhand.flow.receipt_check import check_receipt
from evenhand.flow.receipts import open_pen
from evenhand.flow.requests import approve_reply, assess_matter, draft_reply, load_matter, matter_of
from evenhand.flow.statement_made import read_wordings
from evenhand.flow.wrong_door import shipped_door_model
from evenhand.rulebook.load import load_law
from evenhand.settings import Settings
from evenhand.store.memory import MemoryStore
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.errors import Retryable
from evenhand.vocabulary.mail import Mail
from evenhand.vocabulary.matter import MatterFile, MatterState
from evenhand.vocabulary.reference import References
from evenhand.vocabulary.request import Ask, Issuer, Request, RequestFacts
from letter_signers import WORDS, authority, certified
from mail_hostile import hostile_messages

NOW = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - dkimpy dates signatures by the real clock
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
)
_DER = KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
SIGNED = [b"from", b"to", b"subject", b"date", b"message-id", b"content-type"]
ANNA = Actor(id="staff-1", roles=frozenset({Role.LEGAL}))


@dataclass
class Post:
    """The mail room of a desk, behind a socket."""

    room: Mailroom
    store: Any
    data: Path
    port: int = 0
    now: datetime = NOW
    broken: bool = False

    def take(self, raw: bytes, to: str) -> object:
        """Hand a letter over, unless this desk cannot write."""
        if self.broken:
            raise Retryable("not now")
        return self.room.receive(raw, envelope_to=to, at=self.now)

    def send(self, raw: bytes, *to: str) -> list[int]:
        """Deliver over the socket; return each address's answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as line, line.makefile("rb") as answers:

            def say(text: bytes) -> int:
                line.sendall(text + b"\r\n")
                while (answer := answers.readline())[3:4] == b"-":
                    pass
                return int(answer[:3])

            answers.readline()
            assert say(b"LHLO mx.example") == 250
            assert say(b"MAIL FROM:<bounce@mx.example>") == 250
            for address in to:
                assert say(b"RCPT TO:<" + address.encode() + b">") == 250
            assert say(b"DATA") == 354
            stuffed = b"\r\n".join(b"." + row if row.startswith(b".") else row for row in raw.split(b"\r\n"))
            line.sendall(stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n")
            return [int(answers.readline()[:3]) for _ in to]

    def effects(self, kind: str) -> list[dict[str, Any]]:
        """Return what is to be told."""
        rows = self.store.effects(after=0, limit=1000)
        return [json.loads(row.body) for row in rows if row.kind == kind and row.body is not None]

    def matters(self) -> list[MatterFile]:
        """Return the open matters."""
        return [load_matter(self.room.office, row.stream) for row in self.store.places("matter/open", limit=1000)]


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    """A desk that knows one police authority by its domain and key."""
    row = {"source": "police.example", "date": "2026-01-02"}
    record = f"v=DKIM1; k=rsa; p={base64.b64encode(_DER).decode()}"
    authority = {
        "id": "pol",
        "name": "Police",
        "state": "DE",
        "kind": "police",
        "competence": ["crime"],
        **row,
        "domains": [{"domain": "police.example", **row}],
        "keys": [{"use": "dkim", "domain": "police.example", "selector": "s1", "record": record, **row}],
        "call_back": [{"number": "+49 30 123456", **row}],
    }
    (tmp_path / "registry.json").write_text(json.dumps({"authorities": [authority]}), "utf-8")
    store = MemoryStore()
    office = Office(
        docket=store,
        queries=store,
        references=References(bytes(16)),
        index_key=bytes(32),
        wordings=read_wordings(tmp_path),
    )
    settings = Settings(data=tmp_path)
    with MailReader() as reader, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        room = Mailroom(
            office=office,
            pen=open_pen(settings),
            settings=settings,
            law=load_law(),
            identifier=RegistryFile(tmp_path).identifier,
            model=shipped_door_model(),
            reader=reader,
        )
        made = Post(room=room, store=store, data=tmp_path, port=port)
        with LmtpDoor("127.0.0.1", port, made.take, on_fatal=lambda: None):
            yield made


ASKS = (
    "We are investigating case 12 Js 345/26. Under section 100j of the code of criminal procedure you are ordered to "
    "disclose the subscriber data of the account @example without delay. Public prosecutor's office."
)


def letter(sender: str = "Officer <officer@police.example>", subject: str = "Order 4", text: str = ASKS) -> bytes:
    """Return a letter as a mail server hands it over."""
    head = f"From: {sender}\r\nTo: authorities@desk.example\r\nSubject: {subject}\r\n"
    date = f"Date: {format_datetime(NOW)}\r\nMessage-ID: <{abs(hash((subject, text)))}@police.example>\r\n"
    return (head + date + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + text + "\r\n.leading dot\r\n").encode()


def signed(raw: bytes) -> bytes:
    """Return it signed by the police's domain."""
    return bytes(dkim.sign(raw, b"s1", b"police.example", PEM, include_headers=SIGNED)) + raw


def test_a_signed_request_is_kept_receipted_and_acknowledged(post: Post) -> None:
    """The bytes as they came, its sender as far as mail can prove, the acknowledgement in its state's language."""
    raw = signed(letter())
    assert post.send(raw, "authorities@desk.example") == [250]
    [file] = post.matters()
    assert file.kept is not None
    assert (file.kept.verified, file.kept.authority, file.kept.door) == ("registry", "pol", "")
    assert post.store.records(file.stream)[1].body == raw
    [told] = post.effects("tell.authority")
    assert told["to"] == "officer@police.example"
    assert "Aktenzeichen" in told["text"]
    assert told["receipt"] in told["text"]
    (post.data / "r").write_text(told["receipt"], "utf-8")
    (post.data / "m").write_bytes(raw)
    vkey = open_directory(post.room.settings).vkey
    assert check_receipt(post.data / "r", vkey, message=post.data / "m").message is True


def test_delivered_twice_is_one_matter(post: Post) -> None:
    """To two addresses and once more: one matter, one acknowledgement, an answer for each address."""
    raw = signed(letter())
    assert post.send(raw, "authorities@desk.example", "abuse@desk.example") == [250, 250]
    post.now += timedelta(hours=1)
    assert post.send(raw, "authorities@desk.example") == [250]
    [file] = post.matters()
    assert file.received_at == NOW
    assert len(post.effects("tell.authority")) == 1


def test_a_signed_letter_sent_again_under_other_headers_is_no_second_request(post: Post) -> None:
    """Who has a genuine letter can neither have it done twice nor make its authority look unusual."""
    raw = signed(letter())
    assert post.send(raw, "authorities@desk.example") == [250]
    for n in range(8):
        post.now += timedelta(minutes=1)
        again = f"Received: from relay{n}.example by desk.example\r\nX-Priority: {n}\r\n".encode() + raw
        assert post.send(again, "authorities@desk.example") == [250]
    assert len(post.matters()) == 1
    assert len(post.effects("tell.authority")) == 1
    assert not frozen(post.room.office, "pol")
    # Without the domain's signature nothing says that two letters are one: each is kept.
    bare = raw.replace(b"dkim-signature", b"x-old-signature").replace(b"DKIM-Signature", b"X-Old-Signature")
    for n in range(2):
        assert post.send(f"Received: from relay{n}.example\r\n".encode() + bare, "authorities@desk.example") == [250]
    assert len(post.matters()) == 3


def test_nothing_is_acknowledged_before_it_is_durable(post: Post) -> None:
    """A desk that cannot write leaves the letter with the mail server, which tries again."""
    post.broken = True
    raw = signed(letter())
    assert post.send(raw, "authorities@desk.example") == [451]
    assert post.matters() == []
    post.broken = False
    assert post.send(raw, "authorities@desk.example") == [250]
    assert len(post.matters()) == 1


WRONG_DOOR = {
    "en": ASKS,
    "de": "Im Ermittlungsverfahren 12 Js 345/26 wird gemäß § 100j StPO um unverzügliche Auskunft über die "
    "Bestandsdaten des Nutzers @beispiel ersucht. Staatsanwaltschaft Berlin, Az. 12 Js 345/26.",
    "fr": "Dans le cadre de l’enquête préliminaire n° 2026/345, réquisition judiciaire vous est faite de communiquer "
    "les données d’identification du titulaire du compte @exemple. Procureur de la République, Paris.",
    "es": "En las diligencias previas 345/2026, el Juzgado de Instrucción requiere que se faciliten los datos de "
    "titularidad de la cuenta @ejemplo. Se ordena su cumplimiento inmediato. Policía Judicial.",
    "ar": "بناءً على أمر النيابة العامة في القضية رقم 345 لسنة 2026 يُطلب منكم تزويدنا ببيانات صاحب الحساب @example "
    "فورًا. إدارة مكافحة الجرائم الإلكترونية، وزارة الداخلية.",
}


@pytest.mark.parametrize("language", WRONG_DOOR)
@pytest.mark.parametrize("door", ["abuse@desk.example", "people@desk.example", "jane.doe@desk.example"])
def test_a_letter_to_the_wrong_door_is_carried_over(post: Post, language: str, door: str) -> None:
    """With its own time of receipt; its sender is told the right address, a colleague that it is not theirs."""
    raw = letter("Officer <officer@ministry.example>", "Case 345", WRONG_DOOR[language])
    assert post.send(raw, door) == [250]
    [file] = post.matters()
    assert file.kept is not None
    assert (file.kept.door, file.kept.verified, file.received_at) == (door, "none", NOW)
    assert file.kept.why
    [told] = post.effects("tell.authority")
    assert "authorities@desk.example" in told["text"]
    colleagues = [one["to"] for one in post.effects("tell.staff")]
    assert colleagues == ([door] if door.startswith("jane") else [])


def test_other_letters_stay_where_they_came(post: Post) -> None:
    """A complaint to the abuse address is a notice; a question to a person waits for one; bounces make no noise."""
    assert post.send(letter("a@home.example", "spam", "This post sells fake watches."), "abuse@desk.example") == [250]
    assert post.send(letter("b@home.example", "hi", "How do I change my picture?"), "people@desk.example") == [250]
    assert post.matters() == []
    assert len(post.store.places(LETTERS)) == 1
    assert post.effects("tell.authority") == []


FORGED: dict[str, Callable[[], bytes]] = {
    "unsigned": letter,
    "look-alike": lambda: letter("Officer <officer@po1ice.example>"),
    "altered after signing": lambda: signed(letter()).replace(b"@example", b"@exempla"),
    "another's address in the name": lambda: letter('"officer@police.example" <x@evil.test>'),
    "two From fields": lambda: b"From: officer@police.example\r\n" + letter("x@evil.test"),
    "registered above": lambda: letter("officer@sub.police.example"),
}


@pytest.mark.parametrize("trick", FORGED)
def test_a_forged_mailbox_proves_nothing(post: Post, trick: str) -> None:
    """Received like any other letter, and verified as no authority; an emergency lacks all that it needs."""
    assert post.send(FORGED[trick](), "authorities@desk.example") == [250]
    [file] = post.matters() or [None]
    if file is None:
        assert post.store.places(LETTERS)
        return
    assert file.kept is not None
    assert file.kept.authority == ""
    assert file.kept.verified in ("none", "address")
    identifier = post.room.identifier()
    assert call_back_lacks(post.room.office, identifier, file) == ("The sender is no authority of the registry.",)
    if trick == "look-alike":
        assert file.kept.check is not None
        assert file.kept.check.lookalike == "police.example"


def test_a_really_compromised_mailbox_has_no_emergency_power(post: Post) -> None:
    """Even what the authority's own server signed needs the call-back."""
    assert post.send(signed(letter(subject="URGENT threat to life")), "authorities@desk.example") == [250]
    [file] = post.matters()
    lacks = call_back_lacks(post.room.office, post.room.identifier(), file)
    assert lacks == ("Nobody has called the authority back.",)


def test_an_answer_to_our_question_finds_its_matter(post: Post) -> None:
    """By the reference that it quotes, and only from who was asked."""
    assert post.send(signed(letter()), "authorities@desk.example") == [250]
    [file] = post.matters()
    office = post.room.office
    request = Request(
        instrument="tco-removal",
        issuer=Issuer(name="Police", country="DE", kind="police"),
        received_at=NOW,
        asks=(Ask(id="1", kind="remove", targets=("p1",)),),
        legal_basis="Regulation (EU) 2021/784, Art. 3",
    )
    facts = RequestFacts(verified="registry", targets={}, establishment="BE")
    assessed = assess_matter(office, load_law(), ANNA, file.stream, request, facts, at=NOW).assessed
    assert assessed is not None
    if assessed.ruling.outcome != "clarify":
        from evenhand.vocabulary.request import TargetFacts

        known = {"p1": TargetFacts(held=True, on_service=True, kind="post", flags=())}
        facts = RequestFacts(verified="registry", targets=known, establishment="BE", languages=("en",))
        assess_matter(office, load_law(), ANNA, file.stream, request, facts, at=NOW)
    draft = draft_reply(office, ANNA, file.stream, "Please give your reasons.", at=NOW).draft
    assert draft is not None
    approve_reply(office, ANNA, file.stream, draft.bound, at=NOW)
    send_reply(office, post.room.pen, ANNA, file.stream, is_legal=lambda _id: True, at=NOW, chance=bytes)
    assert load_matter(office, file.stream).state is MatterState.CLARIFYING
    [asked] = [row for row in post.store.effects(after=0, limit=99) if b'"what":"reply"' in (row.body or b"")]
    mail = letter_of(post.store, asked, post.room.settings.contacts)
    assert isinstance(mail, Mail)
    assert (mail.recipient, mail.sender) == ("officer@police.example", "authorities@desk.example")
    assert mail.in_reply_to.endswith("@police.example>")
    words, receipt = mail.enclosures
    assert words.content == b"Please give your reasons."
    (post.data / "r").write_bytes(receipt.content)
    (post.data / "m").write_bytes(words.content)
    vkey = open_directory(post.room.settings).vkey
    assert check_receipt(post.data / "r", vkey, message=post.data / "m").message is True
    reference = office.references.format("request", file.number)
    assert matter_of(office, reference) == file.stream
    stranger = letter("x@evil.test", f"Re: {reference}", ASKS)
    assert post.send(stranger, "authorities@desk.example") == [250]
    assert load_matter(office, file.stream).state is MatterState.CLARIFYING
    answer = signed(letter(subject=f"Re: {reference}", text="It solicits."))
    assert post.send(answer, "authorities@desk.example") == [250]
    after = load_matter(office, file.stream)
    assert after.state is MatterState.RECEIVED
    assert "It solicits." in after.clarifications[0]


def test_hostile_messages_stop_nothing(post: Post) -> None:
    """Over the socket: each is kept under a reference of its own, or as the request it reads like; the next goes on."""
    references: set[str] = set()
    with smtplib.LMTP("127.0.0.1", post.port, timeout=60) as line:
        line.ehlo("mx.example")
        for number, raw in enumerate(hostile_messages(300)):
            line.mail("bounce@mx.example")
            line.rcpt("authorities@desk.example")
            code, words = line.data(b"X-Number: %d\r\n" % number + raw)
            assert code == 250
            references.add(words.split()[-1].decode())
    assert len(references) == 300
    assert post.send(signed(letter()), "authorities@desk.example") == [250]
    assert any(file.kept and file.kept.authority == "pol" for file in post.matters())


def test_limits_are_answered(post: Post) -> None:
    """Too large, too many at once: said, and the door stays open."""
    large = [f"SIZE={64 << 20}"]
    with smtplib.LMTP("127.0.0.1", post.port) as line, pytest.raises(smtplib.SMTPSenderRefused):
        line.sendmail("a@x.example", ["b@desk.example"], b"x" * 10, mail_options=large)
    lines = [socket.create_connection(("127.0.0.1", post.port), timeout=10) for _ in range(CONNECTIONS_MAX + 1)]
    greetings = [line.recv(200)[:3] for line in lines]
    assert b"421" in greetings
    for line in lines:
        line.close()
    assert post.send(letter("b@home.example", "hi", "A question."), "people@desk.example") == [250]


def test_an_smime_signature_is_kept_as_a_fact(post: Post, tmp_path: Path) -> None:
    """Valid under the registry's certificate authority it verifies the sender, and the lawyer's form begins with it."""
    place = tmp_path / "keys-of-others"
    place.mkdir()
    officer = certified(place, authority(place))
    registry = json.loads((post.data / "registry.json").read_text("utf-8"))
    row = {"use": "smime-issuer", "certificate": officer.issuer, "source": "police.example", "date": "2026-01-02"}
    registry["authorities"][0]["keys"].append(row)
    (post.data / "registry.json").write_text(json.dumps(registry), "utf-8")
    post.now = NOW + timedelta(hours=1)  # certificates are dated by the real clock
    raw = officer.sign(WORDS)
    assert post.send(raw, "authorities@desk.example") == [250]
    assert post.send(raw.replace(b"@example.", b"@exampla."), "authorities@desk.example") == [250]
    genuine, changed = sorted(post.matters(), key=lambda file: file.number)
    assert genuine.kept is not None
    assert genuine.kept.check is not None
    assert (genuine.kept.check.signature, genuine.kept.check.signed_by) == ("valid", officer.fingerprint)
    assert (genuine.kept.verified, genuine.kept.authority, genuine.kept.check.verdict) == ("registry", "pol", "review")
    assert first_request(genuine).signature == "valid"
    assert first_request(changed).signature == "invalid"
    assert changed.kept is not None
    assert changed.kept.authority == ""
    lacks = call_back_lacks(post.room.office, post.room.identifier(), genuine)
    assert lacks == ("Nobody has called the authority back.",)


def test_a_key_from_the_dns_is_kept_as_evidence(post: Post) -> None:
    """A registered domain whose key the registry lacks: the record that was found then stays with the letter."""
    registry = json.loads((post.data / "registry.json").read_text("utf-8"))
    [key] = registry["authorities"][0].pop("keys")
    (post.data / "registry.json").write_text(json.dumps(registry), "utf-8")
    raw = signed(letter())
    assert post.send(raw.replace(b"Order 4", b"Order 3"), "authorities@desk.example") == [250]
    asked = []

    def look_up(selector: str, domain: str) -> str:
        asked.append((selector, domain))
        return str(key["record"])

    post.room = replace(post.room, look_up=look_up)
    assert post.send(raw, "authorities@desk.example") == [250]
    unknown, found = (file.kept.check for file in sorted(post.matters(), key=lambda file: file.number) if file.kept)
    assert unknown is not None
    assert (unknown.dkim, unknown.dkim_key) == ("no-key", "")
    assert found is not None
    assert (found.dkim, found.verified) == ("pass", "registry")
    assert (found.dkim_key, found.dkim_key_from) == (key["record"], "dns")
    assert asked == [("s1", "police.example")]
