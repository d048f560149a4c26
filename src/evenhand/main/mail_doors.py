"""The mail doors: one mailroom, and what brings letters to it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Lock

from evenhand.doors.clock.ticking import Clock, Ticking
from evenhand.doors.mail.hand_over import LetterSlot
from evenhand.doors.mail.imap import ImapPull, read_password, verifying
from evenhand.doors.mail.key_lookup import KeyLookUp
from evenhand.doors.mail.lmtp import LmtpDoor
from evenhand.doors.mail.reader import MailReader
from evenhand.doors.web.serve import listen_address
from evenhand.flow.identify import Identifier
from evenhand.flow.letter import LookUpKey, no_key
from evenhand.flow.mailroom import Delivered, Mailroom
from evenhand.flow.office import Office
from evenhand.flow.receipts import ReceiptPen
from evenhand.flow.wrong_door import shipped_door_model
from evenhand.main.process import leave, now
from evenhand.main.revocation import fetching, lists_of
from evenhand.rulebook.tables import LawBook
from evenhand.settings import Settings

Take = Callable[[bytes, str], Delivered]
"""(raw letter, envelope's address) → what became of it."""


@contextmanager
def mail_doors(
    settings: Settings, law: LawBook, office: Office, pen: ReceiptPen, identifier: Callable[[], Identifier]
) -> Iterator[None]:
    """Take letters from other processes here, and from the mail server if the settings say where."""
    with ExitStack() as stack:
        take = stack.enter_context(mailroom(settings, law, office, pen, identifier))
        stack.enter_context(LetterSlot(settings.data, take, leave))
        if (fetches := fetching(settings, identifier)) is not None:
            stack.enter_context(fetches)
        if settings.lmtp_listen:
            address, port = listen_address(settings.lmtp_listen)
            stack.enter_context(LmtpDoor(address, port, take, on_fatal=leave))
        if settings.imap.host:
            stack.enter_context(Clock((_imap_job(settings, take),), on_fatal=leave))
        yield


@contextmanager
def mailroom(
    settings: Settings, law: LawBook, office: Office, pen: ReceiptPen, identifier: Callable[[], Identifier]
) -> Iterator[Take]:
    """Give what takes letters in, one at a time whoever brings them: their reader is not for several threads."""
    with MailReader(revoked=lists_of(settings)) as reader:
        room = Mailroom(
            office=office,
            pen=pen,
            settings=settings,
            law=law,
            identifier=identifier,
            model=shipped_door_model(),
            reader=reader,
            look_up=_key_look_up(settings, identifier),
        )
        lock = Lock()

        def take(raw: bytes, to: str) -> Delivered:
            with lock:
                return room.receive(raw, envelope_to=to, at=now())

        yield take


def _key_look_up(settings: Settings, identifier: Callable[[], Identifier]) -> LookUpKey:
    """Return what is asked for DKIM keys that the registry lacks: nobody, unless the settings name a resolver."""
    if not settings.dkim_resolver:
        return no_key
    address, port = listen_address(settings.dkim_resolver)
    return KeyLookUp(address, port, lambda: identifier().registry.by_domain)


def _imap_job(settings: Settings, take: Take) -> Ticking:
    """Return what pulls letters from the mailbox that the settings name."""
    password = read_password(settings.data / "keys" / settings.imap.password_file)
    pull = ImapPull(settings.imap, password, take, verifying(settings.imap.ca_file))
    return Ticking(name="pull letters", every_s=1, job=pull)
