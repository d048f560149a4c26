"""Domains and URLs in texts: found also when written bare, hxxp, [.] or (dot); looked up with their parents."""

from functools import cache
from importlib import resources

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evenhand.screening.exact import ExactTable
from evenhand.screening.normalise import as_joined

PARENTS_MAX = 10
HOST_CHARACTERS_MAX = 253

# Letters of scripts written without spaces would glue the words before a domain to it; they have an expression of
# their own, which asks that the last label is in such a script too.
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
_SIGN = rf"[\p{{L}}\p{{M}}\p{{N}}_--{_UNSPACED}]"
_LABEL = rf"{_SIGN}+(?:-+{_SIGN}+)*"
_ANY_LABEL = r"[\p{L}\p{M}\p{N}]+(?:-+[\p{L}\p{M}\p{N}]+)*"
_BEFORE = r"(?:[A-Za-z]{2,8}://(?:[^\s/@]{1,64}@)?|@)?"
_LINK = rf"{_BEFORE}(?:(?:{_LABEL}\.)+{_LABEL}|(?:{_ANY_LABEL}\.)+{_UNSPACED}{{2,}})(?:(?::[0-9]{{1,5}})?/)?"

_DOT = r"(?i)\s*[\[({]\s*(?:\.|dot|punkt|punto|точка)\s*[\])}]\s*"
_SCHEME = r"(?i)\bh(?:xx|\*\*|tt)p(s?)\s*\[?:\]?\s*\[?//\]?"
_CANDIDATE = r"(?i)[\p{L}\p{N}][.。][\p{L}\p{N}]|[\[({]\s*(?:[.]|dot|punkt|punto|точка)\s*[\])}]"


def find_hosts(compat: str) -> pl.DataFrame:
    """Return the hosts in joined texts as `compatible` leaves them.

    Returns:
        Columns row (text, from 0), host (A-labels, lower case) and link (counts as a link: an e-mail address and two
        sentences without a space between do not). A host without scheme must end in a public suffix.
    """
    texts = as_joined(compat).texts()
    frame = pl.DataFrame({"row": np.arange(len(texts)), "text": texts}).filter(pl.col("text").str.contains(_CANDIDATE))
    plain = pl.col("text").str.replace_all(_DOT, ".").str.replace_all(_SCHEME, "http$1://").str.replace_all("。", ".")
    found = frame.select("row", plain.str.extract_all(_LINK).alias("link")).explode("link", empty_as_null=True)
    found = found.drop_nulls("link").with_columns(
        pl.col("link").str.extract(r"^(?:[A-Za-z]+://(?:[^\s/@]*@)?|@)?([^:/]+)").alias("spelled"),
        pl.col("link").str.contains("://").alias("schemed"),
        pl.col("link").str.ends_with("/").alias("path"),
        pl.col("link").str.starts_with("@").alias("mail"),
    )
    found = found.with_columns(_a_labels(found["spelled"]).alias("host"))
    found = found.filter(pl.col("host").str.len_bytes().is_between(4, HOST_CHARACTERS_MAX))
    return found.join(suffixes(found["host"]), on="host", how="left", maintain_order="left").pipe(_judged)


def _judged(found: pl.DataFrame) -> pl.DataFrame:
    """Keep what is a host; tell which of them are links."""
    last = pl.col("spelled").str.extract(r"([^.]+)$")
    marked = pl.col("schemed") | pl.col("path") | pl.col("host").str.starts_with("www.")
    sentence = last.str.contains(r"^\p{Lu}\p{Ll}") | pl.col("host").str.extract(r"([^.]+)$").is_in(_word_suffixes())
    kept = found.filter(pl.col("schemed") | (pl.col("suffix_labels") > 0))
    return kept.select("row", "host", "registrable", link=~pl.col("mail") & (marked | ~sentence))


def suffixes(hosts: pl.Series) -> pl.DataFrame:
    """Return for each different host how many labels its public suffix has (0: none known), and the domain above it.

    Returns:
        Columns host, suffix_labels and registrable (the suffix and one label more; the host itself without suffix).

    Source:
        The algorithm of publicsuffix.org, on its list as publicsuffixlist bundles it, private domains included.
    """
    plain, wild, exempt = _public_suffixes()
    frame = pl.DataFrame({"host": hosts.unique()}).with_columns(pl.col("host").str.split(".").alias("labels"))
    known = pl.lit(0, pl.Int64)
    for k in range(1, 7):
        tail = pl.col("labels").list.tail(k).list.join(".")
        rules = tail.is_in(plain) | (pl.col("labels").list.tail(k - 1).list.join(".").is_in(wild) if k > 1 else False)
        fits = (pl.col("labels").list.len() >= k) & rules
        known = pl.when(fits).then(pl.lit(k, pl.Int64)).otherwise(known)
    for k in range(2, 7):
        tail = pl.col("labels").list.tail(k).list.join(".")
        known = (
            pl.when((pl.col("labels").list.len() >= k) & tail.is_in(exempt))
            .then(pl.lit(k - 1, pl.Int64))
            .otherwise(known)
        )
    frame = frame.with_columns(known.alias("suffix_labels"))
    registrable = pl.col("labels").list.tail(pl.col("suffix_labels") + 1).list.join(".")
    whole = pl.when(pl.col("suffix_labels") > 0).then(registrable).otherwise(pl.col("host"))
    return frame.select("host", "suffix_labels", whole.alias("registrable"))


def count_domains(hosts: pl.DataFrame, table: ExactTable, rows: int, lists: int) -> NDArray[np.int64]:
    """Return hits by post and list: each different host that a list holds, itself or a parent, counts once for it.

    Args:
        hosts: As `find_hosts` returns them.
        table: Domains in A-labels.
        rows: Rows of the result.
        lists: Columns of the result.
    """
    hits = np.zeros((rows, lists), np.int64)
    if not len(table) or not len(hosts):
        return hits
    pairs = hosts.select("row", "host").unique(maintain_order=True)
    labels = pairs["host"].str.split(".")
    places, owners = [], []
    for k in range(2, PARENTS_MAX + 1):
        # A host with fewer labels would be asked for again.
        tail = pl.select(pl.when(labels.list.len() >= k).then(labels.list.tail(k).list.join("."))).to_series()
        place, owner = table.find(tail)
        places.append(place)
        owners.append(owner)
    once = np.unique(np.concatenate(places) * lists + np.concatenate(owners))
    np.add.at(hits, (pairs["row"].to_numpy()[once // lists], once % lists), 1)
    return hits


def a_label_host(host: str) -> str:
    """Return a host in lower case with its labels in ASCII (punycode), as the name system knows it."""
    return ".".join(_a_label(label) for label in host.lower().split("."))


def _a_label(label: str) -> str:
    # The label is NFKC and lower case already; ß stays ß, as browsers have it (UTS 46, non-transitional).
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")


def _a_labels(hosts: pl.Series) -> pl.Series:
    """Return all hosts in A-labels; only the different ones that are not ASCII are looked at one by one."""
    lower = hosts.str.to_lowercase()
    rare = [host for host in lower.unique().drop_nulls() if not host.isascii()]
    return lower.replace({host: a_label_host(host) for host in rare}) if rare else lower


@cache
def _public_suffixes() -> tuple[list[str], list[str], list[str]]:
    """Return the list's plain, wildcard ("*." left out) and exception rules in A-labels."""
    text = resources.files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text("utf-8")
    rules = [a_label_host(line.split()[0]) for line in text.splitlines() if line.strip() and not line.startswith("//")]
    plain = [rule for rule in rules if not rule.startswith(("*.", "!"))]
    return plain, [rule[2:] for rule in rules if rule.startswith("*.")], [rule[1:] for rule in rules if rule[0] == "!"]


@cache
def _word_suffixes() -> list[str]:
    text = resources.files("evenhand.screening").joinpath("word_suffixes.txt").read_text("utf-8")
    return " ".join(line for line in text.splitlines() if not line.startswith("#")).split()


def is_domain(entries: pl.Series) -> pl.Series:
    """Tell which entries of a list look like domains: labels and dots, ending in a public suffix."""
    hosts = _a_labels(entries.str.strip_chars().str.replace(r"^\*\.", ""))
    shaped = hosts.str.contains(r"^[a-z0-9_-]+(?:\.[a-z0-9_-]+)+$")
    known = pl.DataFrame({"host": hosts}).join(suffixes(hosts), on="host", how="left", maintain_order="left")
    return shaped & (known["suffix_labels"] > 0)
