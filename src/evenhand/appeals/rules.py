"""Who may appeal against what, until when. Pure."""

import calendar
from datetime import UTC, date, datetime

from evenhand.vocabulary.appeal import Appeal
from evenhand.vocabulary.case import CaseFile, Origin, Party
from evenhand.vocabulary.decision import RESTRICTIVE, Action
from evenhand.vocabulary.errors import InputError

MONTHS = 6
"""Regulation (EU) 2022/2065, Art. 20(1): at least six months from the day the recipient was informed."""
TEXT_CHARS_MAX = 20_000


def add_months(day: date, months: int) -> date:
    """Return the same day of the month, months later; the first of the next month where it has no such day.

    So the time is never shorter than the law says.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if day.day <= calendar.monthrange(year, month + 1)[1]:
        return date(year, month + 1, day.day)
    year, month = divmod(year * 12 + month + 1, 12)
    return date(year, month + 1, 1)


def last_day(informed_at: datetime) -> date:
    """Return the last day (UTC) on which an appeal is on time: six months after the day they were informed."""
    return add_months(informed_at.astimezone(UTC).date(), MONTHS)


def on_time(informed_at: datetime, at: datetime) -> bool:
    """Tell whether an appeal at `at` is on time, the last day included."""
    return at.astimezone(UTC).date() <= last_day(informed_at)


def refuse_unusable(appeal: Appeal) -> None:
    """Refuse what says nothing."""
    if not appeal.key:
        raise InputError("key", "must not be empty")
    if not appeal.text.strip():
        raise InputError("text", "say in your words why the decision is wrong")
    if len(appeal.text) > TEXT_CHARS_MAX:
        raise InputError("text", f"has more than {TEXT_CHARS_MAX} characters")


def refuse_appeal(file: CaseFile, party: Party, at: datetime) -> None:
    """Raise InputError where this party cannot appeal against what was decided in this case."""
    decision = file.decision
    if file.opened.origin is Origin.APPEAL:
        raise InputError("reference", "this was decided on appeal; a certified body may be asked (Art. 21)")
    if decision is None:
        raise InputError("reference", "nothing has been decided yet: there is nothing to appeal against")
    if party == "affected" and decision.proposal.action not in RESTRICTIVE:
        raise InputError("reference", "the decision took nothing from you: there is nothing to appeal against")
    if party == "notifier" and decision.proposal.action in (Action.REMOVE, Action.BAN, Action.DISABLE):
        raise InputError("reference", "what you reported is gone: there is nothing to appeal against")
    if not on_time(decision.informed_at, at):
        raise InputError("reference", f"the six months ended on {last_day(decision.informed_at).isoformat()}")


def excluded(file: CaseFile) -> tuple[str, ...]:
    """Return who may not decide the appeal: whoever had a hand in what is appealed."""
    decision = file.decision
    deciders = (decision.by, decision.second) if decision else ()
    return tuple(sorted({*file.touched, *file.opened.excluded, *(one for one in deciders if one)}))
