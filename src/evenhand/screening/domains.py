"""Domains and URLs in texts: found also when written bare, hxxp, [.], (dot) or %65; looked up with their parents."""

import re
import unicodedata
from functools import cache
from importlib import resources
from urllib.parse import unquote

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evenhand.screening.characters import HIDDEN, LETTER, SPACE, tables
from evenhand.screening.distinct import distinct
from evenhand.screening.exact import ExactTable
from evenhand.screening.lookups import Lookup
from evenhand.screening.native.kernel import kernel
from evenhand.screening.normalise import Joined

PARENTS_MAX = 10
HOST_CHARACTERS_MAX = 253
_SUFFIX_LABELS_MAX = 6
_PLAIN, _WILD, _EXEMPT = range(3)
"""Kinds of rules of the public suffix list."""
_RESERVED = frozenset(("example", "invalid", "localhost", "test"))

# Letters of scripts written without spaces would glue the words before a domain to it; they have an expression of
# their own, which asks that the last label is in such a script too.
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
_SIGN = rf"[\p{{L}}\p{{M}}\p{{N}}_--{_UNSPACED}]"
_LABEL = rf"{_SIGN}+(?:-+{_SIGN}+)*"
_ANY_LABEL = r"[\p{L}\p{M}\p{N}]+(?:-+[\p{L}\p{M}\p{N}]+)*"
_BEFORE = r"(?:[A-Za-z]{2,8}://(?:[^\s/@]{1,64}@)?|@)?"
_LINK = rf"{_BEFORE}(?:(?:{_LABEL}\.)+{_LABEL}|(?:{_ANY_LABEL}\.)+{_UNSPACED}{{2,}})(?:(?::[0-9]{{1,5}})?/)?"

_DOT = r"(?i)\s*[\[({]\s*(?:\.|dot|punkt|punto|точка)\s*[\])}]\s*"
_WORD_DOT = r"(?i)\s+(?:dot|punkt|punto|точка)\s+"
_SCHEME = r"(?i)\bh(?:xx|\*\*|tt)p(s?)\s*\[?:\]?\s*\[?//\]?"
_ENCODED = r"(?i)://[^\s/?#]*%[0-9a-f]{2}"
"""A host of a link with a percent sign in it: browsers read %65 there as e."""
_AUTHORITY = re.compile(r"(?<=://)([^\s/?#]*@)?([^\s/?#@:]*%[^\s/?#@:]*)")
_NO_HOST = re.compile(r"[\x00-\x20#%/:<>?@\[\\\]^|\x7f]")
"""What no host has, once it is decoded."""
_CANDIDATE = (
    r"(?i)[\p{L}\p{N}][.。][\p{L}\p{N}]|://[^\s/?#]*%[0-9a-f]{2}|[\[({]\s*(?:[.]|dot|punkt|punto|точка)\s*[\])}]"
)


def find_hosts(texts: Joined) -> pl.DataFrame:
    """Return the hosts in texts as `compatible` leaves them.

    Returns:
        Columns row (text, from 0), host (A-labels, lower case) and link (counts as a link: an e-mail address and two
        sentences without a space between do not). A host without scheme must end in a public suffix.
    """
    rows = _maybe(texts)
    frame = pl.DataFrame({"row": rows, "text": texts.only(rows).texts()}, schema={"row": pl.Int64, "text": pl.String})
    return _hosts_in(frame)


def spelled_hosts(texts: pl.Series, known: pl.DataFrame) -> pl.DataFrame:
    """Return the hosts that texts hold only if words between spaces stand for dots; columns as of `find_hosts`.

    Args:
        texts: As `compatible` leaves them.
        known: What `find_hosts` found in them.
    """
    frame = pl.DataFrame({"row": pl.int_range(len(texts), eager=True), "text": texts})
    spelled = frame.filter(pl.col("text").str.contains(_WORD_DOT))
    found = _hosts_in(spelled.with_columns(pl.col("text").str.replace_all(_WORD_DOT, ".")))
    return found.join(known.select("row", "host").unique(), on=["row", "host"], how="anti", maintain_order="left")


def _hosts_in(frame: pl.DataFrame) -> pl.DataFrame:
    frame = frame.filter(pl.col("text").str.contains(_CANDIDATE))
    # Disguised dots are rare, and looking for them is dear.
    maybe = pl.col("text").str.contains(r"[\[({]")
    disguised = frame.filter(maybe).with_columns(pl.col("text").str.replace_all(_DOT, "."))
    frame = pl.concat([frame.filter(~maybe), disguised]).sort("row", maintain_order=True)
    frame = frame.with_columns(pl.col("text").str.replace_all(_SCHEME, "http$1://"))
    encoded = pl.col("text").str.contains(_ENCODED)
    if frame.select(encoded.any()).item():
        undone = pl.col("text").map_elements(undo_percent, return_dtype=pl.String)
        frame = frame.with_columns(pl.when(encoded).then(undone).otherwise("text").alias("text"))
    plain = pl.col("text").str.replace_all("。", ".", literal=True)
    found = frame.select("row", plain.str.extract_all(_LINK).alias("link")).explode("link", empty_as_null=True)
    found = found.drop_nulls("link").with_columns(
        pl.col("link").str.extract(r"^(?:[A-Za-z]+://(?:[^\s/@]*@)?|@)?([^:/]+)").alias("spelled"),
        pl.col("link").str.contains("://").alias("schemed"),
        pl.col("link").str.ends_with("/").alias("path"),
        pl.col("link").str.starts_with("@").alias("mail"),
    )
    found = found.with_columns(a_label_hosts(found["spelled"]).alias("host"))
    found = found.filter(pl.col("host").str.len_bytes().is_between(4, HOST_CHARACTERS_MAX))
    return found.join(suffixes(found["host"]), on="host", how="left", maintain_order="left").pipe(_judged)


def undo_percent(text: str) -> str:
    """Return a text with the percent-encoded hosts of its links as browsers read them: decoded once, then in NFKC.

    What would be no host then, as browsers refuse it, stays as it is.
    """
    return _AUTHORITY.sub(_decoded, text)


def _decoded(found: re.Match[str]) -> str:
    plain = unicodedata.normalize("NFKC", unquote(found.group(2), errors="replace"))
    host = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")  # as hidden in hosts as elsewhere
    return found.group(0) if _NO_HOST.search(host) else (found.group(1) or "") + host


def _maybe(texts: Joined) -> NDArray[np.int64]:
    """Return the texts that may hold a host: a dot between letters, or a bracket before what may stand for a dot."""
    codes, kind = texts.codes, tables().kind
    if (native := kernel()) is not None:
        return np.flatnonzero(native.may_hold_hosts(codes, texts.starts, texts.ends, kind))
    dots = np.flatnonzero((codes == ord(".")) | (codes == ord("。")))
    within = [(kind[codes[dots + side]] >= LETTER) & (kind[codes[dots + side]] <= HIDDEN) for side in (-1, 1)]
    brackets = np.flatnonzero((codes == ord("[")) | (codes == ord("(")) | (codes == ord("{")))
    after = codes[brackets + 1]
    disguised = (kind[after] == SPACE) | np.isin(after, _DISGUISES)
    signs = np.flatnonzero(codes[:-2] == ord("%"))
    encoded = signs[_HEX[np.minimum(codes[signs + 1], 127)] & _HEX[np.minimum(codes[signs + 2], 127)]]
    return distinct(texts.row_of(np.concatenate((dots[within[0] & within[1]], brackets[disguised], encoded))))


_HEX = np.isin(np.arange(128), [ord(letter) for letter in "0123456789abcdefABCDEF"])
_DISGUISES = np.array([ord(letter) for letter in ".dDpPтТ"], np.uint32)
"""With what the words begin that are written for a dot."""


def _judged(found: pl.DataFrame) -> pl.DataFrame:
    """Keep what is a host; tell which of them are links."""
    last = pl.col("spelled").str.extract(r"([^.]+)$")
    marked = pl.col("schemed") | pl.col("path") | pl.col("host").str.starts_with("www.")
    sentence = last.str.contains(r"^\p{Lu}\p{Ll}") | pl.col("host").str.extract(r"([^.]+)$").is_in(
        list(word_suffixes())
    )
    kept = found.filter(pl.col("schemed") | (pl.col("suffix_labels") > 0))
    return kept.select("row", "host", "registrable", link=~pl.col("mail") & (marked | ~sentence))


def suffixes(hosts: pl.Series) -> pl.DataFrame:
    """Return for each different host how many labels its public suffix has (0: none known), and the domain above it.

    Returns:
        Columns host, suffix_labels and registrable (the suffix and one label more; the host itself without suffix).

    Source:
        The algorithm of publicsuffix.org, on its list as publicsuffixlist bundles it, private domains included.
    """
    names = hosts.unique()
    labels = names.str.split(".")
    sizes = labels.list.len().cast(pl.Int64).to_numpy()
    known = np.zeros(len(names), np.int64)
    size, place, kind = _parents(labels, range(1, _SUFFIX_LABELS_MAX + 1), _suffix_table())
    # A wildcard's suffix is a label longer than its name, an exception's one shorter.
    found = size + np.where(kind == _WILD, 1, np.where(kind == _EXEMPT, -1, 0))
    for chosen in (kind != _EXEMPT, kind == _EXEMPT):
        fits = chosen & (found <= sizes[place])
        order = np.argsort(found[fits], kind="stable")
        known[place[fits][order]] = found[fits][order]
    frame = pl.DataFrame({"host": names, "labels": labels, "suffix_labels": known})
    registrable = pl.col("labels").list.tail(pl.col("suffix_labels") + 1).list.join(".")
    whole = pl.when(pl.col("suffix_labels") > 0).then(registrable).otherwise(pl.col("host"))
    return frame.select("host", "suffix_labels", whole.alias("registrable"))


def _parents(
    labels: pl.Series, sizes: range, table: Lookup
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return (labels, host, owner) for each of the hosts' endings of so many labels that a table holds."""
    longest = max(int(labels.list.len().max() or 0), 1)  # type: ignore[arg-type]
    chosen = [k for k in sizes if k <= longest]
    # A host with fewer labels would be asked for again.
    tails = pl.select(
        pl.when(labels.list.len() >= k).then(labels.list.tail(k).list.join(".")).alias(str(k)) for k in chosen
    )
    places, owners = table.find(pl.concat([pl.Series(dtype=pl.String), *(tail.rename("") for tail in tails)]))
    return np.array(chosen, np.int64)[places // len(labels)], places % len(labels), owners


def count_domains(hosts: pl.DataFrame, table: Lookup, rows: int, lists: int) -> NDArray[np.int64]:
    """Return hits by post and list, `rows` by `lists`; see `domain_hits`."""
    found, owners = domain_hits(hosts, table)
    return np.bincount(found * lists + owners, minlength=rows * lists).astype(np.int64).reshape(rows, lists)


def domain_hits(hosts: pl.DataFrame, table: Lookup) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (post, list): each different host that a list holds, itself or a parent, counts once for it.

    Args:
        hosts: As `find_hosts` returns them.
        table: Domains in A-labels.
    """
    if not len(table) or not len(hosts):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    pairs = hosts.select("row", "host").unique(maintain_order=True)
    labels = pairs["host"].str.split(".")
    _, places, owners = _parents(labels, range(2, PARENTS_MAX + 1), table)
    width = int(owners.max(initial=0)) + 1
    once = distinct(places * width + owners)
    return pairs["row"].to_numpy()[once // width].astype(np.int64), once % width


def a_label_host(host: str) -> str:
    """Return a host in lower case with its labels in ASCII (punycode), as the name system knows it."""
    return ".".join(_a_label(label) for label in host.lower().split("."))


def _a_label(label: str) -> str:
    # The label is NFKC and lower case already; ß stays ß, as browsers have it (UTS 46, non-transitional).
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")


def a_label_hosts(hosts: pl.Series) -> pl.Series:
    """Return all hosts in A-labels; only the different ones that are not ASCII are looked at one by one."""
    lower = hosts.str.to_lowercase()
    rare = [host for host in lower.unique().drop_nulls() if not host.isascii()]
    return lower.replace({host: a_label_host(host) for host in rare}) if rare else lower


@cache
def suffix_rules() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Return the public suffix list's plain, wildcard ("*." left out) and exception rules in A-labels.

    With them the endings that RFC 2606 keeps for tests and examples: a list is tried with such domains first.
    """
    text = resources.files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text("utf-8")
    rules = [a_label_host(line.split()[0]) for line in text.splitlines() if line.strip() and not line.startswith("//")]
    plain = _RESERVED.union(rule for rule in rules if not rule.startswith(("*.", "!")))
    wild = frozenset(rule[2:] for rule in rules if rule.startswith("*."))
    return plain, wild, frozenset(rule[1:] for rule in rules if rule[0] == "!")


@cache
def _suffix_table() -> ExactTable:
    rules = [sorted(part) for part in suffix_rules()]
    kinds = np.repeat(np.array([_PLAIN, _WILD, _EXEMPT], np.int64), [len(part) for part in rules])
    return ExactTable(pl.Series([rule for part in rules for rule in part], dtype=pl.String), kinds)


@cache
def word_suffixes() -> frozenset[str]:
    """Return the suffixes that are words too, and end a sentence more often than a domain."""
    text = resources.files("evenhand.screening").joinpath("word_suffixes.txt").read_text("utf-8")
    return frozenset(" ".join(line for line in text.splitlines() if not line.startswith("#")).split())


def is_domain(entries: pl.Series) -> pl.Series:
    """Tell which entries of a list look like domains: labels and dots, ending in a public suffix."""
    hosts = a_label_hosts(entries.str.strip_chars().str.replace(r"^\*\.", ""))
    shaped = hosts.str.contains(r"^[a-z0-9_-]+(?:\.[a-z0-9_-]+)+$")
    known = pl.DataFrame({"host": hosts}).join(suffixes(hosts), on="host", how="left", maintain_order="left")
    return shaped & (known["suffix_labels"] > 0)
