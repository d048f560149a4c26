"""What screening says of a batch of posts."""

from dataclasses import dataclass

import polars as pl
import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Screened:
    """What screening says of a batch.

    Attributes:
        verdicts: VERDICT_SCHEMA, a row a post.
        signals: A column a signal, a row a post.
        hosts: Columns row (post) and host: each different host that a post names.
    """

    verdicts: pa.Table
    signals: pl.DataFrame
    hosts: pl.DataFrame
