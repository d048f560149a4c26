"""Posts that a machine judges, for the scenarios of the desk."""

from pathlib import Path
from typing import Any

import pyarrow as pa
from tests.unit.screening.test_rulefiles import RULE, write
from tests.unit.screening.test_signals import model

from evenhand.flow.judge import BatchOutcome, judge_batch
from evenhand.flow.office import Office
from evenhand.screening.counts import Window
from evenhand.screening.lists import Lists
from evenhand.screening.released import ReleasedScreener
from evenhand.screening.rulefiles import load_rules
from evenhand.screening.signals import signal_table
from evenhand.vocabulary.post import POST_SCHEMA
from scenario.desk.scene import NOON

WHEN = "\nspam_score >= 0.9\nAND link_count > 0\n"


def screener(folder: Path, *, spam: bool = False, says: str = "It is spam.") -> ReleasedScreener:
    """Return one rule that removes whatever has a link; another sentence makes another version of it."""
    text = RULE.replace("It is spam.", says)
    text = text.replace(WHEN, "link_count > 0").replace("KEYWORD_PHISHING", "KEYWORD_PYRAMID_SCHEMES")
    if spam:
        text = text.replace("\n[policy]", "deceptive_high_volume = true\n\n[policy]")
    folder.mkdir(exist_ok=True)
    write(folder, text, "spam-sure")
    return ReleasedScreener(Lists(()), model(), load_rules([folder], signal_table(Lists(()))))


def posted(name: str, text: str = "win at https://a.example", **more: Any) -> dict[str, Any]:
    """Return a post."""
    empty = dict.fromkeys(POST_SCHEMA.names)
    ids = {"id": name, "kind": "post", "author_id": "author-1", "channel_id": "channel-1", "lang": "en"}
    return {**empty, **ids, "text": text, "posted_at": NOON, **more}


def judged(office: Office, judge: ReleasedScreener, *posts: dict[str, Any]) -> BatchOutcome:
    """Screen posts and commit what follows."""
    batch = pa.RecordBatch.from_pylist(list(posts), schema=POST_SCHEMA)
    return judge_batch(batch, judge.screen(batch, Window()).verdicts, judge, office)
