"""One case a screen: what it is about, what stands around it, and every act a person may do at it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from evenhand.doors.web.keys import ACTION_KEYS
from evenhand.doors.web.opened import is_open, remember
from evenhand.doors.web.proposals import DecisionForm, form_for, form_from, proposal_of
from evenhand.doors.web.queues import office_of, take_next
from evenhand.doors.web.reasons import reason_label
from evenhand.doors.web.roles import Page, requires
from evenhand.doors.web.staff import actor_of, colleague, colleagues, names_of
from evenhand.doors.web.wellbeing import load_of, note_opened
from evenhand.flow import alarm, cases, conversation, deciding, dossier
from evenhand.flow.office import Office, case_of, load_case
from evenhand.vocabulary.actor import Actor
from evenhand.vocabulary.case import AppealOutcome, CaseFile, CaseState, Origin
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.errors import Conflict, InputError
from evenhand.vocabulary.eu import Category, Ground, Keyword
from evenhand.vocabulary.rights import Right

_UNDO = "undo"


def find_case(request: HttpRequest, reference: str) -> CaseFile:
    """Return a case; one that the person may not even know of is not there."""
    office = office_of(request)
    try:
        file = load_case(office, case_of(office, reference))
    except InputError as error:
        raise Http404 from error
    if dossier.is_hidden(actor_of(request), file):
        raise Http404
    return file


@require_safe
@requires(Page.CASES)
def case(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a case; whoever does not have it in hand says first what they open it for."""
    file, actor = find_case(request, reference), actor_of(request)
    if not is_open(request, file.stream):
        if Right.READ not in dossier.rights_at(actor, file):
            raise PermissionDenied
        if file.holder != actor.id:
            return render(request, "console/purpose.html", {"file": file, "reference": reference})
        file = remember(request, file.stream, "in hand")
    return _shown(request, file)


def _shown(
    request: HttpRequest,
    file: CaseFile,
    *,
    form: DecisionForm | None = None,
    wrong: InputError | None = None,
    preview: deciding.Preview | None = None,
    status: int = 200,
) -> HttpResponse:
    office, actor, now = office_of(request), actor_of(request), request.desk.now()
    around = dossier.load_dossier(office, actor, file, at=now)
    thread = conversation.messages(office, actor, file.stream)
    may = dossier.rights_at(actor, file)
    staff = {step.by for step in around.steps} | {step.to for step in around.steps} | {line.by for line in thread}
    names = names_of({*staff, file.holder, *(file.touched)})
    context: dict[str, Any] = {
        "file": file,
        "reference": office.references.format("case", file.number),
        "around": around,
        "threads": _threads(thread, around),
        "names": names,
        "may": {right.value for right in may},
        "mine": file.holder == actor.id,
        "mine_proposed": file.proposed is not None and file.proposed.by == actor.id,
        "can_second": file.state is CaseState.SECONDING and Right.SECOND in may and actor.id not in file.touched,
        "can_claim": file.state is CaseState.WAITING and Right.CLAIM in may and actor.id not in file.touched,
        "kept_from": dossier.kept_from(actor, file) if file.state is CaseState.WAITING else "",
        "can_decide": file.state is CaseState.CLAIMED and file.holder == actor.id and Right.PROPOSE in may,
        "can_move": file.state in (CaseState.WAITING, CaseState.CLAIMED)
        and (Right.MOVE in may or file.holder == actor.id),
        "can_give": file.state is CaseState.OPINION and Right.CLAIM in may and file.holder != actor.id,
        "form": form or form_for(file, _written(request, file)),
        "wrong": wrong,
        "preview": preview,
        "seconds": _seconds_left(file, now),
        "load": load_of(request),
        **_choices(file),
        "colleagues": colleagues(request.user) if file.holder == actor.id else [],
        "all_queues": office.book.names(),
    }
    return render(request, "console/case.html", context, status=status)


def _choices(file: CaseFile) -> dict[str, Any]:
    """Return what the decision form offers: what undoes something only where something is appealed."""
    appeal = file.opened.origin is Origin.APPEAL
    offered = [(action, key) for action, key in ACTION_KEYS.items() if appeal or action is not Action.RESTORE]
    return {
        "actions": offered,
        "outcomes": list(AppealOutcome) if appeal else [],
        "grounds": list(Ground),
        "categories": list(Category),
        "keywords": list(Keyword),
    }


def _written(request: HttpRequest, file: CaseFile) -> Any:
    screening = request.desk.screening
    return screening.written(file.opened.rule, file.opened.language) if screening and file.opened.rule else None


def _seconds_left(file: CaseFile, now: datetime) -> int:
    if file.state is not CaseState.PROPOSED or file.proposed is None:
        return 0
    return max(0, int((file.proposed.closes_at - now).total_seconds()))


def _threads(lines: list[conversation.ThreadLine], around: dossier.Dossier) -> list[dict[str, Any]]:
    """Return each party's thread and the staff's own, with whom it is."""
    threads: dict[tuple[str, int | None], list[conversation.ThreadLine]] = {}
    for line in lines:
        threads.setdefault((line.audience, line.notice), []).append(line)
    numbers = {one.number: place for place, one in enumerate(around.notices, 1)}
    return [
        {"audience": audience, "place": numbers.get(notice or 0, 0), "lines": said}
        for (audience, notice), said in threads.items()
    ]


Act = Callable[[Office, Actor, CaseFile, Mapping[str, str], datetime], Any]


def _hand_over(office: Office, actor: Actor, file: CaseFile, post: Mapping[str, str], at: datetime) -> Any:
    to = colleague(post.get("to", ""))
    if to is None:
        raise InputError("to", _("nobody of this name works here"))
    return cases.hand_over(office, actor, file.stream, to, post.get("text", ""), at=at)


def _write(office: Office, actor: Actor, file: CaseFile, post: Mapping[str, str], at: datetime) -> Any:
    audience: Any
    audience, _colon, number = post.get("to", "").partition(":")
    if audience not in ("notifier", "affected", "internal", "sealed"):
        raise InputError("to", _("choose whom you write to"))
    notice = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None
    return conversation.write_message(
        office,
        actor,
        file.stream,
        audience,
        post.get("text", ""),
        notice=notice,
        at=at,
    )


def _alarm(office: Office, actor: Actor, file: CaseFile, post: Mapping[str, str], at: datetime) -> Any:
    states = tuple(code.upper() for code in post.get("states", "").replace(",", " ").split() if len(code) == 2)
    return alarm.raise_alarm(office, actor, file.stream, post.get("why", ""), states=states, at=at)


_SAID: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "claim": lambda: _("The case is yours."),
        "release": lambda: _("The case is back in its queue."),
        "hand-over": lambda: _("The case is handed over."),
        "move": lambda: _("The case is in another queue."),
        "note": lambda: _("The note is kept."),
        "write": lambda: _("Your message is on its way."),
        "ask": lambda: _("A colleague is asked for an opinion."),
        "give": lambda: _("Your opinion is given."),
        "withdraw": lambda: _("The question is taken back."),
        "undo": lambda: _("The proposal is taken back."),
        "agree": lambda: _("You agreed; the decision follows unless it is taken back."),
        "object": lambda: _("You objected; somebody else begins anew."),
        "alarm": lambda: _("The authority is being notified."),
        "acknowledge": lambda: _("The acknowledgement is kept; the clock has stopped."),
    }
)

ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "claim": lambda o, a, f, _p, at: cases.claim(o, a, f.stream, at=at),
        "release": lambda o, a, f, p, at: cases.release(o, a, f.stream, p.get("text", ""), at=at),
        "hand-over": _hand_over,
        "move": lambda o, a, f, p, at: cases.move_case(o, a, f.stream, p.get("queue", ""), p.get("text", ""), at=at),
        "note": lambda o, a, f, p, at: cases.note(o, a, f.stream, p.get("text", ""), at=at),
        "write": _write,
        "ask": lambda o, a, f, p, at: cases.ask_opinion(o, a, f.stream, p.get("text", ""), at=at),
        "give": lambda o, a, f, p, at: cases.give_opinion(o, a, f.stream, p.get("text", ""), at=at),
        "withdraw": lambda o, a, f, _p, at: cases.withdraw_question(o, a, f.stream, at=at),
        "undo": lambda o, a, f, _p, at: deciding.undo_proposal(o, a, f.stream, at=at),
        "agree": lambda o, a, f, p, at: deciding.second(o, a, f.stream, agrees=True, text=p.get("text", ""), at=at),
        "object": lambda o, a, f, p, at: deciding.second(o, a, f.stream, agrees=False, text=p.get("text", ""), at=at),
        "alarm": _alarm,
        "acknowledge": lambda o, a, f, p, at: alarm.acknowledge_alarm(
            o, a, f.stream, p.get("who", ""), p.get("reference", ""), at=at
        ),
    }
)
"""What can be done at a case from its page, beside deciding: name → journey."""

_WITHOUT_READING = frozenset({"move"})
"""Acts that need no look at what was posted."""


@require_POST
@requires(Page.CASES)
def act(request: HttpRequest, reference: str, name: str) -> HttpResponse:
    """Do one act at a case, then show it again."""
    file, actor = find_case(request, reference), actor_of(request)
    if name not in ACTS:
        raise Http404
    try:
        ACTS[name](office_of(request), actor, file, request.POST, request.desk.now())
    except Conflict as error:
        messages.warning(request, reason_label(error))
    except InputError as error:
        if not is_open(request, file.stream):
            raise PermissionDenied from error
        return _shown(request, load_case(office_of(request), file.stream), wrong=error, status=400)
    else:
        messages.success(request, _SAID[name]())
        if name == "claim":
            note_opened(request, file)
        if name == _UNDO:
            request.session.pop("proposed", None)
        if name in ("release", "hand-over", "move", "object"):
            return HttpResponseRedirect(reverse("console"))
    return HttpResponseRedirect(reverse("console_case", args=[reference]))


@require_POST
@requires(Page.READ)
def open_for(request: HttpRequest, reference: str) -> HttpResponse:
    """Record what somebody opens a case for, then show it."""
    file = find_case(request, reference)
    try:
        file = remember(request, file.stream, request.POST.get("purpose", ""))
    except InputError as error:
        context = {"file": file, "reference": reference, "wrong": error}
        return render(request, "console/purpose.html", context, status=400)
    note_opened(request, file)
    return HttpResponseRedirect(reverse("console_case", args=[reference]))


@require_POST
@requires(Page.READ)
def decide(request: HttpRequest, reference: str) -> HttpResponse:
    """Show what a decision would send, or propose it; then stay, or take the next case."""
    file, actor, office, now = find_case(request, reference), actor_of(request), office_of(request), request.desk.now()
    if not is_open(request, file.stream):
        return HttpResponseRedirect(reverse("console_case", args=[reference]))
    form = form_from(request.POST)
    try:
        proposal = proposal_of(form, file, now)
        seen = deciding.preview(office, actor, file.stream, proposal, at=now)
        if "preview" in request.POST:
            return _shown(request, file, form=form, preview=seen)
        proposed = deciding.propose_decision(office, actor, file.stream, proposal, at=now)
    except InputError as error:
        return _shown(request, file, form=form, wrong=error, status=400)
    except Conflict as error:
        messages.warning(request, reason_label(error))
        return HttpResponseRedirect(reverse("console_case", args=[reference]))
    if proposed.state is CaseState.SECONDING:
        messages.info(request, _("A second person must agree first."))
    elif proposed.proposed is not None:
        request.session["proposed"] = [reference, proposed.proposed.closes_at.timestamp(), form.action]
    if "then" in request.POST:
        return take_next(request)
    return HttpResponseRedirect(reverse("console_case", args=[reference]))


@require_safe
@requires(Page.READ)
def attachment(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Hand over an attachment's bytes as a file to keep: never shown in the page, never run."""
    file = find_case(request, reference)
    if not is_open(request, file.stream):
        return HttpResponseRedirect(reverse("console_case", args=[reference]))
    found = dossier.file_of(office_of(request), actor_of(request), file, number)
    if found is None:
        raise Http404
    answer = HttpResponse(found[1], content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="attachment-{number}.bin"'
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
