"""Which cases somebody has open, and what for: a purpose is recorded in the docket before anything is shown."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

from evenhand.doors.web.staff import actor_of
from evenhand.flow.cases import open_case
from evenhand.vocabulary.case import CaseFile
from evenhand.vocabulary.commit import Stream

OPEN_FOR = timedelta(minutes=30)
CASES_MAX = 50
_KEY = "opened"


def remember(request: HttpRequest, case: Stream, purpose: str) -> CaseFile:
    """Open a case for a purpose: recorded first, then kept in the session for half an hour.

    Raises:
        InputError: No purpose, or no such case.
        Denied: They may not read it.
    """
    now: datetime = request.desk.now()
    file = open_case(request.desk.office, actor_of(request), case, purpose, at=now)
    kept = {name: until for name, until in _kept(request).items() if until > now.timestamp()}
    kept[case.hex()] = (now + OPEN_FOR).timestamp()
    request.session[_KEY] = dict(sorted(kept.items(), key=lambda pair: pair[1])[-CASES_MAX:])
    return file


def is_open(request: HttpRequest, case: Stream) -> bool:
    """Tell whether somebody said a short while ago what they open a case for."""
    until: Any = _kept(request).get(case.hex(), 0)
    return bool(until > request.desk.now().timestamp())


def _kept(request: HttpRequest) -> dict[str, float]:
    kept: dict[str, float] = request.session.get(_KEY, {})
    return kept
