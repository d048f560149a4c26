"""The mail courier: letters to the relay, one connection a round; whether to try again is the flow's affair.

The relay's certificate is checked, and without encryption nobody logs in. What a stranger wrote can become part of a
line, never a line or a header of its own: an address that is not one plain mailbox is refused before anything is sent.
"""

import logging
import re
import smtplib
import ssl
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from typing import Literal

from evenhand.settings import Settings
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.mail import Mail, Posted

TIMEOUT_S = 30
SIZE_MAX = 10_000_000
"""Bytes of a whole message; a larger one is refused here."""
Security = Literal["starttls", "tls", "plain"]
_SUBJECT_CHARACTERS_MAX = 300
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAILBOX = re.compile(rf"(?P<local>{_LOCAL})@(?P<domain>{_LABEL}(?:\.{_LABEL})+)", re.ASCII)
_LOCAL_MAX, _MAILBOX_MAX = 64, 254
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{3,250}>", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9.-]{1,100}", re.ASCII)
# The relay's own trouble, whatever the letter: service not available, out of storage, log in first, must encrypt.
_RELAY_CODES = frozenset({421, 452, 454, 530, 535, 538})
_TOO_LARGE = 552
_LOG = logging.getLogger("evenhand.couriers")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpRelay:
    """A relay that takes letters.

    Attributes:
        security: starttls (refused where the relay does not offer it), tls (from the first byte), or plain.
        user: Name to log in with; "" for no login.
        password: To log in with.
        context: Checks the certificate; the system's authorities by default (SSL_CERT_FILE adds one's own).
    """

    host: str
    port: int
    security: Security = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)
    timeout_s: float = TIMEOUT_S

    def __post_init__(self) -> None:
        """Refuse to say a password in the clear."""
        if self.user and self.security == "plain":
            raise InputError("mail_user", "needs mail_security starttls or tls: a password is not sent in the clear")

    def send(self, letters: Iterable[Mail]) -> Iterator[Posted]:
        """Send letters over one connection and say of each what came of it, as soon as it is known.

        Nothing is raised for what the relay does; after a "down" the rest is not tried.
        """
        relay: smtplib.SMTP | None = None
        try:
            for letter in letters:
                message = message_of(letter)
                if isinstance(message, Posted):
                    yield message
                    continue
                try:
                    relay = relay or self._connect()
                    said = _handed_over(relay, letter, message)
                except (OSError, smtplib.SMTPException) as error:
                    said = Posted("down", _code_of(error))
                if said.what != "taken":
                    _LOG.warning("mail %s: %s %s", letter.key, said.what, said.why)
                yield said
                if said.what == "down":
                    return
        finally:
            if relay is not None:
                _hang_up(relay)

    def _connect(self) -> smtplib.SMTP:
        if self.security == "tls":
            relay: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_s, context=self.context)
        else:
            relay = smtplib.SMTP(self.host, self.port, timeout=self.timeout_s)
        try:
            if self.security == "starttls":
                relay.starttls(context=self.context)
            if self.user:
                relay.login(self.user, self.password)
        except BaseException:
            relay.close()
            raise
        return relay


def open_relay(settings: Settings) -> SmtpRelay | None:
    """Return the relay that the settings name; None: they name none.

    Raises:
        InputError: There is a user and no password.
    """
    if not settings.mail_relay:
        return None
    password = ""
    if settings.mail_user:
        try:
            password = (settings.data / "keys" / "mail.password").read_text("utf-8").strip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError("mail_user", "needs its password in keys/mail.password, one line in UTF-8") from error
    host, _, port = settings.mail_relay.rpartition(":")
    return SmtpRelay(
        host=host.strip("[]"),
        port=int(port),
        security=settings.mail_security,  # type: ignore[arg-type] # checked when they were read
        user=settings.mail_user,
        password=password,
    )


def mailbox(address: str) -> str | None:
    """Return the one plain mailbox that a text is, its domain in ASCII; None: it is none.

    Quoted names, comments, several addresses and letters that need SMTPUTF8 before the @ are no plain mailbox.
    """
    local, at, domain = address.strip(" ").rpartition("@")
    if not at or len(address) > _MAILBOX_MAX:
        return None
    if not domain.isascii():
        try:
            domain = _ascii_domain(domain)
        except UnicodeError:
            return None
    found = f"{local}@{domain}"
    good = len(local) <= _LOCAL_MAX and len(found) <= _MAILBOX_MAX and _MAILBOX.fullmatch(found)
    return found if good else None


def _ascii_domain(domain: str) -> str:
    import idna

    return idna.encode(domain, uts46=True).decode("ascii")


def message_of(letter: Mail) -> bytes | Posted:
    """Return a letter as the bytes of a message, or why it can be none."""
    to, sender = mailbox(letter.recipient), mailbox(letter.sender)
    if to is None or sender is None:
        return Posted("refused", "address" if to is None else "sender")
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = sender, to
    message["Subject"] = _one_line(letter.subject)
    message["Message-ID"] = f"<{letter.key}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if _MESSAGE_ID.fullmatch(letter.in_reply_to):
        # Not a header of the library's structured kind: it would fold inside the id.
        message["In-Reply-To"] = message["References"] = letter.in_reply_to
    message.set_content(_sound(letter.text), charset="utf-8", cte="base64")
    for one in letter.enclosures:
        name = one.name if _NAME.fullmatch(one.name) else "enclosure.txt"
        message.add_attachment(
            one.content, maintype="text", subtype="plain", filename=name, params={"charset": "utf-8"}
        )
    # After the content: setting that would take it away.
    message["Content-Language"] = letter.language if re.fullmatch("[a-z]{2,3}", letter.language) else "en"
    raw = message.as_bytes()
    return raw if len(raw) <= SIZE_MAX else Posted("refused", "too large")


def _one_line(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in _sound(text)).split())
    return line[:_SUBJECT_CHARACTERS_MAX] or "-"


def _sound(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def _handed_over(relay: smtplib.SMTP, letter: Mail, message: bytes) -> Posted:
    to, sender = mailbox(letter.recipient), mailbox(letter.sender)
    assert to is not None and sender is not None  # noqa: S101, PT018 - a message was made of them
    try:
        relay.sendmail(sender, [to], message)
    except smtplib.SMTPRecipientsRefused as error:
        return _verdict(next(iter(error.recipients.values()), (0, b""))[0])
    except smtplib.SMTPSenderRefused as error:
        # Our own address: another letter would fare the same, unless this one is too large.
        return Posted("refused", "too large") if error.smtp_code == _TOO_LARGE else Posted("down", _code_of(error))
    except smtplib.SMTPDataError as error:
        return _verdict(error.smtp_code)
    return Posted("taken")


def _verdict(code: int) -> Posted:
    if code in _RELAY_CODES:
        return Posted("down", str(code))
    return Posted("refused" if 500 <= code < 600 else "later", str(code))


def _code_of(error: Exception) -> str:
    """Return what a log may say of a failure: its kind, never the relay's text, which may quote an address."""
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if isinstance(code, int) else type(error).__name__


def _hang_up(relay: smtplib.SMTP) -> None:
    try:
        relay.quit()
    except (OSError, smtplib.SMTPException):
        relay.close()
