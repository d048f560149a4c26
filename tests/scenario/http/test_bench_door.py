"""The benchmark of the HTTP door: small, it runs whole against a server process of its own."""

from pathlib import Path

import pytest

from evenhand.doors.http.bench import bench_door
from evenhand.flow.bench_lists import Load

SMALL = Load(posts=20_040, phrases=50, patterns=8, domains=50, hashes=50, pdq=10, texts=5, rules=8)


@pytest.mark.nightly
def test_both_forms_are_measured(tmp_path: Path) -> None:
    """Posts warm the server up, then each form has a call of its own; every post gets a verdict."""
    figures = bench_door(tmp_path, SMALL, 1, lambda _: None)
    for form in ("ndjson", "arrow"):
        assert figures[f"{form}_posts_per_s"] > 0
        assert figures[f"{form}_processor_us_per_post"] > 0
        assert 0 <= figures[f"{form}_acted_on_share"] <= 1
        assert figures[f"{form}_ratio_to_kernel"] == pytest.approx(
            figures[f"{form}_posts_per_s"] / figures["kernel_posts_per_s"], abs=0.001
        )
        assert figures[f"{form}_processor_share_of_kernel"] > 0
