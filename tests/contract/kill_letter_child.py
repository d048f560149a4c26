"""The process that test_kill_letter kills: judges posts and tells whom it concerns, and says what was judged.

Arguments: the data directory, the first post's number, "sound" or "careless". On standard output: the number of each
post whose decision is acknowledged. "careless" is the control: it takes away what waits to be told, and tells
nobody of it before it says so.
"""

import itertools
import os
import sys
from datetime import timedelta
from pathlib import Path

from kill_reply_child import open_office

from evenhand.flow.telling_machine import tell_machine_decisions
from evenhand.vocabulary.commit import Commit, commit_key
from evenhand.vocabulary.places import TELLING
from scenario.desk.machine_scene import judged, posted, screener
from scenario.desk.scene import NOON

if __name__ == "__main__":
    data, first, mode = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    office, judge = open_office(data), screener(data / "rules")
    for number in itertools.count(first, 10):
        names = [f"p{n}" for n in range(number, number + 10)]
        judged(office, judge, *(posted(name, author_id=f"author-of-{name}") for name in names))
        if mode == "careless":
            drops = tuple((TELLING, line.sort) for line in office.queries.places(TELLING))
            office.docket.commit([Commit(key=commit_key(NOON.date(), b"lost", *(d[1] for d in drops)), drops=drops)])
        os.write(1, "".join(f"{name}\n" for name in names).encode())
        if mode == "sound":
            tell_machine_decisions(office, at=NOON + timedelta(minutes=1))
