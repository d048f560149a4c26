"""What was restored on appeal meets a machine's verdict in columns as it would in a plain loop."""

import polars as pl
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from evenhand.screening.spared import RESTORED_SCHEMA, acting, overturned

_NAMES = st.sampled_from(["a", "b", "c"])
_ROW = st.tuples(_NAMES, _NAMES, st.none() | _NAMES, st.none() | _NAMES)
_n = enumerate
_ROWS = pl.Schema(
    {"row": pl.UInt32, "rule": pl.String, "category": pl.String, "content": pl.Binary, "person": pl.Binary}
)
_KEPT = st.tuples(_NAMES, _NAMES, _NAMES, _NAMES)


@given(rows=st.lists(_ROW, max_size=12), kept=st.lists(_KEPT, max_size=8))
def test_columns_say_what_a_loop_says(
    rows: list[tuple[str, str, str | None, str | None]], kept: list[tuple[str, str, str, str]]
) -> None:
    """Same content, same person, and the same rule or category: the first restoration of these, one a row."""
    wanted = {}
    for n, (content, person, rule, category) in enumerate(rows):
        for place, (there, who, its_rule, its_category) in enumerate(kept):
            if (content, person) == (there, who) and (rule == its_rule or category == its_category):
                wanted.setdefault(2 * n, place)
    met = [(2 * n, rule, category, one.encode(), person.encode()) for n, (one, person, rule, category) in _n(rows)]
    kept_rows = [(one.encode(), person.encode(), rule, category, n) for n, (one, person, rule, category) in _n(kept)]
    frame = pl.DataFrame(met, schema=_ROWS, orient="row")
    restored = pl.DataFrame(kept_rows, schema=RESTORED_SCHEMA, orient="row")
    assert dict(overturned(frame, restored).rows()) == wanted


@given(st.lists(st.sampled_from(["allow", "review", "remove", "restrict", "label"]), max_size=12))
def test_only_what_a_machine_would_do_is_looked_at(verdicts: list[str]) -> None:
    """What is allowed or goes to a person anyway is nobody's second decision."""
    table = pa.table({"verdict": pa.array(verdicts, pa.string())})
    assert acting(table) == [n for n, one in enumerate(verdicts) if one not in ("allow", "review")]
