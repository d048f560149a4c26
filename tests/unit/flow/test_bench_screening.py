"""The benchmark of screening: small, it runs whole, its figures are there, and a loop that errs is caught."""

from pathlib import Path

import pytest
from tests.realdata import real_data

from evenhand.flow import bench_screening as bench
from evenhand.flow.bench_lists import Load
from evenhand.flow.bench_posts import sentences
from evenhand.vocabulary.errors import Fatal

SMALL = Load(posts=600, phrases=200, patterns=16, domains=200, hashes=500, pdq=100, texts=20, rules=8)


@pytest.mark.nightly
def test_the_figures_are_there_and_the_verdicts_identical(tmp_path: Path) -> None:
    """Kernel and loop judge the same posts alike; every figure is a number with its unit in its name."""
    figures = bench.bench_screening(tmp_path, SMALL, 200, None, lambda _: None)
    assert figures["loop_posts"] == 200
    assert figures["identical_verdicts"] == 400, "as many again, of which rules act on most, are compared"
    assert figures["ratio"] == pytest.approx(figures["posts_per_s_1core"] / figures["loop_posts_per_s"])
    assert set(figures["stage_s"]) == set(figures["stage_us_per_post"]) >= {"normalise", "phrases", "hashes", "rules"}
    for name in ("posts_per_s_2core", "startup_s", "compile_s", "peak_rss_mib", "rules_10x_cost", "phrases_10x_cost"):
        assert figures[name] > 0


@pytest.mark.nightly
def test_other_verdicts_are_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: when the two differ in one post, the benchmark fails and shows it."""
    run = bench._in_process

    def lying(task: object, *args: object) -> dict[str, object]:
        found = run(task, *args)  # type: ignore[arg-type]
        if task is bench._loop:
            found["verdicts"][3] = ("p3", "remove", "no-such-rule", "")
        return found

    monkeypatch.setattr(bench, "_in_process", lying)
    with pytest.raises(Fatal, match="no-such-rule"):
        bench.bench_screening(tmp_path, SMALL, 20, None, lambda _: None)


def test_posts_are_made_of_real_sentences() -> None:
    """Every script of the mix has sentences, with the real messages and without."""
    for messages in (None, real_data("messages.ndjson")):
        assert set(sentences(messages)) == {"latin", "cyrillic", "arabic", "persian", "chinese"}
