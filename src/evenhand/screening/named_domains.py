"""Domains that posts name, as keyed numbers: what a list of domains that comes later is compared with."""

import numpy as np
import polars as pl
import pyarrow as pa

from evenhand.screening.domains import PARENTS_MAX, find_hosts
from evenhand.screening.normalise import as_joined, compatible, join
from evenhand.screening.pseudonyms import Pseudonyms

_NO_HOSTS = pl.DataFrame(schema={"row": pl.Int64, "host": pl.String})


def named_domains(texts: pl.Series, links: pl.Series, pseudonyms: Pseudonyms) -> pl.Series:
    """Return for each post the pseudonyms of the hosts that it names and of their parents; an empty list for none.

    Args:
        texts: As they were sent; nulls are empty.
        links: How many links screening found in each: only these texts are read again, and those with an @.
        pseudonyms: Under the archive's key.
    """
    rows = ((links > 0) | texts.str.contains("@", literal=True).fill_null(value=False)).arg_true()
    # Only the form that hosts are found in: folding for comparison costs more than all else here.
    hosts = (
        find_hosts(as_joined(compatible(join(texts.gather(rows))))).select("row", "host").unique()
        if len(rows)
        else _NO_HOSTS
    )
    ends = pl.DataFrame(
        [(host, end) for host in hosts["host"].unique() for end in _endings(host)],
        schema={"host": pl.String, "end": pl.String},
        orient="row",
    )
    numbers = ends.select("host", number=pseudonyms.of(ends["end"], "domain"))
    named = hosts.join(numbers, on="host").select("row", "number").unique().sort("row", "number")
    posts = rows.to_numpy()[named["row"].to_numpy()]
    offsets = np.concatenate(([0], np.cumsum(np.bincount(posts, minlength=len(texts)))))
    lists = pa.LargeListArray.from_arrays(pa.array(offsets), named["number"].to_arrow())
    return pl.Series("numbers", lists, dtype=pl.List(pl.UInt64))


def _endings(host: str) -> list[str]:
    """Return a host and its parents of two labels or more, as a list of domains matches them."""
    labels = host.split(".")
    return [".".join(labels[-size:]) for size in range(2, min(len(labels), PARENTS_MAX) + 1)]


def numbers_of(domains: pl.Series, pseudonyms: Pseudonyms) -> pl.Series:
    """Return the numbers under which domains (A-labels) stand in the archive."""
    return pseudonyms.of(domains, "domain")
