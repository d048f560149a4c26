"""Rules as files: one rule a TOML file, named like it. What is wrong is refused with file, line and what was meant."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import msgspec
from msgspec import Meta, Struct

from evenhand.screening.built_in import Signal
from evenhand.screening.expression import Node
from evenhand.screening.rollout import Release, Slice
from evenhand.screening.rules import Example, Rule, places, stray_brace, version_of
from evenhand.screening.sql import ConditionError, parse_condition
from evenhand.vocabulary.decision import Policy
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Category, Ground, Keyword
from evenhand.vocabulary.post import Verdict

RULE_BYTES_MAX = 256 << 10
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PATH = re.compile(r" - at `\$\.?(.*)`$")
_SENTENCE = Meta(min_length=1, max_length=500)


class _Policy(Struct, forbid_unknown_fields=True):
    ground: Ground
    category: Category
    reference: Annotated[str, _SENTENCE]
    keyword: Keyword | None = None


class _Slice(Struct, forbid_unknown_fields=True, rename={"since": "from"}):
    since: datetime
    percent: Annotated[float, Meta(gt=0, le=100)]


class _Release(Struct, forbid_unknown_fields=True):
    version: Annotated[int, Meta(ge=1)]
    author: Annotated[str, _SENTENCE]
    approver: str = ""
    approved: str = ""
    shadow: bool = False
    slice: list[_Slice] = []
    expires: date | None = None
    quota_per_hour: Annotated[int, Meta(ge=0)] | None = None


_Language = Annotated[str, Meta(pattern="^[a-z]{2}$")]


class _File(Struct, forbid_unknown_fields=True):
    name: str
    verdict: Literal["label", "restrict", "review", "remove"]
    when: str
    because: Annotated[str, _SENTENCE]
    statement: Annotated[str, Meta(min_length=1, max_length=5000)]
    policy: _Policy
    must_match: Annotated[list[dict[str, Any]], Meta(min_length=1)]
    must_not_match: Annotated[list[dict[str, Any]], Meta(min_length=1)]
    release: _Release | None = None
    deceptive_high_volume: bool = False
    statement_in: dict[_Language, Annotated[str, Meta(min_length=1, max_length=5000)]] = {}


def load_rules(directories: Iterable[Path], signals: tuple[Signal, ...]) -> tuple[Rule, ...]:
    """Read the rules of all directories: files that end in .toml; a later rule replaces an earlier one of its name.

    Args:
        directories: In order.
        signals: What conditions may name.

    Raises:
        InputError: Names file and line, and what was meant.
    """
    found: dict[str, Rule] = {}
    for directory in directories:
        if not directory.is_dir():
            raise InputError(str(directory), "is no directory of rules")
        files = sorted(path for path in directory.glob("*.toml") if not path.name.startswith("."))
        for path in files:
            if not path.is_file():
                raise InputError(str(path), "is no file, or a link that leads nowhere")
        if not files:
            raise InputError(str(directory), "holds no rules; a rule is a file whose name ends in .toml")
        for path in files:
            rule = read_rule(path, signals)
            found[rule.name] = rule
    return tuple(found[name] for name in sorted(found))


def read_rule(path: Path, signals: tuple[Signal, ...]) -> Rule:
    """Read one rule.

    Raises:
        InputError: Names file and line, and what was meant.
    """
    raw = path.read_bytes()
    if len(raw) > RULE_BYTES_MAX:
        raise InputError(str(path), f"is larger than {RULE_BYTES_MAX >> 10} KiB")
    try:
        text = raw.decode("utf-8")
        values = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line_number = raw.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}:{line_number}", "is not UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"at line (\d+)", str(error))
        raise InputError(f"{path}:{line.group(1) if line else 1}", f"is not TOML: {error}") from error
    return _Reading(path, text, signals).rule(values)


def _utc(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


class _Reading:
    """One file while it is read: knows where each key stands."""

    def __init__(self, path: Path, text: str, signals: tuple[Signal, ...]) -> None:
        self._path = path
        self._lines = text.split("\n")
        self._signals = {signal.name: signal.type for signal in signals}

    def rule(self, values: dict[str, Any]) -> Rule:
        """Return the rule that the values describe."""
        try:
            file = msgspec.convert(values, _File)
        except msgspec.ValidationError as error:
            self._refuse_shape(str(error), values)
        if _NAME.fullmatch(file.name) is None or len(file.name) > 64:
            self._refuse("name", f"{file.name[:80]!r} must be at most 64 lower-case letters, digits and hyphens")
        if file.name != self._path.stem:
            self._refuse("name", f"is {file.name!r}, but the file is named {self._path.name}; they must agree")
        policy = Policy(
            ground=file.policy.ground,
            category=file.policy.category,
            keyword=file.policy.keyword,
            reference=file.policy.reference,
        )
        self._check_because(file.because)
        condition = self._condition(file.when)
        decisive = (file.name, file.verdict, file.when, file.because, file.statement)
        told = (policy.ground, policy.category, policy.keyword or "", policy.reference)
        marks = ("deceptive-high-volume",) if file.deceptive_high_volume else ()
        version = version_of(*decisive, *told, *marks)
        return Rule(
            name=file.name,
            verdict=Verdict(file.verdict),
            condition=condition,
            when=file.when.strip(),
            because=file.because,
            statement=file.statement,
            statement_in=file.statement_in,
            policy=policy,
            spam=file.deceptive_high_volume,
            version=version,
            source=str(self._path),
            examples=(
                *self._examples("must_match", file.must_match, holds=True),
                *self._examples("must_not_match", file.must_not_match, holds=False),
            ),
            release=None if file.release is None else self._release(file.release, version),
        )

    def _release(self, given: _Release, version: str) -> Release:
        """Return how the rule is released; two people stand behind one that acts."""
        if given.approver.strip().casefold() == given.author.strip().casefold():
            self._refuse("approver", f"{given.author!r} wrote the rule; somebody else approves it", "release")
        if given.approver and given.approved != version:
            reason = f"{given.approved!r} is not the version of this rule, {version}; approve it as it is now"
            self._refuse("approved", reason, "release")
        slices = tuple(Slice(since=_utc(each.since), percent=each.percent) for each in given.slice)
        for earlier, later in pairwise(slices):
            if later.since <= earlier.since or later.percent <= earlier.percent:
                line = self._tables("release.slice")[slices.index(later)]
                raise InputError(f"{self._path}:{line}", "release.slice: each begins later and is larger than the last")
        return Release(
            version=given.version,
            author=given.author,
            approver=given.approver,
            shadow=given.shadow,
            slices=slices,
            expires=given.expires,
            quota_per_hour=given.quota_per_hour,
        )

    def _condition(self, when: str) -> Node:
        try:
            return parse_condition(when, self._signals)
        except ConditionError as error:
            first = self._line_of("when")
            # TOML drops a line break right after opening quotes: the text begins a line later.
            opened = self._lines[first - 1].rstrip().endswith(('"""', "'''"))
            raise InputError(f"{self._path}:{first + error.line + opened}", f"when: {error.reason}") from error

    def _check_because(self, because: str) -> None:
        if stray_brace(because):
            self._refuse("because", "has a brace that stands alone; {signal} is filled in with the signal's value")
        for name in places(because):
            if name not in self._signals:
                self._refuse("because", f"names {{{name}}}, and there is no such signal")

    def _examples(self, table: str, examples: list[dict[str, Any]], *, holds: bool) -> Iterable[Example]:
        starts = self._tables(table)
        for place, example in enumerate(examples):
            line = starts[place] if place < len(starts) else 1
            post = dict(example)
            signals = post.pop("signals", {})
            if not isinstance(signals, dict):
                raise InputError(f"{self._path}:{line}", "signals: must be a table, as in { author_posts = 30 }")
            for name in signals:
                if name not in self._signals:
                    raise InputError(f"{self._path}:{line}", f"signals: there is no signal {name}")
            yield Example(line=line, holds=holds, post=post, signals=signals)

    def _tables(self, name: str) -> list[int]:
        return [number for number, line in enumerate(self._lines, 1) if line.strip().startswith(f"[[{name}]]")]

    def _line_of(self, key: str, table: str = "") -> int:
        inside = ""
        for number, line in enumerate(self._lines, 1):
            if header := re.match(r"\s*\[+\s*([A-Za-z0-9_.-]+)\s*\]+", line):
                inside = header.group(1)
                if inside == table and not key:
                    return number
            elif inside == table and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
                return number
        return 1

    def _refuse(self, key: str, reason: str, table: str = "") -> NoReturn:
        raise InputError(f"{self._path}:{self._line_of(key, table)}", f"{key}: {reason}")

    def _refuse_shape(self, message: str, values: Mapping[str, Any]) -> NoReturn:
        found = _PATH.search(message)
        path = found.group(1) if found else ""
        said = _PATH.sub("", message)
        if missing := re.search(r"missing required field `(.+)`", said):
            key = f"{path}.{missing.group(1)}" if path else missing.group(1)
            raise InputError(f"{self._path}:{self._line_of('', path) if path else 1}", f"{key}: is required")
        if unknown := re.search(r"contains unknown field `(.+)`", said):
            self._refuse(unknown.group(1), "is not a field of a rule (docs/reference/rules.md)", path)
        table, _, key = path.rpartition(".")
        key = key.split("[")[0]
        place = values.get(table, {}) if table else values
        given = place.get(key) if isinstance(place, dict) else None
        if key == "verdict":
            self._refuse(key, f"{given!r} is none of label, restrict, review, remove")
        if key in ("ground", "category", "keyword"):
            self._refuse(key, f"{given!r} is no code of the EU database (docs/reference/eu_enumerations.md)", table)
        if key in ("must_match", "must_not_match"):
            self._refuse(key, f"needs at least one example, a table under [[{key}]]")
        self._refuse(key, said[:1].lower() + said[1:], table)
