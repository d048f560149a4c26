"""A real IMAP server (Dovecot) for tests, if the machine has one; with a certificate of its own."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PROGRAM = shutil.which("dovecot") or next((one for one in ("/usr/sbin/dovecot",) if Path(one).exists()), None)
_CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
log_path = {home}/log
ssl = required
ssl_cert = <{home}/server.pem
ssl_key = <{home}/server.key
ssl_dh =
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
first_valid_uid = 1
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/home
}}
mail_location = maildir:{home}/home/Maildir
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server with one mailbox: user "desk", password "secret"."""

    port: int
    ca_file: Path
    maildir: Path

    def put(self, name: str, raw: bytes) -> None:
        """Deliver a letter into the mailbox, byte for byte."""
        path = self.maildir / "tmp" / name
        path.write_bytes(raw)
        os.chown(path, self.maildir.stat().st_uid, self.maildir.stat().st_gid)
        path.rename(self.maildir / "new" / name)


def self_signed(directory: Path, name: str = "localhost") -> Path:
    """Write server.pem and server.key for localhost; return the certificate's file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)  # noqa: TID251 - a certificate for now
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = directory / "server.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (directory / "server.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@contextmanager
def running_dovecot() -> Iterator[Server]:
    """Run Dovecot until the block ends; a test that needs it says why it is left out where there is none."""
    if PROGRAM is None:
        pytest.skip("no IMAP server here: Dovecot (Debian: dovecot-imapd) is not installed")
    with tempfile.TemporaryDirectory(prefix="imap") as name, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        home = Path(name)
        who = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        group = subprocess.run(["id", "-gn", who.pw_name], capture_output=True, text=True, check=True).stdout.strip()
        ca_file = self_signed(home)
        maildir = home / "home" / "Maildir"
        for part in ("new", "cur", "tmp"):
            (maildir / part).mkdir(parents=True)
        for path in (home, *home.rglob("*")):
            os.chown(path, who.pw_uid, who.pw_gid)
        config = home / "dovecot.conf"
        text = _CONFIG.format(home=home, user=who.pw_name, group=group, uid=who.pw_uid, gid=who.pw_gid, port=port)
        config.write_text(text, "utf-8")
        server = subprocess.Popen([PROGRAM, "-F", "-c", str(config)], stderr=subprocess.DEVNULL)
        try:
            _wait(port, home / "log", server)
            yield Server(port=port, ca_file=ca_file, maildir=maildir)
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait(port: int, log: Path, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    said = log.read_text("utf-8", "replace")[-500:] if log.exists() else ""
    pytest.skip(f"Dovecot is installed but does not start here: {said}")
