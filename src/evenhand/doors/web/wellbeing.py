"""Breaks and limits: how long somebody has worked, how many grave items they have seen today."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest

from evenhand.doors.web.models import GRAVE_A_DAY, REST_EVERY_MIN, StaffArea
from evenhand.vocabulary.case import CaseFile

GRAVE_HARM = 2
"""From this harm on an item counts as grave."""
AWAY = timedelta(minutes=10)
"""Who opened nothing for so long has rested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a person has looked at.

    Attributes:
        minutes: Of work without a break.
    """

    grave: int = 0
    grave_a_day: int = GRAVE_A_DAY
    minutes: int = 0
    rest_every_min: int = REST_EVERY_MIN

    @property
    def is_full(self) -> bool:
        """Tell whether no further grave item is handed to them today."""
        return self.grave >= self.grave_a_day

    @property
    def wants_rest(self) -> bool:
        """Tell whether they have worked long enough without a break."""
        return self.minutes >= self.rest_every_min


def load_of(request: HttpRequest) -> Load:
    """Return what somebody has looked at."""
    area, now = StaffArea.objects.filter(user_id=request.user.pk).first(), request.desk.now()
    if area is None:
        return Load()
    since = area.working_since if area.seen_at and now - area.seen_at < AWAY else None
    return Load(
        grave=area.grave_seen if area.seen_day == now.date() else 0,
        grave_a_day=area.grave_a_day,
        minutes=int((now - since).total_seconds()) // 60 if since else 0,
        rest_every_min=area.rest_every_min,
    )


def note_opened(request: HttpRequest, file: CaseFile) -> None:
    """Count that somebody opened a case now."""
    now: datetime = request.desk.now()
    area, _new = StaffArea.objects.get_or_create(user_id=request.user.pk)
    if area.seen_day != now.date():
        area.seen_day, area.grave_seen = now.date(), 0
    if file.opened.harm >= GRAVE_HARM:
        area.grave_seen += 1
    if area.working_since is None or area.seen_at is None or now - area.seen_at >= AWAY:
        area.working_since = now
    area.seen_at = now
    area.save()


def begin_break(request: HttpRequest) -> None:
    """Begin to rest: the stretch of work is over."""
    StaffArea.objects.filter(user_id=request.user.pk).update(working_since=None, seen_at=None)


def set_limits(request: HttpRequest, grave_a_day: int, rest_every_min: int) -> None:
    """Let somebody ask for less than the desk's own limits; never for more."""
    area, _new = StaffArea.objects.get_or_create(user_id=request.user.pk)
    area.grave_a_day = max(1, min(GRAVE_A_DAY, grave_a_day))
    area.rest_every_min = max(10, min(REST_EVERY_MIN, rest_every_min))
    area.save()
