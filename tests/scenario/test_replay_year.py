"""The year that was really published, replayed through the command line: the log says the series again."""

import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from evenhand.flow.replay import read_series, sampled
from realdata import reference_table

EVENHAND = Path(sys.executable).with_name("evenhand")
SERIES = "telegram_daily_2024-03_2025-03.csv"
NIGHTLY = os.environ.get("EVENHAND_NIGHTLY") == "1"
SHARE = 1.0 if NIGHTLY else 0.001


def test_the_series_holds_what_was_published() -> None:
    """Both counters of the year's page, and the whole."""
    days = read_series(io.BytesIO(reference_table(SERIES).read_bytes()), lambda *_: pytest.fail("a bad line"))
    assert len(days) == 366
    assert (sum(day.total for day in days), sum(day.child_abuse for day in days)) == (19_997_209, 736_090)
    late = [day for day in days if day.day.year == 2025]
    assert (sum(day.total for day in late), sum(day.child_abuse for day in late)) == (5_671_197, 136_296)


@pytest.mark.timeout(7200)
def test_replayed_the_log_says_it_again(tmp_path: Path) -> None:
    """Every month and year exact, each bulletin's total the running sum of its month; nightly the whole year."""
    path = reference_table(SERIES)
    ended = subprocess.run(
        [str(EVENHAND), "replay", str(path), "--sample", str(SHARE)],
        env=os.environ | {"EVENHAND_DATA": str(tmp_path / "data"), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    days = sampled(read_series(io.BytesIO(path.read_bytes()), lambda *_: None), SHARE)
    wanted: dict[str, dict[str, Counter[str]]] = {"months": {}, "years": {}}
    for day in days:
        for part, name in (("months", f"{day.day:%Y-%m}"), ("years", f"{day.day:%Y}")):
            wanted[part].setdefault(name, Counter()).update(total=day.total, csam=day.child_abuse)
    said = json.loads(ended.stdout.splitlines()[-1])
    assert said == {part: {name: dict(sums) for name, sums in found.items()} for part, found in wanted.items()}
    if NIGHTLY:
        assert said["years"]["2025"] == {"total": 5_671_197, "csam": 136_296}
    bulletins = re.findall(
        r"^(\d+) groups and channels related to child abuse banned on [A-Z][a-z]+, (\d+)\.\nTotal this month: (\d+)\n",
        ended.stdout,
        re.MULTILINE,
    )
    assert [int(number) for number, _, _ in bulletins] == [day.child_abuse for day in days]
    running = 0
    for day, (number, in_month, total) in zip(days, bulletins, strict=True):
        running = int(number) + (running if in_month != "1" else 0)
        assert int(total) == running, day.day
