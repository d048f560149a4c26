"""`/api/v1/quality`: agreement, error and reversal rates, for programs that may read them."""

from dataclasses import asdict
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from evenhand.doors.http.frame import REFUSALS, NeedsScope
from evenhand.doors.http.tokens import Scope
from evenhand.flow.quality import rates, reversal_rates
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.errors import Conflict

router = Router(auth=NeedsScope(Scope.QUALITY), tags=["quality"])
_SHARE = Field(ge=0, le=1, description="End of the 95 % interval (Wilson).")


class RateOut(Schema):
    """Agreement with known answers, or of two who decided blindly; the error rate is what is missing to 1."""

    kind: Annotated[str, Field(description="known or double.")]
    policy: Annotated[str, Field(description="Category code without its prefix.")]
    right: int
    asked: int
    low: Annotated[float, _SHARE]
    high: Annotated[float, _SHARE]


class ReversalsOut(Schema):
    """How often decisions were undone on appeal, in whole or in part."""

    by: Annotated[str, Field(description="rule, list or by (the moderator who decided first).")]
    name: Annotated[str, Field(description="The rule or list; of a moderator the opaque id.")]
    made: Annotated[int, Field(description="Decisions of people.")]
    appeals: Annotated[int, Field(description="Appeals that were decided.")]
    undone: int
    low: Annotated[float, _SHARE]
    high: Annotated[float, _SHARE]


class QualityOut(Schema):
    """How right the desk is."""

    rates: list[RateOut]
    reversals: list[ReversalsOut]


@router.get("", response={200: QualityOut, **REFUSALS}, summary="Agreement, error and reversal rates")
def get_quality(request: HttpRequest) -> dict[str, Any]:
    """Return each rate with its 95 % interval."""
    desk = request.desk
    if desk.office is None:
        raise Conflict("nothing is decided here")
    actor = Actor(id=f"token:{request.token.name}", roles=frozenset({Role.QUALITY}))
    return {
        "rates": [asdict(one) for one in rates(desk.office, actor)],
        "reversals": [asdict(one) for one in reversal_rates(desk.office, actor, desk.lists_of)],
    }
