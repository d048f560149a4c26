"""Made lists and rules for `evenhand bench screening`, of the sizes that a big platform has."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evenhand.flow.bench_posts import NEW_DAYS, Planted

PLANTED_MAX = 2000
_HASHES_AT_ONCE = 1 << 18
_SYLLABLES = (
    "ba be bi bo ca co da de di do fa fe ga go ka ke la le li lo ma me mi na ne no pa pe ra re ro sa se ta ti to"
)
_ENDINGS = ("com", "net", "top", "xyz", "ru", "org", "info", "online", "co.uk", "com.br")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much of everything.

    Attributes:
        acted_on: Posts in a hundred that the rules are to act on; what came of it is in the figures.
    """

    posts: int = 200_000
    phrases: int = 100_000
    patterns: int = 300
    domains: int = 1_000_000
    hashes: int = 10_000_000
    pdq: int = 1_000_000
    texts: int = 10_000
    rules: int = 100
    acted_on: int = 3


def write_lists(directory: Path, load: Load, texts: dict[str, list[str]], seed: int) -> Planted:
    """Write lists in their published form; return some of what they hold.

    Args:
        directory: An empty directory.
        load: How many entries of each kind.
        texts: Texts by script, whose words phrases and expressions are made of.
        seed: Same seed, same lists.
    """
    dice = random.Random(seed)  # noqa: S311 - made posts, no secrets
    words = {script: sorted({word for text in pool for word in _words(text)}) for script, pool in texts.items()}
    phrases = _phrases(dice, words, load.phrases)
    for number in range(8):
        match = "anywhere" if number == 7 else "words"
        _write(directory, f"phrases{number}", phrases[number::8], f"# kind: phrases\n# match: {match}\n")
    patterns = _patterns(dice, words["latin"] + words["cyrillic"], load.patterns)
    for number in range(3):
        _write(directory, f"patterns{number}", patterns[number::3], "# kind: patterns\n")
    domains = sorted({_domain(dice) for _ in range(load.domains)})
    dice.shuffle(domains)
    for number in range(4):
        _write(directory, f"domains{number}", domains[number::4], "# kind: domains\n")
    copies = [_long(dice, dice.choice(list(words.values()))) for _ in range(load.texts)]
    _write(directory, "texts0", copies, "# kind: texts\n")
    hashes = _write_hashes(directory / "hashes0.txt", "hashes", load.hashes, seed)
    pdq = _write_hashes(directory / "pdq0.txt", "pdq", load.pdq, seed + 1)
    return Planted(dice.sample(phrases, min(len(phrases), PLANTED_MAX)), domains[:PLANTED_MAX], hashes, pdq, copies)


def _write(directory: Path, name: str, entries: list[str], header: str) -> None:
    (directory / f"{name}.txt").write_text(header + "\n".join(entries) + "\n", "utf-8")


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]{4,12}", text.lower())


def _phrases(dice: random.Random, words: dict[str, list[str]], count: int) -> list[str]:
    """Return half phrases of two or three real words, half words that no language has (names, brands, code words)."""
    found: set[str] = set()
    pools = list(words.values())
    while len(found) < count:
        pool = dice.choice(pools)
        if dice.random() < 0.5:
            found.add(" ".join(dice.choice(pool) for _ in range(dice.randrange(2, 4))))
        else:
            found.add(_name(dice) if dice.random() < 0.7 else dice.choice(pool) + dice.choice(pool))
    return sorted(found)


def _name(dice: random.Random) -> str:
    return "".join(dice.choice(_SYLLABLES.split()) for _ in range(dice.randrange(3, 6)))


def _patterns(dice: random.Random, words: list[str], count: int) -> list[str]:
    """Return expressions of the kinds that moderators write."""
    plain = [word for word in words if word.isalpha()]

    def word() -> str:
        return dice.choice(plain)

    kinds = (
        lambda: rf"\b{word()}\s+{word()}\b",
        lambda: rf"{word()}.{{0,30}}{word()}",
        lambda: rf"\b(?:{word()}|{word()}|{word()})\s+(?:{word()}|{word()})\b",
        lambda: rf"\b{word()}\W{{1,3}}\d{{2,6}}\b",
        lambda: rf"{word()}s?\s*[:=]\s*\d+",
        lambda: rf"t\.me/\+?{_name(dice)}\w*",
        lambda: rf"{_name(dice)}\d{{3,}}@[a-z]+\.(?:com|ru)",
        lambda: rf"\b{word()}[^.!?]{{0,40}}{word()}[.!?]",
    )
    return [kinds[number % len(kinds)]() for number in range(count)]


def _domain(dice: random.Random) -> str:
    return f"{_name(dice)}{'-' if dice.random() < 0.2 else ''}{_name(dice)}.{dice.choice(_ENDINGS)}"


def _long(dice: random.Random, words: list[str]) -> str:
    """Return a text of words that no post has in this order, with digits in it."""
    return " ".join([*(dice.choice(words) for _ in range(dice.randrange(12, 40))), str(dice.randrange(10**6))])


def _write_hashes(path: Path, kind: str, count: int, seed: int) -> list[str]:
    """Write hashes, six in ten of 32 bytes (all, of PDQ); return the first ones."""
    dice = np.random.default_rng(seed)
    planted: list[str] = []
    with path.open("w", encoding="ascii") as file:
        file.write(f"# kind: {kind}\n")
        for first in range(0, count, _HASHES_AT_ONCE):
            number = min(_HASHES_AT_ONCE, count - first)
            for lines in _hex_lines(dice, number, kind):
                file.write(lines)
                planted += lines[: 66 * PLANTED_MAX].split()[:PLANTED_MAX] if first == 0 else []
    return planted


def _hex_lines(dice: np.random.Generator, number: int, kind: str) -> Iterator[str]:
    wide = number if kind == "pdq" else number * 6 // 10
    for width, size in ((32, wide), (16, number - wide)):
        if size:
            yield dice.bytes(width * size).hex("\n", width) + "\n"


_RULE = """name = "{name}"
verdict = "{verdict}"
when = "{when}"
because = "It has {{list_hits}} hits in {{lists_hit}} lists and {{link_count}} links."
statement = "Your post breaks a rule made for a measurement."
[policy]
ground = "DECISION_GROUND_INCOMPATIBLE_CONTENT"
category = "STATEMENT_CATEGORY_SCAMS_AND_FRAUD"
reference = "Terms, 1"
[[must_match]]
text = "x"
[[must_not_match]]
text = "x"
"""
_LISTS = (
    *(f"phrases{i}" for i in range(8)),
    *(f"patterns{i}" for i in range(3)),
    *(f"domains{i}" for i in range(4)),
    *("texts0", "hashes0", "pdq0"),
)
_NUMBERS = (
    ("link_count", (1, 2, 3)),
    ("emoji_count", (1, 3, 5)),
    ("same_text_posts", (2, 3, 5)),
    ("author_posts", (5, 10, 50)),
    ("uppercase_share", (0.3, 0.5, 0.7)),
    ("digit_share", (0.1, 0.3)),
    ("spam_score", (0.5, 0.8, 0.95)),
    ("text_length", (50, 200, 1000)),
    ("hidden_characters", (1, 3)),
    ("mention_count", (1, 4)),
)


def write_rules(directory: Path, count: int, seed: int) -> None:
    """Write rules of four parts each into a directory; three in four name a list, all are about new accounts."""
    dice = random.Random(seed)  # noqa: S311 - made posts, no secrets
    directory.mkdir()
    for number in range(count):
        name = f"rule-{number:05}"
        when = " AND ".join(
            (
                f"{dice.choice(_LISTS)} > 0" if number % 4 else _number(dice),
                _number(dice),
                f"({_number(dice)} OR NOT {_number(dice)})",
                f"author_age_days < {NEW_DAYS}",
            )
        )
        verdict = ("label", "restrict", "review", "remove")[number % 4]
        (directory / f"{name}.toml").write_text(_RULE.format(name=name, verdict=verdict, when=when), "utf-8")


def _number(dice: random.Random) -> str:
    signal, values = dice.choice(_NUMBERS)
    return f"{signal} >= {dice.choice(values)}"
