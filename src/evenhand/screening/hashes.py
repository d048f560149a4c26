"""Exact hashes of media: SHA-256 and MD5 of what comes with a post, looked up in the lists of hashes."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evenhand.screening.exact import ExactTable


def count_hashes(media: pl.Series, table: ExactTable, lists: int) -> NDArray[np.int64]:
    """Return hits by post and list: each medium whose SHA-256 or MD5 a list holds counts once for that list.

    Args:
        media: The posts' column of lists of structs with sha256 and md5, null or empty where there are none.
        table: Hashes in lower case.
        lists: Columns of the result.
    """
    hits = np.zeros((len(media), lists), np.int64)
    if not len(table):
        return hits
    frame = pl.DataFrame({"row": np.arange(len(media)), "item": media}).filter(pl.col("item").list.len() > 0)
    items = frame.explode("item").with_row_index("place").unnest("item")
    found = [table.find(items[name]) for name in ("sha256", "md5")]
    places = np.concatenate([pair[0] for pair in found])
    owners = np.concatenate([pair[1] for pair in found])
    once = np.unique(places * lists + owners)
    np.add.at(hits, (items["row"].to_numpy()[once // lists], once % lists), 1)
    return hits
