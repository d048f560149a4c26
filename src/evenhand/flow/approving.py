"""The second person's work: what waits for somebody's approval, and the bytes that they approve or send back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from evenhand.flow.office import Office
from evenhand.flow.requests import APPROVAL, Ruled, access_to, act, load_matter, require_approver
from evenhand.orders.measures import approvals_wanted
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.errors import Conflict, InputError
from evenhand.vocabulary.matter import MatterFile, MatterState, Returned

WHY_CHARS_MAX = 1_000
_SCANNED = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalLine:
    """A draft that waits: what it answers and by when, nothing of what anybody wrote.

    Attributes:
        approvals: How many people have approved these bytes.
        wanted: Whose approvals the ruling asks for.
    """

    reference: str
    instrument: str
    country: str
    outcome: str
    due_at: datetime | None
    overdue: bool
    approvals: int
    wanted: tuple[str, ...]
    sha256: str


def waits_for(file: MatterFile, actor: Actor, is_legal: Callable[[str], bool]) -> bool:
    """Tell whether a draft can be brought nearer to its sending by this person's approval.

    Args:
        file: The matter.
        actor: Who asks.
        is_legal: Tells whether a staff id is of the legal team.
    """
    if file.state is not MatterState.DRAFTED or file.assessed is None or actor.id in file.approved_by:
        return False
    legal = any(is_legal(person) for person in file.approved_by)
    if not legal and Role.LEGAL in actor.roles:
        return True
    # A second senior beside the first adds nothing: one of the two people is of the legal team.
    useful = legal or not file.approved_by
    return useful and "second-person" in approvals_wanted(file) and len(set(file.approved_by)) < 2


def waiting_approvals(
    office: Office, actor: Actor, *, is_legal: Callable[[str], bool], at: datetime
) -> list[ApprovalLine]:
    """Return the drafts that wait for this person, the most pressing first.

    Raises:
        Denied: The table of rights gives them no approvals.
    """
    require_approver(actor)
    rows = office.queries.places(APPROVAL, limit=_SCANNED)
    files = (load_matter(office, row.stream) for row in rows)
    return [_line(office, file, at) for file in files if waits_for(file, actor, is_legal)]


def _line(office: Office, file: MatterFile, at: datetime) -> ApprovalLine:
    assert file.assessed is not None  # noqa: S101 - waits_for looked
    assert file.draft is not None  # noqa: S101 - a drafted matter has one
    request, ruling = file.assessed.request, file.assessed.ruling
    return ApprovalLine(
        reference=office.references.format("request", file.number),
        instrument=request.instrument,
        country=request.issuer.country,
        outcome=ruling.outcome,
        due_at=file.due_at,
        overdue=file.due_at is not None and file.due_at < at,
        approvals=len(set(file.approved_by)),
        wanted=tuple(approvals_wanted(file)),
        sha256=file.draft.bound,
    )


def read_for_approval(
    office: Office, actor: Actor, stream: Stream, *, is_legal: Callable[[str], bool], at: datetime
) -> MatterFile:
    """Return a matter whose draft waits for this person; that they read it is recorded first.

    Raises:
        Denied: The table of rights gives them no approvals.
        InputError: Nothing of it waits for them: it may not even be there.
    """
    require_approver(actor)
    if not waits_for(load_matter(office, stream), actor, is_legal):
        raise InputError("reference", "nothing of this waits for you")
    office.docket.commit([access_to(actor, stream, "approve", at)])
    return load_matter(office, stream)


def return_reply(office: Office, actor: Actor, stream: Stream, digest: str, why: str, *, at: datetime) -> MatterFile:
    """Refuse exactly what has this digest (hex; `Draft.bound`): the draft goes back, and every approval of it is void.

    Raises:
        Denied: The table of rights gives them no approvals.
        InputError: No reason is given.
        Conflict: Another draft stands by now, or none.
    """
    require_approver(actor)
    if not why.strip() or len(why) > WHY_CHARS_MAX:
        raise InputError("why", f"say why, in 1 to {WHY_CHARS_MAX} characters")

    def rule(file: MatterFile) -> Ruled:
        if file.draft is None or file.draft.bound != digest:
            raise Conflict("the draft has changed since you read it: read it again")
        return "reply.returned", Returned(by=actor.id, sha256=digest, why=why.strip()), ()

    return act(office, stream, at, rule)
