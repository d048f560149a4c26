"""One mailbox out of a raw From header, or why it is not one. Pure; linear in the header's length.

The grammar is RFC 5322's mailbox without its obsolete forms, and narrower where programs disagree about what they see:
the address is one dot-atom, "@" and one host name, with no space, comment or quote inside, in ASCII. Beside it a
display name (words, quoted strings, encoded words, text in any script, "." in a word as everyone writes it) and
comments may stand. Groups, lists, source routes and address literals are not a mailbox.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

HEADER_CHARACTERS_MAX = 4096
LOCAL_CHARACTERS_MAX = 64
DOMAIN_CHARACTERS_MAX = 253

Flaw = Literal[
    "too-long",
    "empty",
    "not-text",
    "line-break",
    "control-characters",
    "unbalanced",
    "no-address",
    "several-mailboxes",
    "group",
    "source-route",
    "address-in-name",
    "name-malformed",
    "text-after-address",
    "several-at-signs",
    "quoted-local-part",
    "address-literal",
    "encoded-address",
    "space-in-address",
    "not-ascii",
    "local-part-malformed",
    "domain-malformed",
]
"""Why a header is not one plain mailbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One mailbox.

    Attributes:
        local: Before the "@", as written.
        domain: After it, in lower case.
        beside: Display name and comments as written, without their quotes; not decoded.
    """

    local: str
    domain: str
    beside: str

    @property
    def address(self) -> str:
        """Return local@domain."""
        return f"{self.local}@{self.domain}"


_Kind = Literal["word", "quoted", "comment", "space", "special"]
_Token = tuple[_Kind, str]

_FOLD = re.compile(r"\r?\n(?=[ \t]+[^ \t\r\n])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_SPACE = re.compile(r"[ \t]+")
_WORD = re.compile(r"=\?[^? \t]{1,64}\?[bBqQ]\?[^? \t]*\?=|[^ \t()<>\[\]:;@\\,\"]+")
"""An encoded word is one word whatever stands in it: what it hides is looked for later."""
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_COMMENT_PART = re.compile(r"[^()\\]+|\\.|[()]")
_PAIR = re.compile(r"\\(.)")

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def parse_mailbox(header: str) -> Mailbox | Flaw:
    """Return the one mailbox of a raw From header's value, folded or not, or why there is none."""
    if flaw := _unfit(header):
        return flaw
    tokens: list[_Token] = []
    for token in _tokens(_FOLD.sub("", header)):
        if token is None:
            return "unbalanced"
        tokens.append(token)
    if not any(kind in ("word", "quoted", "special") for kind, _ in tokens):
        return "empty"
    brackets = [place for place, token in enumerate(tokens) if token == ("special", "<")]
    if not brackets:
        return _bare(tokens)
    if ("special", ">") not in tokens[brackets[0] :]:
        return "unbalanced"
    close = tokens.index(("special", ">"), brackets[0])
    name, inner, rest = tokens[: brackets[0]], tokens[brackets[0] + 1 : close], tokens[close + 1 :]
    flaw = _flaw_of_name(name) or _flaw_of_rest(rest)
    return flaw or _address(inner, _text([*name, ("space", " "), *rest]))


def is_host_name(domain: str) -> bool:
    """Tell whether a domain in lower case is a host name of two labels or more in letters, digits and hyphens."""
    return len(domain) <= DOMAIN_CHARACTERS_MAX and _HOST.fullmatch(domain) is not None


def _unfit(header: str) -> Flaw | None:
    """Return why the characters themselves are not a header's."""
    if len(header) > HEADER_CHARACTERS_MAX:
        return "too-long"
    if _SURROGATE.search(header):
        return "not-text"
    if _CONTROL.search(header):
        return "control-characters"
    unfolded = _FOLD.sub("", header)
    return "line-break" if "\n" in unfolded or "\r" in unfolded else None


def _tokens(text: str) -> Iterator[_Token | None]:
    """Yield tokens from left to right; None, and no more, where a quote, comment or backslash is not closed."""
    place = 0
    while place < len(text):
        if space := _SPACE.match(text, place):
            place = space.end()
            yield "space", " "
        elif word := _WORD.match(text, place):
            place = word.end()
            yield "word", word[0]
        elif text[place] == '"':
            quoted = _QUOTED.match(text, place)
            if quoted is None:
                yield None
                return
            place = quoted.end()
            yield "quoted", _PAIR.sub(r"\1", quoted[1])
        elif text[place] == "(":
            end = _comment_end(text, place)
            if end is None:
                yield None
                return
            yield "comment", _PAIR.sub(r"\1", text[place + 1 : end - 1])
            place = end
        elif text[place] in "\\)":
            yield None
            return
        else:
            yield "special", text[place]
            place += 1


def _comment_end(text: str, start: int) -> int | None:
    """Return the place after the comment, comments inside it counted, that begins at `start`."""
    depth = 0
    place = start
    while part := _COMMENT_PART.match(text, place):
        place = part.end()
        depth += {"(": 1, ")": -1}.get(part[0], 0)
        if depth == 0:
            return place
    return None


def _bare(tokens: list[_Token]) -> Mailbox | Flaw:
    """Return the mailbox of a header without angle brackets: an address, with comments around it."""
    if ("special", ">") in tokens:
        return "unbalanced"
    solid = [place for place, (kind, _) in enumerate(tokens) if kind not in ("space", "comment")]
    first, last = solid[0], solid[-1] + 1
    return _address(tokens[first:last], _text([*tokens[:first], ("space", " "), *tokens[last:]]))


def _flaw_of_name(tokens: list[_Token]) -> Flaw | None:
    specials = [text for kind, text in tokens if kind == "special"]
    for special, flaw in _SPECIALS:
        if special in specials:
            return flaw
    return "name-malformed" if specials else None


def _flaw_of_rest(tokens: list[_Token]) -> Flaw | None:
    specials = [text for kind, text in tokens if kind == "special"]
    if "," in specials or "<" in specials:
        return "several-mailboxes"
    if ";" in specials:
        return "group"
    if ">" in specials:
        return "unbalanced"
    return "text-after-address" if any(kind not in ("space", "comment") for kind, _ in tokens) else None


_SPECIALS: tuple[tuple[str, Flaw], ...] = (
    (",", "several-mailboxes"),
    (":", "group"),
    (";", "group"),
    ("@", "address-in-name"),
    (">", "unbalanced"),
)
_IN_BRACKETS: tuple[tuple[str, Flaw], ...] = (
    ("<", "unbalanced"),
    (":", "source-route"),
    (",", "several-mailboxes"),
    (";", "several-mailboxes"),
    ("[", "address-literal"),
    ("]", "address-literal"),
)


def _address(tokens: list[_Token], beside: str) -> Mailbox | Flaw:
    """Return the mailbox whose address these tokens are, from its first character to its last."""
    specials = [text for kind, text in tokens if kind == "special"]
    at_signs = specials.count("@")
    if ":" in specials and not (tokens and tokens[0] == ("special", "@")):
        return "group"
    for special, flaw in _IN_BRACKETS:
        if special in specials:
            return flaw
    if at_signs != 1:
        return "several-at-signs" if at_signs else _without_at(tokens)
    if any(kind == "quoted" for kind, _ in tokens):
        return "quoted-local-part"
    if any(kind in ("space", "comment") for kind, _ in tokens):
        return "space-in-address"
    local, _, domain = "".join(text for _, text in tokens).partition("@")
    return _checked(local, domain, beside)


def _without_at(tokens: list[_Token]) -> Flaw:
    return "encoded-address" if any("=?" in text for _, text in tokens) else "no-address"


def _checked(local: str, domain: str, beside: str) -> Mailbox | Flaw:
    if not (local.isascii() and domain.isascii()):
        return "not-ascii"
    if "=?" in local:
        return "encoded-address"
    if len(local) > LOCAL_CHARACTERS_MAX or not _LOCAL.fullmatch(local):
        return "local-part-malformed"
    if not is_host_name(domain.lower()):
        return "domain-malformed"
    return Mailbox(local=local, domain=domain.lower(), beside=beside)


def _text(tokens: list[_Token]) -> str:
    """Return what stands beside the address, comments in their brackets."""
    return "".join(f"({text})" if kind == "comment" else text for kind, text in tokens).strip()
