"""Which verdicts a person has already overturned: content that was restored on appeal, from whoever posted it. Pure.

Columns in, columns out; the few rows that meet something are handed back by their place in the batch.
"""

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from evenhand.vocabulary.post import Verdict

ACTING = (Verdict.REMOVE.value, Verdict.RESTRICT.value, Verdict.LABEL.value)
"""Verdicts that a machine carries out by itself."""
_ACTING = pa.array(ACTING)
RESTORED_SCHEMA = pl.Schema(
    {"content": pl.Binary, "person": pl.Binary, "rule": pl.String, "category": pl.String, "place": pl.UInt32}
)
"""What was restored: its content's hash, a hash of who posted it, by which rule and for what it had been restricted."""


def acting(verdicts: pa.Table) -> list[int]:
    """Return the rows of the verdicts (VERDICT_SCHEMA) that a machine would carry out."""
    found = pc.is_in(verdicts.column("verdict"), value_set=_ACTING)
    return pc.indices_nonzero(found).to_pylist()  # type: ignore[no-any-return] # numbers


def overturned(rows: pl.DataFrame, restored: pl.DataFrame) -> pl.DataFrame:
    """Return row and place for each row that is about restored content: one a row, the first place.

    The same words of somebody else are another matter, and so is another ground: it must be the same content of the
    same person, met by the same rule or for the same category, whatever the version.

    Args:
        rows: row, rule, category, content, person.
        restored: RESTORED_SCHEMA.
    """
    met = rows.join(restored, on=["content", "person"], suffix="_then")
    # Bans' rules and lists' have names; a null never equals another.
    same = (pl.col("rule") == pl.col("rule_then")) | (pl.col("category") == pl.col("category_then"))
    return met.filter(same).group_by("row").agg(pl.col("place").min()).sort("row")
