"""Hundreds of rules are read and their examples tried in seconds."""

import time
from pathlib import Path

from evenhand.flow import shipped
from evenhand.flow.screen import check_rules, load_screener


def test_hundreds_of_rules_are_checked_in_seconds(tmp_path: Path) -> None:
    """330 rules with some 1,400 examples: under 20 s of one core, all examples in few batches."""
    rules = tmp_path / "rules"
    rules.mkdir()
    for path in shipped.RULES.glob("*.toml"):
        text = path.read_text("utf-8")
        for n in range(15):
            named = text.replace(f'name = "{path.stem}"', f'name = "{path.stem}-{n}"')
            (rules / f"{path.stem}-{n}.toml").write_text(named, "utf-8")
    began = time.process_time()
    found = list(check_rules(load_screener(tmp_path, rules=rules)))
    assert len(found) == 330
    assert not any(each.broken for each in found)
    assert time.process_time() - began < 20
