"""Settings: one frozen value, read once from evenhand.toml and EVENHAND_* and checked whole."""

import os
import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from evenhand.vocabulary.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A point of contact (DSA Art. 11 to 13): who to write to for what.

    Attributes:
        languages: ISO 639-1 codes, lower case, in order of preference.
        answer_within: What is promised, as an ISO 8601 duration ("PT1H", "P2D").
    """

    purpose: str
    email: str
    url: str = ""
    languages: tuple[str, ...] = ("en",)
    answer_within: str = "P2D"


@dataclass(frozen=True, slots=True, kw_only=True)
class Representative:
    """The legal representative in the Union (DSA Art. 13)."""

    name: str = "Evenhand Demo Representative SRL"
    postal_address: str = "Rue de l'Exemple 1, 1000 Brussels, Belgium"
    email: str = "representative@desk.example"
    telephone: str = "+32 2 555 01 00"
    languages: tuple[str, ...] = ("en", "fr")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imap:
    """A mailbox that letters are pulled from, over TLS.

    Attributes:
        host: "": none is pulled from.
        port: TLS from the first byte.
        password_file: Its name in keys/ of the data directory.
        address: Address of ours whose letters it holds; "": the letters' own headers say it.
        ca_file: Certificates (PEM) to trust instead of the system's; "": the system's.
        every_s: Seconds between two looks.
    """

    host: str = ""
    port: int = 993
    user: str = ""
    password_file: str = "imap.password"  # noqa: S105 - a file's name
    folder: str = "INBOX"
    address: str = ""
    ca_file: str = ""
    every_s: int = 30


_CONTACTS = (
    Contact(purpose="authorities", email="authorities@desk.example", languages=("en", "fr"), answer_within="PT8H"),
    Contact(
        purpose="terrorist-content", email="removal-orders@desk.example", languages=("en", "fr"), answer_within="PT1H"
    ),
    Contact(
        purpose="people", email="people@desk.example", languages=("en", "fr", "de", "ar", "fa"), answer_within="P2D"
    ),
    Contact(purpose="illegal-content", email="abuse@desk.example", languages=("en",), answer_within="P1D"),
    Contact(purpose="child-safety", email="stopca@desk.example", languages=("en",), answer_within="PT4H"),
    Contact(purpose="press-and-research", email="research@desk.example", languages=("en",), answer_within="P7D"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a deployment can set.

    Attributes:
        data: Data directory: docket, log, keys, reports.
        database_url: "" for SQLite in the data directory, or postgresql://…
        public_url: Where the public site is reached; the log's origin follows from it.
        platform: Name of the platform the desk answers for.
        terror_address: Where bulletins ask for reports of terrorist content.
        child_safety_address: Where bulletins ask for reports of child abuse.
        listen: Address and port to serve on.
        lmtp_listen: Address and port where the mail server hands letters over (LMTP); "": no letters are taken so.
        dkim_resolver: Address and port of a name server, asked for DKIM keys of registered domains; "": none is.
        crl_urls: Addresses (https) of revocation lists, with spaces between; "": none is fetched.
        webhook_url: Where the platform takes actions (signed after Standard Webhooks with keys/webhook.key); "": it
            asks for them at /api/v1/actions.
        mail_relay: Host and port that take letters, as in "mail.desk.example:587"; "": letters wait.
        mail_security: starttls, tls (from the first byte) or plain (to a relay on the same machine).
        mail_user: Name to log in with; its password is in keys/mail.password; "": no login.
        page_address: Where a person is called by mail; "": not by mail.
        page_url: Where a person is called (signed after Standard Webhooks with keys/page.key); "": not so.
        eu_database_url: The EU transparency database, as in "https://transparency.dsa.ec.europa.eu" (its token is in
            keys/eu-database.token); "": statements wait.
        undo: How long a proposal can be taken back before it becomes a decision, as in "30s" or "2m".
        oidc_issuer: OpenID provider at which staff may sign in, as in "https://login.example.org"; "": none.
        oidc_client_id: What the provider knows this desk as; its secret is in keys/oidc.secret.
        oidc_name: The provider's name on the sign-in page.
        hunt_limit: Posts that new entries of a list may act on in what was kept, before a person looks.
        signals_kept: How long the signals of screened posts are kept for backtests, as in "30d"; "0d": not at all.
        texts_hunted: What is kept of texts for as long, so that new entries of lists find them: "no", "copies" (a
            fingerprint, for lists of texts), or "all" (the texts themselves, sealed, for all lists).
    """

    data: Path = Path("evenhand-data")
    database_url: str = ""
    public_url: str = "http://localhost:8000"
    platform: str = "Example Messenger"
    terror_address: str = "abuse@telegram.org"
    child_safety_address: str = "stopCA@telegram.org"
    listen: str = "127.0.0.1:8000"
    lmtp_listen: str = ""
    dkim_resolver: str = ""
    crl_urls: str = ""
    webhook_url: str = ""
    mail_relay: str = ""
    mail_security: str = "starttls"
    mail_user: str = ""
    page_address: str = ""
    page_url: str = ""
    eu_database_url: str = ""
    undo: str = "30s"
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_name: str = "OpenID Connect"
    hunt_limit: str = "1000"
    signals_kept: str = "30d"
    texts_hunted: str = "no"
    representative: Representative = field(default_factory=Representative)
    imap: Imap = field(default_factory=Imap)
    contacts: tuple[Contact, ...] = _CONTACTS

    @property
    def origin(self) -> str:
        """The log's origin line: the URL prefix of /log without scheme and trailing slash."""
        return self.public_url.split("://", 1)[-1].rstrip("/") + "/log"

    @property
    def authorities_address(self) -> str:
        """Where authorities write to; "" if the contacts name none."""
        return next((contact.email for contact in self.contacts if contact.purpose == "authorities"), "")

    @property
    def crl_addresses(self) -> tuple[str, ...]:
        """Where revocation lists are fetched, each once."""
        return tuple(dict.fromkeys(self.crl_urls.split()))

    @property
    def undo_s(self) -> int:
        """How many seconds a proposal can be taken back."""
        return int(self.undo[:-1]) * (60 if self.undo.endswith("m") else 1)

    @property
    def hunt_posts_max(self) -> int:
        """Posts that new entries of a list may act on before a person looks; 0: none."""
        return int(self.hunt_limit)

    @property
    def signals_kept_days(self) -> int:
        """How many days signals are kept, today among them; 0: not at all."""
        return int(self.signals_kept[:-1])


_UNDO_S_MAX = 3600
_NESTED = MappingProxyType({"representative": Representative, "imap": Imap})
_PLAIN = tuple(f.name for f in fields(Settings) if f.name not in ("representative", "imap", "contacts"))


def load_settings(file: Path | None = None, environ: dict[str, str] | None = None) -> Settings:
    """Read settings: defaults, then `file` (or evenhand.toml here, if there is one), then EVENHAND_* variables.

    Raises:
        InputError: A value is unknown or wrong; nothing is created by accident.
    """
    environ = dict(os.environ) if environ is None else environ
    path = file or Path(environ.get("EVENHAND_SETTINGS", "evenhand.toml"))
    values: dict[str, Any] = {}
    if path.exists():
        try:
            values = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InputError(str(path), f"is not TOML: {error}") from error
    elif file is not None:
        raise InputError(str(path), "no such settings file")
    for name in _PLAIN:
        if (value := environ.get(f"EVENHAND_{name.upper()}")) is not None:
            values[name] = value
    return _settings(values)


def _settings(values: dict[str, Any]) -> Settings:
    if type(values.get("hunt_limit")) is int:  # a number in TOML, a text in a variable
        values = values | {"hunt_limit": str(values["hunt_limit"])}
    known = {f.name for f in fields(Settings)}
    for name, value in values.items():
        if name not in known:
            raise InputError(name, f"is not a setting; known are {', '.join(sorted(known))}")
        if name in _PLAIN and not isinstance(value, str):
            raise InputError(name, "must be a text")
    built: dict[str, Any] = dict(values)
    if "data" in built:
        built["data"] = Path(built["data"])
    for name, kind in _NESTED.items():
        if name in built:
            built[name] = _table(kind, name, built[name])
    if "contacts" in built:
        if not isinstance(built["contacts"], list):
            raise InputError("contacts", "must be an array of tables ([[contacts]])")
        built["contacts"] = tuple(_table(Contact, f"contacts[{i}]", c) for i, c in enumerate(built["contacts"]))
    settings = Settings(**built)
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    if "://" not in settings.public_url:
        raise InputError("public_url", "must be a URL with its scheme, as in https://desk.example")
    if settings.database_url and not settings.database_url.startswith(("postgresql://", "postgres://")):
        raise InputError("database_url", "must be postgresql://… or empty for SQLite in the data directory")
    _check_days(settings.signals_kept)
    if settings.texts_hunted not in ("no", "copies", "all"):
        raise InputError("texts_hunted", "must be no, copies (by their fingerprints) or all (texts are kept, sealed)")
    if re.fullmatch(r"[0-9]{1,9}", settings.hunt_limit) is None:
        raise InputError("hunt_limit", "must be a number of posts, as in 1000; with 0 a person decides about every one")
    _check_couriers(settings)
    _check_imap(settings.imap)
    _check_undo(settings)
    _check_oidc(settings)
    _check_lists(settings)


def _check_couriers(settings: Settings) -> None:
    """Refuse what no courier could work with, before anything waits for it."""
    host, colon, port = settings.mail_relay.rpartition(":")
    if settings.mail_relay and not (host and colon and port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise InputError("mail_relay", "must be a host and a port, as in mail.desk.example:587")
    if settings.mail_security not in ("starttls", "tls", "plain"):
        raise InputError("mail_security", "must be starttls, tls or plain")
    if settings.mail_user and settings.mail_security == "plain":
        raise InputError("mail_user", "needs mail_security starttls or tls: a password is not sent in the clear")
    if settings.page_address and not settings.mail_relay:
        raise InputError("page_address", "needs mail_relay")
    if settings.page_address and re.fullmatch(r"[^@\s]+@[^@\s]+", settings.page_address) is None:
        raise InputError("page_address", "must be one mail address")
    for name in ("page_url", "eu_database_url"):
        if (url := getattr(settings, name)) and re.fullmatch(r"https?://[^\s/]+(/\S*)?", url) is None:
            raise InputError(name, "must be an http:// or https:// URL")


def _check_imap(imap: Imap) -> None:
    for one in fields(Imap):
        value = getattr(imap, one.name)
        if type(value) is not type(one.default):
            raise InputError(f"imap.{one.name}", f"must be a {'number' if isinstance(one.default, int) else 'text'}")
    if imap.host and not imap.user:
        raise InputError("imap.user", "must be given where letters are pulled from imap.host")
    if not 0 < imap.port < 65_536:
        raise InputError("imap.port", "must be 1 to 65535")
    if not 1 <= imap.every_s <= 86_400:
        raise InputError("imap.every_s", "must be 1 to 86400 seconds")
    if not imap.password_file or "/" in imap.password_file:
        raise InputError("imap.password_file", "must be the name of a file in keys/ of the data directory")


def _check_undo(settings: Settings) -> None:
    if re.fullmatch(r"[0-9]{1,4}[sm]", settings.undo) is None or settings.undo_s > _UNDO_S_MAX:
        raise InputError("undo", "must be seconds or minutes, as in 30s or 2m, at most an hour")


def _check_oidc(settings: Settings) -> None:
    if not settings.oidc_issuer:
        return
    address = urlsplit(settings.oidc_issuer)
    local = address.hostname in ("localhost", "127.0.0.1", "::1")
    if not address.hostname or not (address.scheme == "https" or (address.scheme == "http" and local)):
        raise InputError("oidc_issuer", "must be an https address, as in https://login.example.org")
    if address.query or address.fragment:
        raise InputError("oidc_issuer", "must have no query and no fragment")
    if not settings.oidc_client_id:
        raise InputError("oidc_client_id", "say what the provider knows this desk as")


def _check_lists(settings: Settings) -> None:
    for url in settings.crl_addresses:
        parts = urlsplit(url)
        plain = url.isascii() and url.isprintable() and "@" not in parts.netloc and not parts.fragment
        try:
            good = plain and parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good:
            raise InputError("crl_urls", f"must be https:// addresses with spaces between, not {url}")


def _check_days(signals_kept: str) -> None:
    if re.fullmatch(r"[0-9]{1,4}d", signals_kept) is None:
        raise InputError("signals_kept", "must be a number of days, as in 30d; 0d keeps nothing")


def _table(kind: type[Any], name: str, value: Any) -> Any:
    if not isinstance(value, dict):
        raise InputError(name, "must be a table")
    known = {f.name for f in fields(kind)}
    if unknown := set(value) - known:
        raise InputError(f"{name}.{min(unknown)}", f"is not a setting; known are {', '.join(sorted(known))}")
    plain = {k: tuple(v) if isinstance(v, list) else v for k, v in value.items()}
    try:
        return kind(**plain)
    except TypeError as error:
        raise InputError(name, str(error)) from error
