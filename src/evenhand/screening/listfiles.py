"""Lists as files: one phrase, domain, hash, expression or text a line, after a header of comments."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b, file_digest
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Literal, cast, get_args

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from evenhand.screening.built_in import BUILT_IN
from evenhand.screening.compiled import Arrays, Compiled
from evenhand.screening.domains import a_label_hosts, is_domain
from evenhand.screening.near_copies import LETTERS_MIN, letter_counts
from evenhand.screening.normalise import normalise
from evenhand.screening.patterns import PATTERN_CHARACTERS_MAX, refusal
from evenhand.screening.perceptual import DISTANCE_MAX
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Category

ListKind = Literal["phrases", "domains", "hashes", "pdq", "patterns", "texts"]
Match = Literal["words", "anywhere"]

ENTRY_CHARACTERS_MAX = 256
TEXT_CHARACTERS_MAX = 65_536
NAME_CHARACTERS_MAX = 64
PATTERNS_MAX = 10_000
"""Expressions in a list: each is compiled, which takes its time and memory."""
SHOWN_MAX = 5
"""Lines named when several cannot be used; the rest is counted."""

_HASH = r"^(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{64})$"
_PDQ = r"^[0-9A-Fa-f]{64}$"
_LONGEST: Mapping[str, int] = MappingProxyType({"texts": TEXT_CHARACTERS_MAX, "patterns": PATTERN_CHARACTERS_MAX})
_IN_BULK = frozenset({"phrases", "domains", "hashes", "pdq", "texts"})
"""Kinds whose entries are sound each by itself: of a list that has grown only the new ones are looked at."""
_OPTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "kind": get_args(ListKind),
        "match": get_args(Match),
        "case": ("any", "exact"),
        "spelling": ("plain", "leetspeak", "spaced", "leetspeak, spaced"),
        "turned": ("no", "yes"),
        "dots": ("signs", "words"),
        "distance": tuple(str(bits) for bits in range(DISTANCE_MAX + 1)),
        "category": tuple(each.name.lower() for each in Category),
    }
)
"""What a header may say, by word; see docs/reference/rules.md."""


@dataclass(frozen=True, kw_only=True)
class ScreeningList:
    """One list.

    Attributes:
        name: Its name among the signals.
        kind: What its entries are.
        options: What its header says, in lower case.
        count: Entries.
        digest: 32 bytes over name and file content.
        path: The file.
        prints: A 64-bit hash of each entry as it is written, in the file's order.
    """

    name: str
    kind: ListKind
    options: Mapping[str, str]
    count: int
    digest: bytes
    path: Path
    prints: NDArray[np.uint64] = field(compare=False, repr=False)

    @property
    def match(self) -> Match:
        """Whether phrases hit as whole words only, or anywhere."""
        return cast("Match", self.options.get("match", "words"))

    @property
    def spelling(self) -> str:
        """Disguises that are undone for phrases: plain (none), or one of `spellings.VIEWS`."""
        return self.options.get("spelling", "plain")

    @property
    def caseless(self) -> bool:
        """Whether expressions take upper and lower case as the same."""
        return self.options.get("case", "any") == "any"

    @property
    def distance(self) -> int:
        """Bits in which a perceptual hash may differ."""
        return int(self.options.get("distance", DISTANCE_MAX))

    @property
    def spelled_dots(self) -> bool:
        """Whether domains are also found where their dots are words: evil dot com."""
        return self.options.get("dots") == "words"

    @property
    def turned(self) -> bool:
        """Whether the pictures of perceptual hashes are also looked for turned and mirrored."""
        return self.options.get("turned") == "yes"

    @property
    def category(self) -> Category | None:
        """The category of what it lists, where its header names one."""
        named = self.options.get("category")
        return None if named is None else Category[named.upper()]

    @cached_property
    def entries(self) -> pl.Series:
        """Phrases, expressions and texts as written, domains in A-labels, hashes in lower case; read from the file."""
        return _compared(self.kind, self._written())

    def entries_at(self, places: NDArray[np.int64]) -> pl.Series:
        """Return some of the entries, as `entries` has them."""
        return _compared(self.kind, self._written().gather(places)) if len(places) else self._none()

    def _none(self) -> pl.Series:
        return pl.Series("entry", [], dtype=pl.String)

    def _written(self) -> pl.Series:
        return _parts(self.path, _column(self.path, _unchanged(self.name, self.path, self.digest)))[1]


def read_list(path: Path, compiled: Compiled | None = None, before: ScreeningList | None = None) -> ScreeningList:
    """Read one list.

    Args:
        path: The file.
        compiled: Remembers that a list of this content was read before and is sound.
        before: The list as it was: entries that it had are sound.

    Raises:
        InputError: Names file and line, and what was meant.
    """
    name = _name(path)
    digest = _digest(name, path)
    if before is not None and digest == before.digest:
        return before if before.path == path else replace(before, path=path)

    def made() -> Arrays:
        header, entries, numbers = _parts(path, _column(path, _unchanged(name, path, digest)))
        prints = entries.hash().to_numpy()
        kind = _checked(path, header, entries, numbers, None if before is None else (before, prints))
        words = "\n".join(f"{word}:{value}" for word, value in {**header, "kind": kind}.items())
        said = np.frombuffer(words.encode(), np.uint8)
        return {"header": said, "count": np.array([len(entries)]), "prints": prints}

    subject = "list" + blake2b(name.encode(), digest_size=8).hexdigest()
    made_from = blake2b(digest + version("polars").encode(), digest_size=32).digest()
    kept = (compiled or Compiled()).arrays(subject, made_from, made)
    header = dict(line.split(":", 1) for line in bytes(kept["header"]).decode().splitlines())
    kind = cast("ListKind", header.pop("kind"))
    return ScreeningList(
        name=name,
        kind=kind,
        options=header,
        count=int(kept["count"][0]),
        digest=digest,
        path=path,
        prints=kept["prints"],
    )


def _checked(
    path: Path,
    header: Mapping[str, str],
    entries: pl.Series,
    numbers: pl.Series,
    grown: tuple[ScreeningList, NDArray[np.uint64]] | None,
) -> ListKind:
    """Return a list's kind; refuse what cannot be used. Of a list that has grown, only new entries are looked at."""
    if grown is not None and grown[0].kind in _IN_BULK and len(entries):
        before, prints = grown
        added = changes(before.prints, prints)[1]
        fresh = entries.gather(added)
        kind = header.get("kind") or (before.kind if not len(fresh) or _guessed(fresh) == before.kind else "")
        same = {**header, "kind": kind} == {**before.options, "kind": before.kind}
        # What is guessed to be phrases may have become something else by what was taken out.
        if same and ("kind" in header or kind in ("hashes", "domains")):
            _check(path, before.kind, header, fresh, numbers.gather(added))
            return before.kind
    kind = cast("ListKind", header.get("kind") or _guessed(entries))
    _check(path, kind, header, entries, numbers)
    return kind


def changes(before: NDArray[np.uint64], now: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of what is no more there, and of what is new; an entry that stands twice counts twice.

    Args:
        before: `ScreeningList.prints`, as they were.
        now: As they are.
    """
    shorter = min(len(before), len(now))
    first = _length_alike(before[:shorter], now[:shorter])
    rest = shorter - first
    last = _length_alike(before[len(before) - rest :][::-1], now[len(now) - rest :][::-1])
    old, new = before[first : len(before) - last], now[first : len(now) - last]
    _, number = np.unique(np.concatenate((old, new)), return_inverse=True)
    # The n-th of those that are alike is told apart from the others.
    named = [part * (len(number) + 1) + _which(part) for part in (number[: len(old)], number[len(old) :])]
    gone, fresh = (np.flatnonzero(~np.isin(one, other)) for one, other in (named, named[::-1]))
    return gone + first, fresh + first


def _length_alike(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> int:
    unlike = one != other
    return int(unlike.argmax()) if unlike.any() else len(unlike)


def _which(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return of each number how many of the same stand before it."""
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    begins = np.searchsorted(ordered, ordered)
    which = np.empty(len(numbers), np.int64)
    which[order] = np.arange(len(numbers)) - begins
    return which


def read_entries(listed: ScreeningList, text: bytes) -> pl.Series:
    """Return entries that are of a list's kind, in the form in which they are compared; each once.

    Args:
        listed: The list whose kind and options count.
        text: A file's content; what its header says of its kind must agree.

    Raises:
        InputError: Names the line, and what was meant.
    """
    path = Path("LIST")
    header, entries, numbers = _parts(path, _column(path, text))
    if header.get("kind", listed.kind) != listed.kind:
        raise InputError("LIST", f"holds {header['kind']}; {listed.name} is a list of {listed.kind}")
    if not len(entries):
        raise InputError("LIST", "holds no entries")
    _check(path, listed.kind, listed.options, entries, numbers)
    return _compared(listed.kind, entries).unique(maintain_order=True)


def _digest(name: str, path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file_digest(file, lambda: blake2b(name.encode() + b"\0", digest_size=32)).digest()
    except OSError as error:
        raise InputError(str(path), f"cannot be read: {error.strerror}") from error


def _name(path: Path) -> str:
    name = path.stem
    if not 0 < len(name) <= NAME_CHARACTERS_MAX or not name.isprintable() or '"' in name:
        raise InputError(str(path), f"a list's name has 1 to {NAME_CHARACTERS_MAX} printable characters, no quotes")
    if name.casefold() in {signal.name for signal in BUILT_IN}:
        raise InputError(str(path), f"{name} is the name of a built-in signal; rename the file")
    return name


def _unchanged(name: str, path: Path, digest: bytes) -> bytes:
    """Return a file's content, if it is still what its digest says."""
    raw = path.read_bytes()
    if blake2b(name.encode() + b"\0" + raw, digest_size=32).digest() != digest:
        raise InputError(str(path), "changed while it was read")
    return raw


def _column(path: Path, raw: bytes) -> pl.Series:
    """Return the lines as a column over the file's bytes: a list may have ten million."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}:{line}", "is not UTF-8") from error
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    breaks = np.flatnonzero(np.frombuffer(raw, np.uint8) == ord("\n"))
    offsets = np.concatenate(([0], breaks + 1, [len(raw)])).astype(np.int64)
    column = pa.LargeStringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(raw))
    return pl.Series("entry", column)


def _parts(path: Path, lines: pl.Series) -> tuple[dict[str, str], pl.Series, pl.Series]:
    """Split a file in its header, its entries and the lines they stand on."""
    frame = pl.DataFrame({"entry": lines.str.strip_chars()}).with_row_index("line", 1)
    frame = frame.filter(pl.col("entry") != "")
    comment = pl.col("entry").str.starts_with("#")
    entries = frame.filter(~comment)
    first = int(entries["line"][0]) if len(entries) else len(lines) + 1
    notes = frame.filter(comment, pl.col("line") < first).iter_rows()
    header = dict(pair for line, note in notes for pair in _header(path, line, note))
    # A hashtag as an entry is written \#tag.
    return header, entries["entry"].str.replace(r"^\\#", "#"), entries["line"]


def _header(path: Path, line: int, note: str) -> Iterator[tuple[str, str]]:
    word, colon, value = note.lstrip("#").strip().partition(":")
    allowed = _OPTIONS.get(word.strip().lower())
    if colon and allowed:
        chosen = ", ".join(sorted(part.strip() for part in value.lower().split(",")))
        if chosen not in allowed:
            told = f"0 to {DISTANCE_MAX}" if word.strip().lower() == "distance" else " or ".join(allowed)
            raise InputError(f"{path}:{line}", f"{word.strip()} must be {told}")
        yield word.strip().lower(), chosen


def _guessed(entries: pl.Series) -> ListKind:
    if len(entries) and entries.str.contains(_HASH).all():
        return "hashes"
    # A look at the first ones spares the long way for lists of phrases.
    if len(entries) and is_domain(entries.head(1000)).all() and is_domain(entries).all():
        return "domains"
    return "phrases"


def _compared(kind: ListKind, entries: pl.Series) -> pl.Series:
    """Return the entries in the form in which they are compared."""
    match kind:
        case "hashes" | "pdq":
            return entries.str.to_lowercase()
        case "domains":
            return a_label_hosts(entries.str.replace(r"^\*\.", "").str.strip_chars_end(".").str.normalize("NFKC"))
        case _:
            return entries


def _check(path: Path, kind: ListKind, options: Mapping[str, str], entries: pl.Series, numbers: pl.Series) -> None:
    """Refuse entries that cannot be used: how many for each reason, and the first lines of it."""
    longest = _LONGEST.get(kind, ENTRY_CHARACTERS_MAX)
    long = entries.str.len_chars() > longest
    found = [(numbers.filter(long), f"is longer than {longest} characters")]
    left, places = entries.filter(~long), numbers.filter(~long)
    match kind:
        case "hashes":
            found.append((places.filter(~left.str.contains(_HASH)), "must be 32 (MD5) or 64 (SHA-256) hex digits"))
        case "pdq":
            found.append((places.filter(~left.str.contains(_PDQ)), "must be 64 hex digits, a PDQ hash"))
        case "domains":
            shaped = _compared(kind, left).str.contains(r"^[a-z0-9_-]+(?:\.[a-z0-9_-]+)+$")
            found.append((places.filter(~shaped), "must be a domain, as in example.com, without scheme and path"))
        case "phrases":
            empty = pl.Series(normalise(left).skeleton.lengths == 0, dtype=pl.Boolean)
            found.append((places.filter(empty), "has no character that could be looked for"))
        case "texts":
            short = pl.Series(letter_counts(left) < LETTERS_MIN, dtype=pl.Boolean)
            found.append((places.filter(short), f"has fewer than {LETTERS_MIN} letters, too few for near copies"))
        case "patterns":
            _refuse_found(path, found)
            _refuse_patterns(path, left, places, caseless=options.get("case", "any") == "any")
    _refuse_found(path, found)


def _refuse_found(path: Path, found: list[tuple[pl.Series, str]]) -> None:
    wrong = [(lines, reason) for lines, reason in found if len(lines)]
    if wrong:
        lines, reason = wrong[0]
        more = "".join(f"; line {each[0]} {why}{_others(each)}" for each, why in wrong[1:])
        raise InputError(f"{path}:{lines[0]}", reason + _others(lines) + more)


def _refuse_patterns(path: Path, entries: pl.Series, numbers: pl.Series, *, caseless: bool) -> None:
    if len(entries) > PATTERNS_MAX:
        raise InputError(str(path), f"has {len(entries):,} expressions; a list has at most {PATTERNS_MAX:,}")
    if found := refusal(entries.to_list(), caseless=caseless):
        place, reason = found
        raise InputError(f"{path}:{numbers[place]}", reason)


def _others(lines: pl.Series) -> str:
    """Return how many lines besides the first are wrong in the same way, and which come first."""
    if len(lines) == 1:
        return ""
    named = ", ".join(str(line) for line in lines[1:SHOWN_MAX])
    more = len(lines) - SHOWN_MAX
    return f"; so are lines {named}" + (f" and {more} more" if more > 0 else "")
