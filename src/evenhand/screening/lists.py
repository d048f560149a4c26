"""Lists as files: one phrase, domain or hash a line; the file's stem is the list's name among the signals."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Literal, cast, get_args

import numpy as np
import polars as pl

from evenhand.screening.built_in import BUILT_IN
from evenhand.screening.domains import a_label_host, is_domain
from evenhand.screening.exact import ExactTable
from evenhand.screening.normalise import normalise
from evenhand.screening.phrases import PhraseMatcher, Phrases
from evenhand.vocabulary.errors import InputError

ListKind = Literal["phrases", "domains", "hashes"]
Match = Literal["words", "anywhere"]

ENTRY_CHARACTERS_MAX = 256
NAME_CHARACTERS_MAX = 64
_HASH = r"^(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{64})$"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningList:
    """One list.

    Attributes:
        name: Its name among the signals.
        kind: What its entries are.
        match: Whether phrases hit as whole words only, or anywhere.
        entries: Phrases as written, domains in A-labels, hashes in lower case.
        digest: 32 bytes over name and file content.
    """

    name: str
    kind: ListKind
    match: Match
    entries: pl.Series
    digest: bytes


class Lists:
    """All lists that are in force, by name, with their compiled matchers."""

    def __init__(self, lists: tuple[ScreeningList, ...]) -> None:
        self.lists = tuple(sorted(lists, key=lambda each: each.name))

    @property
    def names(self) -> tuple[str, ...]:
        """The lists' names, in the order of their signals."""
        return tuple(each.name for each in self.lists)

    @cached_property
    def edition(self) -> str:
        """16 hex digits over names and contents."""
        return blake2b(b"".join(each.digest for each in self.lists), digest_size=8).hexdigest()

    @cached_property
    def phrases(self) -> PhraseMatcher:
        """Matcher over all lists of phrases."""
        chosen = [(i, each) for i, each in enumerate(self.lists) if each.kind == "phrases"]
        return PhraseMatcher([Phrases(i, each.match == "words", each.entries) for i, each in chosen])

    @cached_property
    def domains(self) -> ExactTable:
        """Table over all lists of domains."""
        return self._exact("domains")

    @cached_property
    def hashes(self) -> ExactTable:
        """Table over all lists of hashes."""
        return self._exact("hashes")

    def _exact(self, kind: ListKind) -> ExactTable:
        chosen = [(i, each.entries) for i, each in enumerate(self.lists) if each.kind == kind]
        entries = pl.concat([pl.Series("entry", dtype=pl.String), *(e.rename("entry") for _, e in chosen)])
        return ExactTable(entries, np.repeat(np.array([i for i, _ in chosen], np.int64), [len(e) for _, e in chosen]))


def load_lists(*directories: Path) -> Lists:
    """Read the lists of all directories: files with the ending .txt or none, not those in capitals (README).

    A later directory's list replaces an earlier one of the same name.

    Raises:
        InputError: Names file and line, and what was meant.
    """
    found: dict[str, ScreeningList] = {}
    for directory in directories:
        here: dict[str, Path] = {}
        for path in _files(directory):
            key = path.stem.casefold()
            if key in here:
                raise InputError(str(path), f"has the same name as {here[key].name}; case does not tell lists apart")
            here[key] = path
            found[key] = read_list(path)
    return Lists(tuple(found.values()))


def _files(directory: Path) -> list[Path]:
    if not directory.is_dir():
        raise InputError(str(directory), "is no directory of lists")
    kept = (path for path in directory.iterdir() if path.is_file() and not path.name.startswith("."))
    return sorted(path for path in kept if path.suffix == ".txt" or (not path.suffix and not path.name.isupper()))


def read_list(path: Path) -> ScreeningList:
    """Read one list.

    Raises:
        InputError: Names file and line, and what was meant.
    """
    name = _name(path)
    raw = path.read_bytes()
    lines = _lines(path, raw)
    header, entries, numbers = _parts(path, lines)
    kind = cast("ListKind", header["kind"]) if "kind" in header else _guessed(entries)
    return ScreeningList(
        name=name,
        kind=kind,
        match=cast("Match", header.get("match", "words")),
        entries=_checked(path, kind, entries, numbers),
        digest=blake2b(name.encode() + b"\0" + raw, digest_size=32).digest(),
    )


def _name(path: Path) -> str:
    name = path.stem
    if not 0 < len(name) <= NAME_CHARACTERS_MAX or not name.isprintable() or '"' in name:
        raise InputError(str(path), f"a list's name has 1 to {NAME_CHARACTERS_MAX} printable characters, no quotes")
    if name.casefold() in {signal.name for signal in BUILT_IN}:
        raise InputError(str(path), f"{name} is the name of a built-in signal; rename the file")
    return name


def _lines(path: Path, raw: bytes) -> list[str]:
    try:
        return raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}:{line}", "is not UTF-8") from error


def _parts(path: Path, lines: list[str]) -> tuple[dict[str, str], pl.Series, pl.Series]:
    """Split a file in its header, its entries and the lines they stand on."""
    frame = pl.DataFrame({"entry": pl.Series(lines, dtype=pl.String).str.strip_chars()}).with_row_index("line", 1)
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
    allowed = {"kind": get_args(ListKind), "match": get_args(Match)}.get(word.strip().lower())
    if colon and allowed:
        chosen = value.strip().lower()
        if chosen not in allowed:
            raise InputError(f"{path}:{line}", f"{word.strip()} must be {' or '.join(allowed)}")
        yield word.strip().lower(), chosen


def _guessed(entries: pl.Series) -> ListKind:
    if len(entries) and entries.str.contains(_HASH).all():
        return "hashes"
    if len(entries) and is_domain(entries).all():
        return "domains"
    return "phrases"


def _checked(path: Path, kind: ListKind, entries: pl.Series, numbers: pl.Series) -> pl.Series:
    """Return the entries in the form in which they are compared, or name the first line that cannot be used."""
    _refuse_first(path, numbers, entries.str.len_chars() > ENTRY_CHARACTERS_MAX, "is longer than 256 characters")
    match kind:
        case "hashes":
            _refuse_first(path, numbers, ~entries.str.contains(_HASH), "must be 32 (MD5) or 64 (SHA-256) hex digits")
            return entries.str.to_lowercase()
        case "domains":
            hosts = entries.str.replace(r"^\*\.", "").str.strip_chars_end(".").str.normalize("NFKC")
            hosts = pl.Series("entry", [a_label_host(host) for host in hosts], dtype=pl.String)
            shaped = hosts.str.contains(r"^[a-z0-9_-]+(?:\.[a-z0-9_-]+)+$")
            _refuse_first(path, numbers, ~shaped, "must be a domain, as in example.com, without scheme and path")
            return hosts
        case "phrases":
            empty = normalise(entries).skeleton.lengths == 0
            _refuse_first(path, numbers, pl.Series(empty), "has no character that could be looked for")
            return entries


def _refuse_first(path: Path, numbers: pl.Series, wrong: pl.Series, reason: str) -> None:
    if wrong.any():
        raise InputError(f"{path}:{numbers.filter(wrong)[0]}", reason)
