"""Messages that break parsers, made from a seed."""

import random
from collections.abc import Callable, Iterator

Maker = Callable[[random.Random], bytes]


_PIECES = (
    b"From: ", b"a@b.example", b"\r\n", b"\n", b" ", b"\r", b"Content-Type: multipart/mixed; boundary=x", b"--x",
    b"--x--", b"\0", b"=?utf-8?b?", b"?=", b"Content-Transfer-Encoding: base64", b":", b"\xff", b"=", b";" * 50,
)  # fmt: skip
_CHARSETS = (
    b"x-none", b"utf-16", b"utf-7", b"idna", b"zlib", b"\xff", b'"', b"cp037", b"unicode_escape", b"punycode",
)  # fmt: skip
_ENCODINGS = (b"base64", b"x-uuencode", b"quoted-printable")
_NAMES = (
    b'="../../etc/passwd"', b'="a\\b\\c.exe"', b"*=utf-8''%2e%2e%2f", b"*0*=x-none''a; filename*1=b",
    b'="\xe2\x80\xaegpj.exe"',
)  # fmt: skip


def _noise(rng: random.Random) -> bytes:
    return rng.randbytes(rng.randrange(3000))


def _lines(rng: random.Random) -> bytes:
    return b"".join(rng.choice(_PIECES) for _ in range(rng.randrange(120)))


def _charset(rng: random.Random) -> bytes:
    name = rng.choice(_CHARSETS)
    head = b"From: a@b.example\r\nSubject: =?" + name + b"?q?=41=FF?=\r\nContent-Type: text/plain; charset=" + name
    return head + b"\r\n\r\n" + rng.randbytes(200)


def _nested(rng: random.Random) -> bytes:
    depth = rng.choice([5, 30, 400, 3000])
    heads = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(depth))
    return b"From: a@b.example\r\n" + heads + b"\r\nx"


def _many_parts(rng: random.Random) -> bytes:
    part = b"--x\r\nContent-Disposition: attachment; filename=a\r\n\r\nb\r\n"
    head = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    return head + part * rng.choice([90, 150, 5000])


def _brackets(rng: random.Random) -> bytes:
    sign = rng.choice([b"(", b"<", b'"', b"\\", b"=?utf-8?q?", b";a*0*="])
    return b"From: " + sign * 20_000 + b"\r\nContent-Type: text/plain; name=" + sign * 5_000 + b"\r\n\r\nx"


def _headers(rng: random.Random) -> bytes:
    return b"X: y\r\n" * rng.choice([999, 1001, 60_000]) + b"From: a@b.example\r\n\r\nx"


def _base64(rng: random.Random) -> bytes:
    head = b"From: a@b.example\r\nContent-Transfer-Encoding: " + rng.choice(_ENCODINGS)
    return head + b"\r\nContent-Type: image/png\r\n\r\n" + bytes(rng.choice(b"AB=_\n\xff begin") for _ in range(500))


def _names(rng: random.Random) -> bytes:
    return b"From: a@b.example\r\nContent-Disposition: attachment; filename" + rng.choice(_NAMES) + b"\r\n\r\nx"


def _page(rng: random.Random) -> bytes:
    piece = rng.choice([b"<div>", b"<!--", b"<svg><script>", b"&#x202e;", b"<a href='javascript:x'>", b"<table><tr>"])
    return b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + piece * rng.choice([10, 3000])


MAKERS: tuple[Maker, ...] = (
    _noise, _lines, _charset, _nested, _many_parts, _brackets, _headers, _base64, _names, _page,
)  # fmt: skip


def hostile_messages(count: int, seed: int = 1) -> Iterator[bytes]:
    """Yield `count` malformed messages of every kind in turn."""
    rng = random.Random(seed)
    for number in range(count):
        yield MAKERS[number % len(MAKERS)](rng)
