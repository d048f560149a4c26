"""Made posts for `evenhand bench screening`: real sentences put together anew, in the mix and lengths of a platform."""

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from evenhand.flow import shipped
from evenhand.vocabulary.post import POST_SCHEMA

BYTES_MAX = 4096
_FIRST = datetime(2026, 11, 23, tzinfo=UTC)
_MIX = (("latin", 50), ("cyrillic", 20), ("arabic", 10), ("persian", 10), ("chinese", 10))
"""Scripts of the posts, in parts of a hundred."""
_MEDIAN_BYTES, _SPREAD = 150.0, 1.0
"""Log-normal lengths, whose mean comes to about 250 bytes."""
NEW_DAYS = 30
"""Made rules act on accounts younger than this alone."""
_MET = 60
"""Of a hundred posts of such accounts, those that one of a hundred made rules meets (measured)."""
_EMOJI = "😀😂👍🔥🎉❤🙏💰🚀✅"
_LANGUAGES = {"latin": "en", "cyrillic": "ru", "arabic": "ar", "persian": "fa", "chinese": "zh"}
_PERSIAN, _ARABIC = re.compile("[پچژگکی]"), re.compile("[\u0600-\u06ff]")
_CHINESE, _CYRILLIC = re.compile("[\u4e00-\u9fff]"), re.compile("[а-яё]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Planted:
    """What lists hold and some posts show.

    Attributes:
        phrases: Phrases as the lists write them.
        domains: Domains.
        hashes: SHA-256 or MD5, hexadecimal.
        pdq: PDQ hashes, hexadecimal.
        texts: Known-bad texts.
    """

    phrases: Sequence[str]
    domains: Sequence[str]
    hashes: Sequence[str]
    pdq: Sequence[str]
    texts: Sequence[str]


def sentences(messages: Path | None) -> dict[str, list[str]]:
    """Return texts by script: those of the demo day, and of a file of labelled messages where there is one."""
    texts: dict[str, list[str]] = defaultdict(list)
    paths = [shipped.DEMO_POSTS, shipped.DEMO_LABELLED, *([] if messages is None else [messages])]
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            text = json.loads(line).get("text") or ""
            if len(text) > 3:
                texts[script_of(text)].append(text)
    return dict(texts)


def script_of(text: str) -> str:
    """Return which of the mix's scripts a text is in."""
    if _CHINESE.search(text):
        return "chinese"
    if _ARABIC.search(text):
        return "persian" if _PERSIAN.search(text) else "arabic"
    return "cyrillic" if _CYRILLIC.search(text) else "latin"


def made_posts(
    count: int, texts: dict[str, list[str]], planted: Planted, seed: int, acted_on: int = 3
) -> Iterator[dict[str, Any]]:
    """Yield posts in the order of their time; the same arguments give the same posts.

    Args:
        count: How many.
        texts: Texts by script.
        planted: What lists hold and some posts show.
        seed: Same seed, same posts.
        acted_on: Posts in a hundred that made rules are to act on, up to 60: so many are of new accounts.
    """
    dice = random.Random(seed)  # noqa: S311 - made posts, no secrets
    new = acted_on / _MET
    scripts, weights = [script for script, _ in _MIX], [part for _, part in _MIX]
    recent: list[str] = []
    for number in range(count):
        script = dice.choices(scripts, weights)[0]
        text = _text(dice, texts[script], planted)
        if recent and dice.random() < 0.04:  # some is posted again and again
            text = dice.choice(recent)
        recent = [*recent[-50:], text]
        posted = _FIRST + timedelta(microseconds=number * 86)
        yield {
            "id": f"p{number}",
            "kind": "post",
            "channel_id": f"c{int(dice.paretovariate(0.6)) % 200_000}",
            "author_id": f"a{int(dice.paretovariate(0.4)) % 3_000_000}",
            "text": text,
            "media": [_medium(dice, planted)] if dice.random() < 0.02 else None,
            "lang": _LANGUAGES[script],
            "country": None,
            "posted_at": posted,
            "author_created_at": posted - timedelta(days=_age(dice, new)),
            "channel_members": dice.randrange(100_000),
            "forwarded_from": "elsewhere" if dice.random() < 0.1 else None,
        }


def batches(posts: Iterator[dict[str, Any]], size: int) -> Iterator[pa.RecordBatch]:
    """Yield the posts in batches."""
    part: list[dict[str, Any]] = []
    for post in posts:
        part.append(post)
        if len(part) == size:
            yield pa.RecordBatch.from_pylist(part, POST_SCHEMA)
            part = []
    if part:
        yield pa.RecordBatch.from_pylist(part, POST_SCHEMA)


def _age(dice: random.Random, new: float) -> int:
    """Return an account's age in days: a share of the posts is of new ones."""
    return dice.randrange(NEW_DAYS) if dice.random() < new else dice.randrange(NEW_DAYS, 2000)


def _text(dice: random.Random, pool: list[str], planted: Planted) -> str:
    wanted = min(dice.lognormvariate(0, _SPREAD) * _MEDIAN_BYTES, BYTES_MAX)
    parts: list[str] = []
    size = 0.0
    while size < wanted:
        part = dice.choice(pool)
        room = wanted - size
        part = part[: max(8, int(room * len(part) / len(part.encode())))]
        parts.append(part)
        size += len(part.encode()) + 1
    extra = dice.random()
    if extra < 0.15:
        host = dice.choice(planted.domains) if extra < 0.01 and planted.domains else f"site{dice.randrange(10**6)}.com"
        parts.append(f"https://{host}/{dice.randrange(10**6)}")
    elif extra < 0.18 and planted.phrases:
        parts.insert(0, dice.choice(planted.phrases))
    elif extra < 0.19 and planted.texts:
        parts = [_edited(dice, dice.choice(planted.texts))]
    elif extra < 0.3:
        parts.append(dice.choice(_EMOJI) * dice.randrange(1, 4))
    return " ".join(parts)


def _edited(dice: random.Random, text: str) -> str:
    """Return a near copy: other digits, an emoji put in, a word left out."""
    words = re.sub(r"[0-9]", lambda _: str(dice.randrange(10)), text).split(" ")
    if len(words) > 8:
        words[dice.randrange(len(words))] = dice.choice(_EMOJI)
    return " ".join(words)


def _medium(dice: random.Random, planted: Planted) -> dict[str, str | None]:
    sha256, md5 = dice.randbytes(32).hex(), dice.randbytes(16).hex()
    if planted.hashes and dice.random() < 0.05:
        known = dice.choice(planted.hashes)
        sha256, md5 = (known, md5) if len(known) == 64 else (sha256, known)
    pdq = dice.randbytes(32).hex()
    if planted.pdq and dice.random() < 0.1:
        bits = sum(1 << bit for bit in dice.sample(range(256), dice.randrange(41)))
        pdq = f"{int(dice.choice(planted.pdq), 16) ^ bits:064x}"
    return {"sha256": sha256, "md5": md5, "pdq": pdq, "type": "image/jpeg"}
