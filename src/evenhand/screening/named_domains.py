"""Domains that posts name, as keyed numbers: what a list of domains that comes later is compared with."""

import numpy as np
import polars as pl
import pyarrow as pa

from evenhand.screening.domains import PARENTS_MAX
from evenhand.screening.pseudonyms import Pseudonyms


def named_domains(hosts: pl.DataFrame, posts: int, pseudonyms: Pseudonyms) -> pl.Series:
    """Return for each post the pseudonyms of the hosts that it names and of their parents; an empty list for none.

    Args:
        hosts: Columns row (post) and host, as screening found them.
        posts: How many there are.
        pseudonyms: Under the archive's key.
    """
    ends = pl.DataFrame(
        [(host, end) for host in hosts["host"].unique() for end in _endings(host)],
        schema={"host": pl.String, "end": pl.String},
        orient="row",
    )
    numbers = ends.select("host", number=pseudonyms.of(ends["end"], "domain"))
    named = hosts.select("row", "host").join(numbers, on="host").select("row", "number").unique().sort("row", "number")
    offsets = np.concatenate(([0], np.cumsum(np.bincount(named["row"].to_numpy(), minlength=posts))))
    lists = pa.LargeListArray.from_arrays(pa.array(offsets), named["number"].to_arrow())
    return pl.Series("numbers", lists, dtype=pl.List(pl.UInt64))


def _endings(host: str) -> list[str]:
    """Return a host and its parents of two labels or more, as a list of domains matches them."""
    labels = host.split(".")
    return [".".join(labels[-size:]) for size in range(2, min(len(labels), PARENTS_MAX) + 1)]


def numbers_of(domains: pl.Series, pseudonyms: Pseudonyms) -> pl.Series:
    """Return the numbers under which domains (A-labels) stand in the archive."""
    return pseudonyms.of(domains, "domain")
