"""Our question to a sender waits for its answer: how long, when it is asked again, when somebody is called. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from evenhand.orders.clock import due_at
from evenhand.rulebook.tables import LawBook
from evenhand.vocabulary.matter import Awaited, MatterFile, MatterState
from evenhand.vocabulary.request import Request

CALLED_EVERY = timedelta(days=1)
FAR = timedelta(days=100)
"""Whatever is to be looked at later than that was put there by a clock that had jumped ahead: it is looked at now."""
Due = Literal["await", "remind", "call", ""]
"""What the clock does at a matter: reckon how long it waits, remind its sender, call a person, or nothing."""


def awaited(request: Request, asked_at: datetime, book: LawBook) -> Awaited:
    """Return how long an answer is waited for, by the row in force when the question left.

    A row of the issuer's own state goes before one for all. A row marked R does no more than any other: it reminds and
    it calls a person, who decides.
    """
    day, country = asked_at.astimezone(UTC).date(), request.issuer.country
    rows = [
        row
        for row in book.clarifications
        if row.instrument == request.instrument and row.country in ("", country) and row.holds(day)
    ]
    row = max(rows, key=lambda each: each.country, default=None)
    if row is None:
        day_after = asked_at + CALLED_EVERY
        return Awaited(due_at=None, remind_at=(), row="", source="", recalled=False, look_at=day_after)
    end = due_at(asked_at, row.limit)
    reminders = tuple(sorted(when for each in row.remind if (when := due_at(asked_at, each)) < end))
    return Awaited(
        due_at=end,
        remind_at=reminders,
        row=f"{row.id}@{row.edition}",
        source=row.source,
        recalled=row.recalled,
        look_at=reminders[0] if reminders else end,
    )


def due_now(file: MatterFile, at: datetime) -> Due:
    """Return what the clock does at a matter now.

    Reminders that were missed (a desk that stood still, a clock that jumped) are not made up for one by one; but nobody
    is overdue who was not reminded once, where the row has a reminder.
    """
    if file.look_at is None or at < file.look_at <= at + FAR:
        return ""
    if file.lapsed is not None:
        return "call"
    if file.state is not MatterState.CLARIFYING:
        return ""
    if file.awaited is None:
        return "await"
    over = file.awaited.due_at is None or at >= file.awaited.due_at
    passed, reminded = sum(when <= at for when in file.awaited.remind_at), _reminded(file, at)
    if passed and not reminded:
        return "remind"
    if not over and passed > reminded:
        return "remind"
    if over:
        return "call"
    return "await" if file.look_at > at else ""


def look_after_reminder(file: MatterFile, at: datetime) -> datetime:
    """Return when the clock looks again once a reminder has gone out now."""
    assert file.awaited is not None  # noqa: S101 - a reminder is one of its
    ahead = [when for when in file.awaited.remind_at if when > at]
    end = file.awaited.due_at or at + CALLED_EVERY
    return min([*ahead, end if end > at else at + MENDED])


MENDED = timedelta(hours=1)
"""How long a reminder that went out too late is given before somebody is called."""


def _reminded(file: MatterFile, at: datetime) -> int:
    """Return how many of the reminders that were due are behind the last one that went out, as far as it is past."""
    sent = [when for when in file.reminded if when <= at]
    if file.awaited is None or not sent:
        return 0
    return sum(when <= sent[-1] for when in file.awaited.remind_at)


def lapse_lacks(file: MatterFile, at: datetime) -> str:
    """Return why nobody may find yet that an answer never came, in a sentence; "" where somebody may.

    A call that a clock made which had jumped ahead counts for nothing: the time must be up now.
    """
    if file.state is not MatterState.CLARIFYING:
        return "no question of ours waits for an answer"
    until = file.awaited.due_at if file.awaited else None
    if file.awaited is None or file.overdue_at is None or (until is not None and at < until):
        end = f" until {until.astimezone(UTC).strftime('%Y-%m-%d %H:%M UTC')}" if until else ""
        return f"the answer may still come{end}"
    return ""
