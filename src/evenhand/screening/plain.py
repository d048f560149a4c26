"""The same screening as a plain loop over posts: the yardstick for the kernel's meaning and for its speed.

Written as one would write it without columns: pyahocorasick for phrases, sets for domains and hashes, one `re` pattern
after the other, dictionaries of chunks for PDQ, if-statements for rules. Tests compare the kernel with it.
"""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from evenhand.screening.characters import (
    DIGIT,
    GREEK,
    HIDDEN,
    LATIN,
    LETTER,
    MARK,
    SPACE,
    UNSPACED,
    tables,
)
from evenhand.screening.classifier import BINS, BITS, SHAPE_SCALE, SIZES, Model
from evenhand.screening.counts import WINDOW_HOURS
from evenhand.screening.domains import PARENTS_MAX, a_label_host, suffix_rules, undo_percent, word_suffixes
from evenhand.screening.expression import AllOf, AnyOf, Column, Compare, Constant, Node, Not
from evenhand.screening.lists import Lists, ScreeningList
from evenhand.screening.near_copies import ANCHOR_LETTERS, ANCHOR_SHARE, LETTERS, SHARE
from evenhand.screening.phrases import FAKE_LETTERS_MIN
from evenhand.screening.service import NO_RULE, Screener
from evenhand.screening.signals import SAME_TEXT_CHARACTERS_MIN
from evenhand.vocabulary.post import Verdict

Row = dict[str, Any]


class _Characters:
    """The tables as a loop reads them: lists by code point."""

    def __init__(self) -> None:
        known = tables()
        self.kind = bytes(known.kind)
        self.script = bytes(known.script)
        self.upper, self.decimal, self.emoji = bytes(known.upper), bytes(known.decimal), bytes(known.emoji)
        codes = range(0x32400)
        self.hidden = {code: None for code in range(len(self.kind)) if self.kind[code] == HIDDEN}
        self.skeleton = {code: int(known.skeleton[code]) for code in codes if known.skeleton[code] != code}
        self.bare = {code: int(known.bare[code]) for code in codes if known.bare[code] != code}
        spaces = "".join(re.escape(chr(code)) for code in codes if self.kind[code] == SPACE)
        self.spaces = re.compile(f"[{spaces}]+")
        unspaced = ("HAN", "CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
        self.signs = _ranges(code for code in codes if _is_sign(chr(code)) and not _named(chr(code), unspaced))
        self.unspaced = _ranges(code for code in codes if _named(chr(code), unspaced))
        self.any_sign = _ranges(code for code in codes if _is_sign(chr(code)))


def _is_sign(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"


def _named(character: str, scripts: tuple[str, ...]) -> bool:
    return _is_sign(character) and unicodedata.name(character, "").startswith(scripts)


def _ranges(codes: Iterable[int]) -> str:
    parts: list[list[int]] = []
    for code in codes:
        if parts and parts[-1][1] == code - 1:
            parts[-1][1] = code
        else:
            parts.append([code, code])
    return "".join(f"{re.escape(chr(a))}-{re.escape(chr(b))}" for a, b in parts)


@cache
def _characters() -> _Characters:
    return _Characters()


def plain_compatible(text: str) -> str:
    """Return one text in NFKC without hidden characters, case kept."""
    text = text.replace("\0", " ")
    if text.isascii():
        return text.translate(_characters().hidden)
    return unicodedata.normalize("NFKC", text.replace("™", " ").replace("℠", " ")).translate(_characters().hidden)


def plain_fold(compat: str) -> tuple[str, str]:
    """Return one text's final form, and what stood in its places before look-alikes were replaced."""
    known = _characters()
    if compat.isascii():
        plain = compat.lower()
    else:
        letters = list(f"\0{compat}\0")
        for i, letter in enumerate(letters):
            beside = (compat[i - 2 : i - 1] if i > 1 else "\0", compat[i : i + 1] or "\0")
            if letter in _CAPITALS and LATIN in (known.script[ord(each)] for each in beside):
                letters[i] = _CAPITALS[letter]
        plain = unicodedata.normalize("NFKC", "".join(letters[1:-1]).casefold()).translate(known.hidden)
        plain = _without_marks(plain)
    plain = known.spaces.sub(" ", plain).strip(" ")
    return plain.translate(known.skeleton), plain


_CAPITALS: Mapping[str, str] = {"Η": "h", "Ν": "n", "Υ": "y"}


def _without_marks(text: str) -> str:
    known = _characters()
    kinds = [known.kind[ord(c)] for c in text]
    if MARK not in kinds:
        return text
    out, at = [], 0
    while at < len(text):
        end = at
        while end < len(text) and kinds[end] in (LETTER, MARK):
            end += 1
        word = text[at:end]
        stuffed = any(
            kinds[i] == MARK and i > 0 and known.script[ord(text[i - 1])] in (LATIN, GREEK) for i in range(at, end)
        )
        bare = word.translate(known.bare) if stuffed else word
        out.append("".join(c for c, kind in zip(bare, kinds[at:end], strict=True) if kind != MARK))
        out.append(text[end : end + 1])
        at = end + 1
    return "".join(out)


def plain_shape(text: str, compat: str) -> Row:
    """Return the signals about the shape of one text."""
    known = _characters()
    raw = text.replace("\0", " ")
    kinds = [known.kind[ord(c)] for c in raw]
    letters = sum(kind in (LETTER, UNSPACED) for kind in kinds)
    emoji = flags = hidden = mentions = 0
    for i, c in enumerate(raw):
        code, before = ord(c), raw[i - 1] if i else "\0"
        emoji += known.emoji[code] and before != "\u200d"
        flags += 0x1F1E6 <= code <= 0x1F1FF
        if kinds[i] == HIDDEN and not 0xFE00 <= code <= 0xFE0F:
            hidden += not (code in (0x200C, 0x200D) and ord(before) >= 0x590)
        if c == "@" and _name_sign(raw[i + 1 : i + 2]) and not (before == "." or _name_sign(before)):
            mentions += 1
    words, mixed = _words(compat)
    return {
        "text_length": len(raw),
        "uppercase_share": sum(known.upper[ord(c)] for c in raw) / max(letters, 1),
        "digit_share": sum(known.decimal[ord(c)] for c in raw) / max(len(raw), 1),
        "emoji_count": emoji + (flags + 1) // 2,
        "mention_count": mentions,
        "hidden_characters": hidden,
        "word_count": words,
        "mixed_script_words": mixed,
    }


def _name_sign(character: str) -> bool:
    return bool(character) and (character == "_" or _characters().kind[ord(character)] in (LETTER, DIGIT, UNSPACED))


def _words(compat: str) -> tuple[int, int]:
    known = _characters()
    words = mixed = bits = 0
    inside = within = False
    for c in compat:
        kind = known.kind[ord(c)]
        letter = kind in (LETTER, MARK)
        word = letter or kind in (DIGIT, UNSPACED)
        words += word and not inside
        if letter:
            bits = (bits if within else 0) | (0 if c in "μΩ" else known.script[ord(c)])
        elif within:
            mixed += bits.bit_count() > 1
        inside, within = word, letter
    return words, mixed + (within and bits.bit_count() > 1)


@cache
def _link_patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    known = _characters()
    label = f"[{known.signs}_]+(?:-+[{known.signs}_]+)*"
    any_label = f"[{known.any_sign}]+(?:-+[{known.any_sign}]+)*"
    hosts = rf"(?:(?:{label}\.)+{label}|(?:{any_label}\.)+[{known.unspaced}]{{2,}})"
    link = rf"((?:([A-Za-z]{{2,8}}://)(?:[^\s/@]{{1,64}}@)?|@)?)({hosts})((?::[0-9]{{1,5}})?/)?"
    dot = r"\s*[\[({]\s*(?:\.|dot|punkt|punto|точка)\s*[\])}]\s*"
    scheme = r"\bh(?:xx|\*\*|tt)p(s?)\s*\[?:\]?\s*\[?//\]?"
    maybe = rf"[{known.any_sign}][.。][{known.any_sign}]|[\[({{]\s*(?:[.]|dot|punkt|punto|точка)\s*[\])}}]"
    maybe += r"|://[^\s/?#]*%[0-9a-f]{2}"
    return (
        re.compile(link),
        re.compile(dot, re.IGNORECASE),
        re.compile(scheme, re.IGNORECASE),
        re.compile(maybe, re.IGNORECASE),
    )


def plain_hosts(compat: str) -> list[tuple[str, str, bool]]:
    """Return (host, domain above its public suffix, counts as a link) for each host in one text."""
    link, dot, scheme, maybe = _link_patterns()
    if not maybe.search(compat):
        return []
    found = []
    read = undo_percent(scheme.sub(r"http\1://", dot.sub(".", compat)))
    for match in link.finditer(read.replace("。", ".")):
        before, schemed, spelled, path = match.groups()
        host = a_label_host(spelled)
        if not 4 <= len(host) <= 253:
            continue
        labels = host.split(".")
        known = plain_suffix(labels)
        if not schemed and not known:
            continue
        last = spelled.rsplit(".", 1)[-1]
        sentence = (last[:1].isupper() and last[1:2].islower()) or labels[-1] in word_suffixes()
        marked = bool(schemed) or bool(path) or host.startswith("www.")
        registrable = ".".join(labels[-known - 1 :]) if known else host
        found.append((host, registrable, before != "@" and (marked or not sentence)))
    return found


def plain_suffix(labels: list[str]) -> int:
    """Return how many labels a host's public suffix has, 0 for none known."""
    plain, wild, exempt = suffix_rules()
    known = 0
    for k in range(1, min(len(labels), 6) + 1):
        if ".".join(labels[-k:]) in plain or (k > 1 and ".".join(labels[1 - k :]) in wild):
            known = k
    for k in range(2, min(len(labels), 6) + 1):
        if ".".join(labels[-k:]) in exempt:
            known = k - 1
    return known


def plain_score(model: Model, skeleton: str, shape: Row) -> float:
    """Return the classifier's score of one text."""
    codes = [0, *(48 if "0" <= c <= "9" else ord(c) for c in skeleton), 0]
    buckets = set()
    for at in range(len(codes)):
        value = 2166136261
        for size in range(1, max(SIZES) + 1):
            if at + size > len(codes):
                break
            value = ((value ^ codes[at + size - 1]) * 16777619) & 0xFFFFFFFF
            if size in SIZES:
                buckets.add((((value ^ (value >> 15)) * 0x2C1B3C6D) & 0xFFFFFFFF) >> (32 - BITS))
    total = math.fsum(float(model.weights[bucket]) for bucket in buckets) / math.sqrt(max(len(buckets), 1))
    before = 0
    for name, edges in BINS:
        total += SHAPE_SCALE * float(model.shapes[before + sum(shape[name] >= edge for edge in edges)])
        before += len(edges) + 1
    return 1 / (1 + math.exp(-max(-500.0, min(500.0, model.slope * (total + model.bias - model.midpoint)))))


def plain_turned(value: int) -> list[int]:
    """Return a picture's hash and, bit by bit, what it would be when turned and mirrored in the seven other ways."""
    forms = []
    for swapped in (False, True):
        for by_row in (False, True):
            for by_column in (False, True):
                form = 0
                for row in range(16):
                    for column in range(16):
                        changed = (by_row and row % 2 == 0) ^ (by_column and column % 2 == 0)
                        bit = (value >> (16 * row + column) & 1) ^ changed
                        form |= bit << (16 * column + row if swapped else 16 * row + column)
                forms.append(form)
    return forms


class PlainLists:
    """All lists as a loop holds them."""

    def __init__(self, lists: Lists) -> None:  # noqa: C901 - one case a kind
        import ahocorasick

        self._automaton = ahocorasick.Automaton()
        rows: dict[str, list[tuple[int, bool, int, int]]] = defaultdict(list)
        self._sets: dict[str, dict[Any, list[int]]] = {kind: {} for kind in ("domains", "hashes")}
        self._patterns: list[tuple[int, re.Pattern[str]]] = []
        self._pdq: list[tuple[int, int, int]] = []
        self._texts: list[tuple[int, int, set[str]]] = []
        self._prints: dict[str, list[int]] = defaultdict(list)
        for owner, each in enumerate(lists.lists):
            match each.kind:
                case "phrases":
                    self._take_phrases(owner, each, rows)
                case "domains":
                    if each.spelled_dots:
                        raise TypeError("the plain loop takes no word for a dot")
                    for entry in each.entries:
                        self._sets["domains"].setdefault(entry, []).append(owner)
                case "hashes":
                    for entry in each.entries:
                        self._sets["hashes"].setdefault(bytes.fromhex(entry), []).append(owner)
                case "pdq":
                    for entry in each.entries:
                        forms = plain_turned(int(entry, 16)) if each.turned else [int(entry, 16)]
                        self._pdq += [(owner, each.distance, form) for form in forms]
                case "patterns":
                    flags = re.MULTILINE | (re.IGNORECASE if each.caseless else 0)
                    self._patterns += [(owner, re.compile(entry, flags)) for entry in each.entries]
                case "texts":
                    self._take_texts(owner, each)
        for form, found in rows.items():
            self._automaton.add_word(form, (form, found))
        if rows:
            self._automaton.make_automaton()
        self._forms = len(rows)
        self._chunks: list[dict[int, list[int]]] = [defaultdict(list) for _ in range(16)]
        for number, (_, _, value) in enumerate(self._pdq):
            for i in range(16):
                self._chunks[i][(value >> (16 * i)) & 0xFFFF].append(number)

    @staticmethod
    def _take_phrases(owner: int, each: ScreeningList, rows: dict[str, list[tuple[int, bool, int, int]]]) -> None:
        if each.spelling != "plain":
            raise TypeError("the plain loop undoes no spellings")
        for entry in each.entries:
            form, plain = plain_fold(plain_compatible(entry))
            letters = sum(_characters().kind[ord(c)] == LETTER for c in plain)
            row = (owner, each.match == "words", _scripts(plain), letters)
            if row not in rows[form]:
                rows[form].append(row)

    def _take_texts(self, owner: int, each: ScreeningList) -> None:
        for entry in each.entries:
            form, _ = plain_fold(plain_compatible(entry))
            prints = plain_prints(form)
            for print_ in prints:
                self._prints[print_].append(len(self._texts))
            anchors = plain_prints(form, ANCHOR_LETTERS)
            self._texts.append((owner, math.ceil(len(prints) * SHARE), anchors))

    def hits(self, skeleton: str, plain: str, compat: str, hosts: Iterable[str], media: Iterable[Row]) -> Counter[int]:
        """Return hits by list of one post."""
        found: Counter[int] = Counter(owner for _, owner in self._phrase_hits(skeleton, plain))
        found.update(owner for owner, pattern in self._patterns if pattern.search(compat))
        for host in dict.fromkeys(hosts):
            labels = host.split(".")
            owners: set[int] = set()
            for k in range(2, min(len(labels), PARENTS_MAX) + 1):
                owners.update(self._sets["domains"].get(".".join(labels[-k:]), ()))
            found.update(owners)
        shared: Counter[int] = Counter()
        for print_ in plain_prints(skeleton):
            shared.update(self._prints.get(print_, ()))
        anchors = plain_prints(skeleton, ANCHOR_LETTERS)
        for text, count in shared.items():
            owner, needed, wanted = self._texts[text]
            if count >= needed and len(wanted & anchors) >= math.ceil(ANCHOR_SHARE * len(wanted)):
                found[owner] += 1
        for item in media:
            found.update(self._medium_hits(item))
        return found

    def _medium_hits(self, item: Row) -> set[int]:
        owners: set[int] = set()
        for name in ("sha256", "md5"):
            if item.get(name):
                owners.update(self._sets["hashes"].get(bytes.fromhex(item[name]), ()))
        for picture in (item.get("pdq"), *(item.get("turned") or ())):
            if picture:
                owners.update(self._near(int(picture, 16)))
        return owners

    def _phrase_hits(self, skeleton: str, plain: str) -> set[tuple[int, int]]:
        hits = set()
        for last, (form, rows) in self._automaton.iter(skeleton) if self._forms else ():
            start, end = last - len(form) + 1, last + 1
            scripts = _scripts(plain[start:end])
            whole = _whole(plain, start, end)
            for owner, words, wanted, letters in rows:
                foreign = wanted & scripts == 0 and wanted and scripts and letters < FAKE_LETTERS_MIN
                if (whole or not words) and not foreign:
                    hits.add((start, owner))
        return hits

    def _near(self, value: int) -> set[int]:
        owners = set()
        for i in range(16):
            chunk = (value >> (16 * i)) & 0xFFFF
            for wanted in (chunk, *(chunk ^ (1 << bit) for bit in range(16))):
                for number in self._chunks[i].get(wanted, ()):
                    owner, distance, listed = self._pdq[number]
                    if (listed ^ value).bit_count() <= distance:
                        owners.add(owner)
        return owners


def plain_letters(skeleton: str) -> str:
    """Return one text's letters alone."""
    kind = _characters().kind
    return "".join(c for c in skeleton if kind[ord(c)] in (LETTER, UNSPACED))


def plain_prints(skeleton: str, length: int = LETTERS) -> set[str]:
    """Return the different runs of five letters of one text's letters alone."""
    letters = plain_letters(skeleton)
    return {letters[i : i + length] for i in range(len(letters) - length + 1)}


def _scripts(plain: str) -> int:
    bits = 0
    for c in plain:
        bits |= _characters().script[ord(c)]
    return bits


def _whole(plain: str, start: int, end: int) -> bool:
    kind = _characters().kind

    def parted(one: str, other: str) -> bool:
        return not one or not other or kind[ord(one)] not in (LETTER, DIGIT) or kind[ord(one)] != kind[ord(other)]

    return parted(plain[start : start + 1], plain[max(start - 1, 0) : start]) and parted(
        plain[end - 1 : end], plain[end : end + 1]
    )


class PlainWindow:
    """Counts over the sliding day, post by post."""

    def __init__(self) -> None:
        self._clock = -(1 << 40)
        self._hours: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        self._counts: Counter[tuple[Any, ...]] = Counter()
        self._partners: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)

    def add(self, post: Row, skeleton: str, domains: Iterable[str] = ()) -> Row:
        """Take in one post; return its counts."""
        posted: datetime = post["posted_at"]
        self._clock = max(self._clock, int(posted.timestamp()) // 3600)
        for hour in [hour for hour in self._hours if hour <= self._clock - WINDOW_HOURS]:
            for key, partner in self._hours.pop(hour):
                self._counts[key] -= 1
                if partner is not None:
                    self._partners[key][partner] -= 1
        author, channel = post["author_id"], post["channel_id"]
        text = skeleton if len(skeleton) >= SAME_TEXT_CHARACTERS_MIN else None
        letters = plain_letters(skeleton)
        letters = letters if len(letters) >= SAME_TEXT_CHARACTERS_MIN else ""
        return {
            "author_posts": self._count(("author", author), None) if author is not None else 0,
            "channel_posts": self._count(("channel", channel), None) if channel is not None else 0,
            "same_text_posts": self._count(("text", text), None) if text else 0,
            "same_text_authors": self._variety(("authors", text), author) if text else 0,
            "same_text_channels": self._variety(("channels", text), channel) if text else 0,
            "alike_text_posts": self._count(("letters", letters), None) if letters else 0,
            "domain_posts": max((self._count(("domain", domain), None) for domain in set(domains)), default=0),
        }

    def _count(self, key: tuple[Any, ...], partner: str | None) -> int:
        self._hours[self._clock].append((key, partner))
        self._counts[key] += 1
        return self._counts[key]

    def _variety(self, key: tuple[Any, ...], partner: str | None) -> int:
        if partner is not None:
            self._count(key, partner)
            self._partners[key][partner] += 1
        return sum(count > 0 for count in self._partners[key].values())


def plain_signals(post: Row, lists: Lists, plain: PlainLists, model: Model, window: PlainWindow) -> Row:
    """Return the signals of one post, but those that only a rule's author would name apart (unclaimed_list_hits)."""
    text = post["text"] or ""
    compat = plain_compatible(text)
    skeleton, folded = plain_fold(compat)
    hosts = plain_hosts(compat)
    shape = plain_shape(text, compat)
    shape["link_count"] = sum(link for _, _, link in hosts)
    shape["domain_count"] = len({registrable for _, registrable, link in hosts if link})
    hits = plain.hits(skeleton, folded, compat, (host for host, _, _ in hosts), post["media"] or ())
    created = post["author_created_at"]
    return {
        "kind": post["kind"],
        "lang": post["lang"],
        "country": post["country"],
        "channel_members": post["channel_members"],
        "media_count": len(post["media"] or ()),
        "forwarded": post["forwarded_from"] is not None,
        "author_age_days": None if created is None else (post["posted_at"] - created).total_seconds() / 86400,
        **shape,
        **window.add(post, skeleton, (registrable for _, registrable, link in hosts if link)),
        "spam_score": plain_score(model, skeleton, shape),
        "list_hits": hits.total(),
        "lists_hit": len(hits),
        **{name: hits[i] for i, name in enumerate(lists.names)},
    }


class PlainScreener:
    """Lists, classifier and rules of a screener, one post after the other."""

    def __init__(self, screener: Screener) -> None:
        self._lists, self._model = screener.lists, screener.model
        self._plain, self._window = PlainLists(screener.lists), PlainWindow()
        self._rules = [(rule, _as_python(rule.condition)) for rule in screener.rules]

    def judge(self, post: Row) -> tuple[str, str, str | None, str]:
        """Return a post's id, verdict, rule and reason."""
        signals = plain_signals(post, self._lists, self._plain, self._model, self._window)
        for rule, holds in self._rules:
            if holds(signals):
                return post["id"], rule.verdict.value, rule.name, rule.because.format_map(signals)
        return post["id"], Verdict.ALLOW.value, None, NO_RULE


def _as_python(condition: Node) -> Callable[[Row], bool]:
    """Return a condition over signals that are known, as the if-statement that one would write."""
    judged: Callable[[Row], bool] = eval(f"lambda v: {_source(condition)}", {})  # noqa: S307 - made from our own tree
    return judged


def _source(node: Node) -> str:
    match node:
        case Column():
            return f"v[{node.name!r}]"
        case Constant():
            return repr(node.value)
        case Compare():
            op = {"=": "==", "<>": "!="}.get(node.op, node.op)
            return f"({_source(node.left)} {op} {_source(node.right)})"
        case Not():
            return f"(not {_source(node.operand)})"
        case AllOf() | AnyOf():
            word = " and " if isinstance(node, AllOf) else " or "
            return f"({word.join(_source(part) for part in node.parts)})"
        case _:
            raise TypeError(f"the plain loop has no {type(node).__name__}")
