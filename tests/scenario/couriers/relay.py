"""A real SMTP server: keeps what it takes, says no when told to, speaks TLS with a certificate of its own."""

import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Keeper:
    """What the server does with letters.

    Attributes:
        raw: Messages taken, as bytes, with their recipients.
        bad: Address → what RCPT answers for it.
        answer: What DATA answers while it is not "".
        sender: What MAIL FROM answers while it is not "".
    """

    raw: list[tuple[list[str], bytes]] = field(default_factory=list)
    bad: dict[str, str] = field(default_factory=dict)
    answer: str = ""
    sender: str = ""

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        """Take a sender, or say what was asked for."""
        if self.sender:
            return self.sender
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        """Take a recipient unless it is a bad one."""
        if address in self.bad:
            return self.bad[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep a message, or say what was asked for."""
        if self.answer:
            return self.answer
        self.raw.append((list(envelope.rcpt_tos), bytes(envelope.original_content)))
        return "250 OK"

    def messages(self) -> list[EmailMessage]:
        """Return what was taken."""
        return [message_from_bytes(raw, policy=default) for _, raw in self.raw]  # type: ignore[misc] # its policy

    def recipients(self) -> list[str]:
        """Return whom it was for, in order."""
        return [one for tos, _ in self.raw for one in tos]


class Server(Controller):
    """The server on a free port of 127.0.0.1."""

    def __init__(self, keeper: Keeper, **more: Any) -> None:
        super().__init__(keeper, hostname="127.0.0.1", port=0, **more)
        self.keeper = keeper

    @property
    def at(self) -> int:
        """Return the port that it listens at."""
        assert self.server is not None
        return int(self.server.sockets[0].getsockname()[1])

    def _trigger_server(self) -> None:
        """Knock where it listens: it was asked for any port."""
        self.port = self.at
        super()._trigger_server()


def certificate(directory: Path, name: str = "localhost") -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return a server's context with a fresh certificate for `name`, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)  # noqa: TID251 - certificates are checked by the real clock
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, secret = directory / f"{name}.pem", directory / f"{name}.key"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, secret)
    return server, ssl.create_default_context(cafile=str(chain))


def lets_in(user: str, password: str) -> Any:
    """Return an authenticator that knows one user."""

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (user.encode(), password.encode()))

    return check
