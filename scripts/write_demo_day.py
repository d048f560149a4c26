"""Write the demo's day and its labelled messages from demo_day*.toml: the same files on every run.

python scripts/write_demo_day.py
"""

import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

HERE = Path(__file__).parent
DEMO = HERE.parent / "src" / "evenhand" / "screening" / "shipped" / "demo"
DAY = datetime(2026, 11, 23, tzinfo=UTC)

HAM = {
    "en": 300,
    "de": 140,
    "ru": 130,
    "fr": 110,
    "es": 90,
    "ar": 70,
    "fa": 60,
    "uk": 50,
    "zh": 50,
    "hi": 40,
    "tr": 40,
}
SPAM_PART = 9  # one piece of advertising for so many harmless posts
LABELLED = {"ham": 800, "spam": 500}
LOOKALIKES = str.maketrans({"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "x": "х"})
HOURS = (2, 1, 1, 1, 1, 2, 4, 7, 8, 7, 6, 6, 8, 7, 6, 6, 7, 8, 10, 11, 10, 8, 6, 4)
Post = dict[str, Any]


def main() -> None:
    """Write both files."""
    words = tomllib.loads((HERE / "demo_day.toml").read_text("utf-8"))
    bad = tomllib.loads((HERE / "demo_day_bad.toml").read_text("utf-8"))
    DEMO.mkdir(parents=True, exist_ok=True)
    for name, rows in (("posts.ndjson", posts(words, bad)), ("labelled.ndjson", labelled(words, bad))):
        lines = (json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows)
        (DEMO / name).write_text("".join(f"{line}\n" for line in lines), "utf-8")


def posts(words: dict[str, Any], bad: dict[str, Any]) -> list[Post]:
    """Return the day's items in the order of their instants."""
    dice = Random(20261123)  # noqa: S311 - the same day for everyone
    made = [
        *_everyday(dice, words),
        *(post for group in bad["group"] for post in _group(dice, group, words)),
        *_flood(dice),
        *(post for item in bad["item"] for post in _items(dice, item)),
    ]
    for post in made:
        hour = dice.choices(range(24), HOURS)[0]
        post["posted_at"] = DAY + timedelta(hours=hour, seconds=dice.randrange(3600))
    made.sort(key=lambda post: post["posted_at"])
    return [_finished(number, post) for number, post in enumerate(made, 1)]


def _finished(number: int, post: Post) -> Post:
    """Return a post with its id and its instants as text; what is unknown is left out."""
    post = {"id": f"demo-{number:05d}", "kind": "post"} | post
    age = post.pop("age_days", None)
    if age is not None:
        post["author_created_at"] = _instant(post["posted_at"] - timedelta(days=age))
    post["posted_at"] = _instant(post["posted_at"])
    return {name: value for name, value in post.items() if value not in (None, "", [])}


def _instant(when: datetime) -> str:
    return when.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _everyday(dice: Random, words: dict[str, Any]) -> Iterator[Post]:
    for lang, number in HAM.items():
        for n in range(number):
            yield _ordinary(dice, lang, words[lang], "ham")
            if n % SPAM_PART == 0:
                yield _ordinary(dice, lang, words[lang], "spam")


def _ordinary(dice: Random, lang: str, words: dict[str, Any], label: str) -> Post:
    author = dice.randrange(40 if label == "ham" else 6)
    channel = dice.randrange(7)
    file = {"sha256": dice.randbytes(32).hex(), "md5": dice.randbytes(16).hex(), "type": "image/jpeg"}
    alone = dice.random() < 0.03
    return {
        "channel_id": f"c-{lang}-{channel}",
        "author_id": f"u-{lang}-{label[0]}{author}",
        "text": "" if alone and label == "ham" else filled(dice, dice.choice(words[label]), words),
        "media": [file] if alone or dice.random() < 0.08 else None,
        "lang": lang if dice.random() < 0.93 else None,
        "country": dice.choice(words["countries"]) if dice.random() < 0.7 else None,
        "channel_members": 40 + 97 * channel + 11 * len(words["ham"]),
        "age_days": 40 + 31 * author if label == "ham" else 2 + 3 * author,
        "forwarded_from": f"c-{lang}-{dice.randrange(7)}" if dice.random() < 0.07 else None,
    }


def filled(dice: Random, text: str, words: dict[str, Any]) -> str:
    """Return a text with its places filled in."""
    slots = {name: dice.choice(words[name]) for name in ("name", "place", "time", "thing")}
    return text.format(n=dice.randrange(3, 95), **slots)


def _group(dice: Random, group: dict[str, Any], words: dict[str, Any]) -> Iterator[Post]:
    what = group["what"]
    for n, each in enumerate(group["texts"]):
        for copy in range(group["copies"]):
            author = (n + copy) % group["authors"]
            text = filled(dice, each["text"], words.get(each["lang"], words["en"]))
            media = each.get("media")
            file = sha256(f"evenhand demo file {1 + (n + copy) % 8}".encode()).hexdigest()
            yield {
                "channel_id": f"c-{what}-{(n + 3 * copy) % group['channels']}",
                "author_id": f"u-{what}-{author}",
                "text": _disguised(dice, text, copy + n) if group.get("disguise") else _varied(text, copy, group),
                "media": [{"sha256": file, "type": "image/jpeg"}] if media else None,
                "lang": each["lang"],
                "channel_members": 30 + 170 * (n % group["channels"]),
                "age_days": 1 + author if group.get("fresh") else 90 + 40 * author,
                "forwarded_from": f"c-{what}-0" if copy == 2 else None,
            }


def _varied(text: str, copy: int, group: dict[str, Any]) -> str:
    """Return a near-copy, or the text itself where a group copies exactly."""
    if not text or copy == 0 or group.get("exact"):
        return text
    return f"{text} {'!' * copy}" if copy % 2 else f"{text} 🔥"


def _disguised(dice: Random, text: str, way: int) -> str:
    """Return a text as somebody writes it who hides from word lists."""
    match way % 4:
        case 0:
            return "".join(c + ("\u200b" if c.isalpha() and dice.random() < 0.3 else "") for c in text)
        case 1:
            return text.translate(LOOKALIKES) if "http" not in text else _half(text)
        case 2:
            return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" and "@" not in text else c for c in text)
        case _:
            return text.replace("https://", "hxxps://").replace(".example", "[.]example").upper()


def _half(text: str) -> str:
    words, _, link = text.partition("http")
    return f"{words.translate(LOOKALIKES)}http{link}"


def _flood(dice: Random) -> Iterator[Post]:
    for n in range(46):
        yield {
            "channel_id": f"c-en-{n % 7}",
            "author_id": "u-flood-0",
            "text": dice.choice(
                ("come to my channel", "visit me, new songs", "subscribe back please", "who is online?")
            ),
            "lang": "en",
            "channel_members": 40 + 97 * (n % 7),
            "age_days": 12,
        }


def _items(dice: Random, item: dict[str, Any]) -> Iterator[Post]:
    for n, text in enumerate(item["text"][: item["number"]]):
        name = f"{item['kind'][0]}-item-{sha256(text.encode()).hexdigest()[:6]}"
        yield {
            "kind": item["kind"],
            "channel_id": name if item["kind"] == "channel" else None,
            "author_id": f"owner-{name}",
            "text": text,
            "channel_members": item["members"] + 13 * n if item["kind"] == "channel" else None,
            "age_days": dice.randrange(2, 400),
        }


def labelled(words: dict[str, Any], bad: dict[str, Any]) -> list[dict[str, str]]:
    """Return labelled messages, no two alike; other ones than the day's, from the same tables."""
    dice = Random(20261122)  # noqa: S311 - the same messages for everyone
    rows: dict[str, dict[str, str]] = {}
    languages, weights = list(HAM), list(HAM.values())
    for label, number in LABELLED.items():
        found = 0
        while found < number:
            lang = dice.choices(languages, weights)[0]
            text = filled(dice, dice.choice(words[lang][label]), words[lang])
            if text not in rows:
                rows[text] = {"source": "evenhand demo", "label": label, "text": text}
                found += 1
    scams = next(group for group in bad["group"] if group["what"] == "scams")
    for each in scams["texts"]:
        text = filled(dice, each["text"], words[each["lang"]])
        rows[text] = {"source": "evenhand demo", "label": "spam", "text": text}
    ordered = list(rows.values())
    dice.shuffle(ordered)
    return ordered


if __name__ == "__main__":
    main()
