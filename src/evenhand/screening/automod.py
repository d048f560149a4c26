"""AutoModerator's rules, translated: our rules in shadow, the lists they need, and what could not be translated.

A check that has no signal here is never dropped: without it a rule would hit more than its author meant, so the whole
rule is listed as untranslated instead. What only narrows by kind of post, or adds an action beside, is noted.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import yaml

from evenhand.screening.patterns import PATTERN_CHARACTERS_MAX, refusal
from evenhand.vocabulary.errors import InputError

FILE_BYTES_MAX = 1 << 20

_VERDICTS = MappingProxyType({"remove": "remove", "spam": "remove", "filter": "review", "report": "review"})
_TEXT_FIELDS = frozenset({"title", "body"})
_DAYS = MappingProxyType({"minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.0, "year": 365.0})
_WITHOUT_EFFECT = MappingProxyType(
    {
        "type": "posts are not told apart by type here: the rule is for all of them",
        "moderators_exempt": "moderators' posts are not known here",
        "priority": "the gravest verdict has the last word here",
        "comment": "the author is told by the statement of reasons",
        "comment_locked": "the author is told by the statement of reasons",
        "comment_stickied": "the author is told by the statement of reasons",
        "message": "the author is told by the statement of reasons",
        "message_subject": "the author is told by the statement of reasons",
        "modmail": "moderators see the case in their queue",
        "modmail_subject": "moderators see the case in their queue",
        "set_locked": "posts are not locked",
        "set_flair": "posts carry no flair",
        "overwrite_flair": "posts carry no flair",
        "ignore_blockquotes": "quotes are read like the rest of the text",
    }
)
"""Keys that do not change which posts a rule is for, save type, which is noted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What was not translated.

    Attributes:
        line: Where it stands, from 1.
        rule: Its rule's name here; "" where the whole rule was left out.
        key: The key in the file.
        reason: Why, in a sentence.
    """

    line: int
    rule: str
    key: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of a file.

    Attributes:
        rules: TOML by name.
        lists: Lines by name.
        notes: What was not translated.
    """

    rules: Mapping[str, str]
    lists: Mapping[str, str]
    notes: tuple[Note, ...]


class _Untranslated(Exception):
    def __init__(self, line: int, key: str, reason: str) -> None:
        super().__init__(reason)
        self.line, self.key, self.reason = line, key, reason


@dataclass(slots=True)
class _Draft:
    """One rule on its way; `parts` are conditions with the values that make each true and false."""

    name: str
    parts: list[str] = field(default_factory=list)
    holds: dict[str, Any] = field(default_factory=dict)
    fails: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    notes: list[tuple[int, str, str]] = field(default_factory=list)


def translate(text: str, source: str) -> Imported:
    """Translate a file of AutoModerator rules.

    Args:
        text: YAML documents.
        source: What the file is called, for errors.

    Raises:
        InputError: It is not YAML, or uses aliases, which can blow a small file up.
    """
    rules: dict[str, str] = {}
    lists: dict[str, str] = {}
    notes: list[Note] = []
    for number, document in enumerate(_documents(text, source), 1):
        line = document.start_mark.line + 1
        try:
            draft, toml = _rule(document, number)
        except _Untranslated as told:
            notes.append(Note(line=told.line, rule="", key=told.key, reason=told.reason))
            continue
        if draft.name in rules:
            notes.append(Note(line=line, rule="", key="action_reason", reason=f"another rule is called {draft.name}"))
            continue
        rules[draft.name] = toml
        lists |= draft.lists
        notes += [Note(line=at, rule=draft.name, key=key, reason=reason) for at, key, reason in draft.notes]
    return Imported(rules=rules, lists=lists, notes=tuple(notes))


def _documents(text: str, source: str) -> Iterator[yaml.Node]:
    if len(text) > FILE_BYTES_MAX:
        raise InputError(source, f"is larger than {FILE_BYTES_MAX >> 20} MiB")
    try:
        for event in yaml.parse(text, yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                raise InputError(f"{source}:{event.start_mark.line + 1}", "uses a YAML alias; write it out")
        yield from (node for node in yaml.compose_all(text, yaml.SafeLoader) if node is not None)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{source}:{mark.line + 1}" if mark else source
        raise InputError(place, f"is not YAML: {getattr(error, 'problem', None) or 'cannot be read'}") from error
    except RecursionError as error:
        raise InputError(source, "is nested too deeply") from error


def _rule(document: yaml.Node, number: int) -> tuple[_Draft, str]:
    line = document.start_mark.line + 1
    if not isinstance(document, yaml.MappingNode):
        raise _Untranslated(line, "", "is no rule: a rule is a table of keys")
    keys = _keys(document)
    said = {key: _plain(value) for key, (_, value) in keys.items()}
    action = str(said.get("action", ""))
    if action not in _VERDICTS:
        reason = f"action {action!r} has no verdict here" if action else "has no action on the post"
        raise _Untranslated(keys["action"][0] if "action" in keys else line, "action", reason)
    told = " ".join(str(said.get("action_reason", "")).split())
    draft = _Draft(name=_name(told, number))
    for key, (at, value) in keys.items():
        _check(draft, key, at, value)
    if not draft.parts:
        raise _Untranslated(line, "", "has no check: it would hold for every post")
    return draft, _toml(draft, _VERDICTS[action], told or f"Rule {number} of the imported file holds.")


def _check(draft: _Draft, key: str, line: int, value: yaml.Node) -> None:
    """Add what a key asks to the draft, or say why not."""
    if key in ("action", "action_reason"):
        return
    if key in _WITHOUT_EFFECT:
        if key != "type" or _plain(value) != "any":
            draft.notes.append((line, key, _WITHOUT_EFFECT[key]))
        return
    fields, modifiers, negated = _parsed(key)
    if fields == {"author"}:
        _author(draft, line, value)
    elif fields == {"body_shorter_than"} or fields == {"body_longer_than"}:
        _length(draft, line, key, value)
    elif fields <= _TEXT_FIELDS:
        _phrases(draft, line, key, value, modifiers, negated=negated)
    elif fields == {"domain"} and not modifiers:
        _add_list(draft, "domains", "", _texts(line, key, value), negated=negated)
    else:
        raise _Untranslated(line, key, "there is no signal for it")


def _parsed(key: str) -> tuple[set[str], set[str], bool]:
    read = re.fullmatch(r"(~?)\s*([a-z_+\s]+?)\s*(?:#\w+)?\s*(?:\(([^)]*)\))?", key)
    if read is None:
        return {key}, set(), False
    fields = {each.strip() for each in read.group(2).split("+")}
    return fields, {each.strip() for each in (read.group(3) or "").split(",") if each.strip()}, bool(read.group(1))


def _phrases(draft: _Draft, line: int, key: str, value: yaml.Node, modifiers: set[str], *, negated: bool) -> None:
    if "regex" in modifiers:
        _expressions(draft, line, key, value, modifiers - {"regex"}, negated=negated)
        return
    ways = modifiers - {"includes", "includes-word"}
    if ways:
        raise _Untranslated(line, key, f"({', '.join(sorted(ways))}) cannot be asked of a list of phrases")
    match = "anywhere" if "includes" in modifiers else "words"
    if "title" in key and "body" not in key:
        draft.notes.append((line, key, "posts have no title here: the whole text is searched"))
    _add_list(draft, "phrases", f"# match: {match}\n", _texts(line, key, value), negated=negated)


def _expressions(draft: _Draft, line: int, key: str, value: yaml.Node, modifiers: set[str], *, negated: bool) -> None:
    """Add a list of expressions, put in the frame that AutoModerator puts them in; dots take line breaks there."""
    if ways := modifiers - {"includes", "includes-word", "case-sensitive"}:
        raise _Untranslated(line, key, f"(regex, {', '.join(sorted(ways))}) cannot be asked of a list of expressions")
    before, after = ("", "") if "includes" in modifiers else (r"(?:^|\W|\b)", r"(?:$|\W|\b)")
    written = [str(each.value).strip() for each in _scalars(line, key, value)]
    entries = [f"{before}(?s:{each}){after}" for each in written]
    too_long = any(len(entry) > PATTERN_CHARACTERS_MAX for entry in entries)
    if too_long or any(not each or "\n" in each for each in written):
        raise _Untranslated(line, key, f"needs expressions of one line and at most {PATTERN_CHARACTERS_MAX} characters")
    caseless = "case-sensitive" not in modifiers
    # Alone first: what is no expression by itself must not become one inside the frame.
    if found := refusal(written, caseless=caseless) or refusal(entries, caseless=caseless):
        raise _Untranslated(line, key, f"{written[found[0]][:100]!r} {found[1]}")
    if any(re.search(r"(?<!\\)(?:\\\\)*[\^$]", re.sub(r"\[\^", "[", each)) for each in written):
        draft.notes.append((line, key, "^ and $ hold at the beginning and end of every line here"))
    if "title" in key and "body" not in key:
        draft.notes.append((line, key, "posts have no title here: the whole text is searched"))
    _add_list(draft, "patterns", "" if caseless else "# case: exact\n", entries, negated=negated)


def _add_list(draft: _Draft, kind: str, header: str, entries: list[str], *, negated: bool) -> None:
    name = f"{draft.name.replace('-', '_')}_{len(draft.lists) + 1}"
    lines = "".join(
        f"{entry.replace('#', chr(92) + '#', 1) if entry.startswith('#') else entry}\n" for entry in entries
    )
    draft.lists[name] = f"# kind: {kind}\n{header}{lines}"
    draft.parts.append(f"{name} = 0" if negated else f"{name} > 0")
    draft.holds[name], draft.fails[name] = (0, 1) if negated else (1, 0)


def _length(draft: _Draft, line: int, key: str, value: yaml.Node) -> None:
    number = _plain(value)
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 10**6:
        raise _Untranslated(line, key, "needs a number of characters")
    shorter = key == "body_shorter_than"
    draft.parts.append(f"text_length {'<' if shorter else '>'} {number}")
    draft.holds["text_length"] = number - 1 if shorter else number + 1
    draft.fails["text_length"] = number


def _author(draft: _Draft, line: int, value: yaml.Node) -> None:
    if not isinstance(value, yaml.MappingNode):
        raise _Untranslated(line, "author", "accounts are not known by name here")
    for key, (at, part) in _keys(value).items():
        read = re.fullmatch(r"\s*([<>])\s*(\d{1,6})\s*(?:(minute|hour|day|week|month|year)s?)?\s*", str(_plain(part)))
        if key != "account_age" or read is None:
            raise _Untranslated(at, f"author.{key}", "there is no signal for it")
        days = float(read.group(2)) * _DAYS[read.group(3) or "day"]
        draft.parts.append(f"author_age_days {read.group(1)} {days!r}")
        draft.holds["author_age_days"] = days / 2 if read.group(1) == "<" else days + 1
        draft.fails["author_age_days"] = days


def _keys(node: yaml.MappingNode) -> dict[str, tuple[int, yaml.Node]]:
    found: dict[str, tuple[int, yaml.Node]] = {}
    for key, value in node.value:
        name, line = str(getattr(key, "value", "")).strip(), key.start_mark.line + 1
        if name in found:
            raise _Untranslated(line, name, "stands twice; AutoModerator would read only one of them")
        found[name] = (line, value)
    return found


def _plain(node: yaml.Node) -> Any:
    try:
        return yaml.constructor.SafeConstructor().construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError, OverflowError, TypeError):
        return str(getattr(node, "value", ""))


def _scalars(line: int, key: str, value: yaml.Node) -> list[yaml.ScalarNode]:
    if isinstance(value, yaml.ScalarNode):
        nodes: list[Any] = [value]
    elif isinstance(value, yaml.SequenceNode):
        nodes = value.value
    else:
        raise _Untranslated(line, key, "needs a text or an array of texts")
    found = [each for each in nodes if isinstance(each, yaml.ScalarNode)]
    if not found or len(found) < len(nodes):
        raise _Untranslated(line, key, "needs a text or an array of texts")
    return found


def _texts(line: int, key: str, value: yaml.Node) -> list[str]:
    found = [" ".join(str(each.value).split()) for each in _scalars(line, key, value)]
    if any(not 0 < len(each) <= 256 for each in found):
        raise _Untranslated(line, key, "needs texts of 1 to 256 characters")
    return found


def _name(told: str, number: int) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", told.lower()).strip("-")[:40].strip("-")
    return f"automod-{number}" + (f"-{words}" if words else "")


def _toml(draft: _Draft, verdict: str, told: str) -> str:
    because = re.sub(r"[{}]+", "", told)[:500] or "The imported rule holds."
    fails = draft.holds | dict([next(iter(draft.fails.items()))])
    return f"""# Imported from AutoModerator. It only counts until somebody other than its author approves it.
name = {_quoted(draft.name)}
verdict = {_quoted(verdict)}
when = {_quoted(" AND ".join(draft.parts))}
because = {_quoted(because)}
statement = "Your post breaks a rule of this community."

[policy]
ground = "DECISION_GROUND_INCOMPATIBLE_CONTENT"
category = "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"
reference = "Community rules"

[[must_match]]
text = "Good day"
signals = {_table(draft.holds)}

[[must_not_match]]
text = "Good day"
signals = {_table(fails)}

[release]
version = 1
author = "automoderator import"
"""


def _table(values: Mapping[str, Any]) -> str:
    return "{ " + ", ".join(f"{name} = {value!r}" for name, value in values.items()) + " }"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in escaped) + '"'
