"""Serves an empty desk whose clock a test moves through a file: `python life_desk.py DATA PORT`.

What a test writes into DATA/later are seconds: the clock goes on by them, undo windows close, the platform says that it
has done what it was told, and the file is taken away. DATA/letters.json holds what was sent to the people concerned.
"""

import json
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from evenhand.doors.web.accounts import create_staff
from evenhand.doors.web.serve import serve
from evenhand.flow.action_reports import Report
from evenhand.flow.actions import read_actions
from evenhand.flow.deciding import close_proposals
from evenhand.flow.ticks import settle_reports
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault
from scenario.desk.scene import effects
from scenario.web.test_desk_life import PASSWORD, Desk

STAFF = {"anna": "moderator", "boris": "moderator"}


def _go_on(desk: Desk, seconds: int) -> None:
    desk.now += timedelta(seconds=seconds)
    close_proposals(desk.office, at=desk.now, chance=bytes)
    actions = read_actions(desk.office.docket, 0, 999)  # type: ignore[arg-type] # a store is both sides
    settle_reports(desk.office, [Report(id=one.id, status="done", at=desk.now) for one in actions], at=desk.now)


def _keep_time(desk: Desk, data: Path) -> None:
    later = data / "later"
    while True:
        time.sleep(0.02)
        if not later.exists() or not (seconds := later.read_text("utf-8")):
            continue
        _go_on(desk, int(seconds))
        letters = {kind: effects(desk.office, kind) for kind in ("tell.affected", "tell.notifier")}
        (data / "letters.json").write_text(json.dumps(letters), "utf-8")
        later.unlink()


def main() -> None:
    """Serve until told to stop."""
    data = Path(sys.argv[1])
    store = SqliteStore(data / "docket.sqlite3", Vault(bytes(range(32))))
    desk = Desk(data, store)
    for name, role in STAFF.items():
        create_staff(desk.web.settings, name, role, PASSWORD)
    threading.Thread(target=_keep_time, args=(desk, data), daemon=True).start()
    settings = replace(desk.web.settings, listen=f"127.0.0.1:{sys.argv[2]}")
    serve(replace(desk.web, settings=settings))
    store.close()


if __name__ == "__main__":
    main()
