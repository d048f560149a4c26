"""`/api/v1/actions`: what the platform is to do, for those who would rather ask than be told; and what it did."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from evenhand.doors.http.body import Body
from evenhand.doors.http.cursors import CURSOR, format_cursor, parse_cursor
from evenhand.doors.http.frame import REFUSALS, NeedsScope
from evenhand.doors.http.tokens import Scope
from evenhand.flow.action_delivery import asked
from evenhand.flow.action_reports import Report, differences, report_actions
from evenhand.flow.actions import read_actions
from evenhand.flow.ticks import settle_reports

router = Router(auth=NeedsScope(Scope.ACTIONS), tags=["actions"])


class ActionOut(Schema):
    """One action."""

    number: int
    id: Annotated[str, Field(description="The same whenever it is delivered again; name it in your report.")]
    type: Annotated[str, Field(description='E.g. "platform.remove", or "person.letter": a letter for a user.')]
    data: Annotated[dict[str, Any] | None, Field(description="Null once the person concerned was erased.")]


class ActionsOut(Schema):
    """A page of actions, oldest first."""

    actions: list[ActionOut]
    next: Annotated[str, Field(description="Cursor for the page after this one; ask again later when it is empty.")]


class ReportIn(Body):
    """What the platform did of an action."""

    id: Annotated[str, Field(pattern="^[0-9a-f]{40}$")]
    status: Annotated[
        Literal["done", "failed", "other", "gone"],
        Field(description="done: as decided; failed: not done; other: something else; gone: there is no such item."),
    ]
    at: AwareDatetime
    detail: Annotated[str, Field(max_length=2000, description="Of other: what you did instead.")] = ""


class ReportsIn(Body):
    """Up to 1,000 reports."""

    reports: Annotated[list[ReportIn], Field(min_length=1, max_length=1000)]


class ReportsOut(Schema):
    """What became of the reports."""

    recorded: Annotated[int, Field(description="How many said something new.")]
    unknown: Annotated[list[str], Field(description="Ids that are no action of ours.")]


class OverdueOut(Schema):
    """An action that was not reported as done in time, or of which you said that it was not done as decided."""

    number: int
    id: str
    due_at: Annotated[AwareDatetime, Field(description="When it should have been reported, or is chased next.")]
    chased: Annotated[int, Field(description="How often you were reminded.")]
    said: Annotated[Literal["", "failed", "other"], Field(description="What you said of it; empty: nothing.")]


class AllOverdueOut(Schema):
    """What is overdue, oldest first."""

    actions: list[OverdueOut]


@router.get("", response={200: ActionsOut, **REFUSALS}, summary="What the platform is to do")
def list_actions(
    request: HttpRequest,
    cursor: Annotated[str, Query(pattern=CURSOR)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Return actions in their order, from the cursor on. An item's actions must be done in this order."""
    after = parse_cursor(cursor)
    if not request.desk.settings.webhook_url:
        asked(request.desk.docket, after, request.desk.now())
    actions = read_actions(request.desk.docket, after, limit)
    last = actions[-1].number if actions else after
    return {"actions": [action.as_dict() for action in actions], "next": format_cursor(last)}


@router.get("/overdue", response={200: AllOverdueOut, **REFUSALS}, summary="What was not done in time")
def list_overdue(request: HttpRequest, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> dict[str, Any]:
    """Return actions that are overdue or were not done as decided: do them, and report."""
    found = differences(request.desk.docket, request.desk.now(), limit)
    shown = ("number", "id", "due_at", "chased", "said")
    return {"actions": [{name: getattr(one, name) for name in shown} for one in found]}


@router.post("/reports", response={200: ReportsOut, **REFUSALS}, summary="What the platform did")
def post_reports(request: HttpRequest, body: ReportsIn) -> dict[str, Any]:
    """Record what was done of actions; saying it again changes nothing."""
    reports = [Report(id=one.id, status=one.status, at=one.at, detail=one.detail) for one in body.reports]
    received_at: datetime = request.desk.now()
    recorded = report_actions(request.desk.docket, reports, received_at)
    if request.desk.office is not None:
        settle_reports(request.desk.office, reports, at=received_at)
    return {"recorded": recorded.new, "unknown": recorded.unknown}
