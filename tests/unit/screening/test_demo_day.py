"""The demo's day: written by its script, varied, ours."""

import importlib.util
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pytest
from tests.realdata import real_data

from evenhand.doors.stream.ndjson_reader import read_ndjson
from evenhand.flow.screen import check_rules, load_screener, screen_posts
from evenhand.flow.shipped import DEMO_LABELLED, DEMO_POSTS

ROOT = Path(__file__).parents[3]


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_demo_day", ROOT / "scripts" / "write_demo_day.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _batches() -> Iterator[pa.RecordBatch]:
    def refuse(line: int, field: str, reason: str) -> None:
        pytest.fail(f"line {line}: {field}: {reason}")

    with DEMO_POSTS.open("rb") as stream:
        yield from read_ndjson(stream, refuse)


def _texts() -> list[str]:
    lines = DEMO_POSTS.read_text("utf-8").splitlines() + DEMO_LABELLED.read_text("utf-8").splitlines()
    return [json.loads(line).get("text", "") for line in lines]


def test_the_script_writes_these_files(tmp_path: Path) -> None:
    """Run again it gives the committed bytes."""
    script = _script()
    script.DEMO = tmp_path
    script.main()
    for kept in (DEMO_POSTS, DEMO_LABELLED):
        assert (tmp_path / kept.name).read_bytes() == kept.read_bytes()


def test_the_day_is_varied() -> None:
    """Some 1,500 items in many languages and scripts, read without a bad line, on one day, in order."""
    table = pa.Table.from_batches(list(_batches()))
    assert 1_400 <= table.num_rows <= 1_600
    assert len(set(table.column("lang").to_pylist()) - {None}) >= 8
    assert set(table.column("kind").to_pylist()) == {"post", "channel", "account"}
    scripts = Counter(unicodedata.name(letter, "?").split()[0] for letter in "".join(_texts()) if letter.isalpha())
    assert {"LATIN", "CYRILLIC", "ARABIC", "DEVANAGARI", "CJK"} <= {name for name, n in scripts.items() if n > 500}
    posted = table.column("posted_at").to_pylist()
    assert {instant.date().isoformat() for instant in posted} == {"2026-11-23"}
    assert posted == sorted(posted)


def test_every_verdict_and_nearly_every_rule_is_met(tmp_path: Path) -> None:
    """The day shows what the desk does; most of it is harmless; the rules keep their examples."""
    screener = load_screener(tmp_path)
    assert [found for found in check_rules(screener) if found.broken] == []
    verdicts = pa.concat_tables([said for said, _ in screen_posts(screener, _batches())])
    counts = Counter(verdicts.column("verdict").to_pylist())
    assert set(counts) == {"allow", "label", "restrict", "review", "remove"}
    assert 0.6 < counts["allow"] / verdicts.num_rows < 0.85
    met = set(verdicts.column("rule").to_pylist()) - {None}
    assert {rule.name for rule in screener.rules} - met == {"disguised-letters", "unclaimed-list"}


def test_all_of_it_is_ours() -> None:
    """Addresses lie in reserved domains; no text of the real messages is among these."""
    for text in _texts():
        for host in re.findall(r"h(?:tt|xx)ps?://([^/\s]+)", text.lower()):
            assert host.replace("[.]", ".").endswith((".example", ".test")), host
    theirs = real_data("messages.ndjson").read_text("utf-8").splitlines()
    known = {json.loads(line)["text"].strip() for line in theirs}
    assert not {text for text in _texts() if len(text) > 20} & known
