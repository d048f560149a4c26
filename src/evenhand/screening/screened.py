"""What screening says of a batch of posts."""

from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from evenhand.screening.normalise import Joined


@dataclass(frozen=True, slots=True)
class Screened:
    """What screening says of a batch.

    Attributes:
        verdicts: VERDICT_SCHEMA, a row a post.
        signals: A column a signal, a row a post.
        hosts: Columns row (post) and host: each different host that a post names.
        skeleton: The normalised texts, in the batch's order.
    """

    verdicts: pa.Table
    signals: pl.DataFrame
    hosts: pl.DataFrame
    skeleton: Joined
