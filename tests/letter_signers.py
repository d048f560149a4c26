"""People who sign letters, with the programs of others: `openssl cms` and `gpg` are the oracles, never our own code."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

OFFICER = "officer@police.example"
WORDS = b"Content-Type: text/plain; charset=utf-8\r\n\r\nPlease disclose the subscriber data of @example.\r\n"
LEAF = "subjectAltName=email:{address}\nextendedKeyUsage={use}\nkeyUsage=digitalSignature\nbasicConstraints=CA:FALSE\n"
_KEYS = {"rsa": ["rsa:2048"], "ec": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "small": ["rsa:1024"]}


def run(*args: str | Path, given: bytes = b"", env: dict[str, str] | None = None) -> bytes:
    """Run a program; a failure shows what it said."""
    done = subprocess.run(args, input=given, capture_output=True, check=False, env={**os.environ, **(env or {})})
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """Somebody with a certificate.

    Attributes:
        issuer: Its certificate authority's certificate, PEM.
    """

    key: Path
    certificate: Path
    issuer: str

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as `openssl x509` says it."""
        said = run("openssl", "x509", "-in", self.certificate, "-noout", "-fingerprint", "-sha256").decode()
        return said.partition("=")[2].strip().replace(":", "").lower()

    def sign(self, content: bytes = WORDS, *args: str | Path) -> bytes:
        """Return a letter that holds the content, signed."""
        signed = run(
            "openssl", "cms", "-sign", "-signer", self.certificate, "-inkey", self.key, "-crlfeol", *args, given=content
        )
        return letter(signed)


def letter(body: bytes) -> bytes:
    """Return a letter of the officer with these content fields and body."""
    head = f"From: Officer <{OFFICER}>\r\nTo: authorities@desk.example\r\nSubject: order\r\n"
    return head.encode() + b"Message-ID: <1@police.example>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n" + body


def authority(directory: Path, name: str = "Police CA", key: str = "rsa") -> Path:
    """Make a certificate authority; return its certificate beside which its key lies."""
    needs("openssl")
    path = directory / f"{name.replace(' ', '-')}.pem"
    run(
        *("openssl", "req", "-x509", "-newkey", *_KEYS[key], "-nodes", "-days", "30", "-subj", f"/CN={name}"),
        *("-keyout", path.with_suffix(".key"), "-out", path),
    )
    return path


def certified(
    directory: Path,
    issuer: Path,
    *,
    address: str = OFFICER,
    use: str = "emailProtection",
    key: str = "rsa",
    extensions: str = LEAF,
) -> Certified:
    """Have somebody certified by an authority."""
    number = len(list(directory.glob("leaf*.csr")))
    stem = directory / f"leaf{number}"
    wanted, asked = stem.with_suffix(".ext"), stem.with_suffix(".csr")
    wanted.write_text(extensions.format(address=address, use=use), "utf-8")
    run(
        *("openssl", "req", "-newkey", *_KEYS[key], "-nodes", "-subj", f"/CN=Officer {number}"),
        *("-keyout", stem.with_suffix(".key"), "-out", asked),
    )
    run(
        *("openssl", "x509", "-req", "-in", asked, "-CA", issuer, "-CAkey", issuer.with_suffix(".key")),
        *("-CAcreateserial", "-out", stem.with_suffix(".pem"), "-days", "20", "-extfile", wanted),
    )
    return Certified(key=stem.with_suffix(".key"), certificate=stem.with_suffix(".pem"), issuer=issuer.read_text())


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHolder:
    """Somebody with an OpenPGP key in a home of their own."""

    home: Path
    fingerprint: str
    key: str

    def sign(self, content: bytes = WORDS) -> bytes:
        """Return a letter that holds the content, signed as RFC 3156 says."""
        signature = self.gpg("--armor", "--detach-sign", given=content)
        body = (
            b'Content-Type: multipart/signed; micalg=pgp-sha512; protocol="application/pgp-signature"; boundary="sig"'
        )
        body += b"\r\n\r\n--sig\r\n" + content + b"\r\n--sig\r\nContent-Type: application/pgp-signature\r\n\r\n"
        return letter(body + signature + b"\r\n--sig--\r\n")

    def gpg(self, *args: str, given: bytes = b"") -> bytes:
        """Run gpg for this person."""
        return run("gpg", "--homedir", self.home, "--batch", "--yes", "--pinentry-mode", "loopback", *args, given=given)


def key_holder(directory: Path, address: str = OFFICER, expires: str = "30d") -> KeyHolder:
    """Make somebody with a key."""
    needs("gpg")
    home = directory / f"g{len(list(directory.glob('g*')))}"
    home.mkdir(mode=0o700)
    made = KeyHolder(home=home, fingerprint="", key="")
    made.gpg("--passphrase", "", "--quick-generate-key", f"Officer <{address}>", "ed25519", "sign", expires)
    return exported(home)


def exported(home: Path) -> KeyHolder:
    """Return somebody with their key as it stands now."""
    holder = KeyHolder(home=home, fingerprint="", key="")
    listed = holder.gpg("--list-keys", "--with-colons").decode()
    fingerprint = next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr"))
    return KeyHolder(home=home, fingerprint=fingerprint.lower(), key=holder.gpg("--armor", "--export").decode())


def needs(program: str) -> None:
    """Leave a test out where a program is missing, and say so."""
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed: it makes the signatures that are verified here")
