"""The legal team's pages: the queue by deadline, a matter, its assessment, its reply. To anyone else: not found."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from evenhand.doors.http.tokens import Scope
from evenhand.doors.web.legal_forms import AssessForm, CallForm, DraftForm
from evenhand.doors.web.legal_lines import format_measures
from evenhand.flow.answering import send_reply
from evenhand.flow.authorities import find_authority, frozen_accounts, thaw
from evenhand.flow.awaiting import lapse_question, may_lapse
from evenhand.flow.call_back import CallBackGuard
from evenhand.flow.concerned import counters_of
from evenhand.flow.counter import agree_to_take_back, open_counters, show_court
from evenhand.flow.enrolment import decide_enrolment, hand_over, open_enrolments
from evenhand.flow.legal import (
    ENGLISH,
    allowed_verifications,
    assess_for,
    authority_at,
    call_back_lacks,
    every_reply,
    open_matters,
    raw_of,
    record_call,
    replies_for,
    thread,
)
from evenhand.flow.letter_box import move_letter, waiting_letters
from evenhand.flow.proposing import proposals_of
from evenhand.flow.requests import (
    approve_reply,
    draft_reply,
    lacking,
    load_matter,
    matter_of,
    measures_as_ruled,
    read_matter,
    wanted_of,
)
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.errors import Conflict, Denied, InputError
from evenhand.vocabulary.eu import Category, Ground, Keyword
from evenhand.vocabulary.matter import CallBack, MatterFile
from evenhand.vocabulary.reply import Reply

ROWS = 50
_STAFF = "staff-"
_GROUP = Role.LEGAL.value
INTERIM_FORM = "under-review"


def for_legal(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let the legal team in; strangers may sign in; to everyone else there is nothing here."""

    @never_cache
    @wraps(view)
    def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("account_login"))
        desk = request.desk
        if not is_legal(_id_of(request)) or desk.office is None or desk.pen is None:
            raise Http404
        return view(request, *args, **kwargs)

    return enter


def is_legal(person: str) -> bool:
    """Tell whether a staff id is of somebody of the legal team."""
    from django.contrib.auth.models import User

    number = person.removeprefix(_STAFF)
    if not (person.startswith(_STAFF) and number.isascii() and number.isdigit() and len(number) < 19):
        return False
    return User.objects.filter(pk=int(number), is_active=True, groups__name=_GROUP).exists()


def works_in_legal(user: Any) -> bool:
    """Tell whether a visitor is signed in and of the legal team."""
    return bool(user.is_authenticated) and is_legal(f"{_STAFF}{user.pk}")


def _id_of(request: HttpRequest) -> str:
    return f"{_STAFF}{request.user.pk}"


def _actor(request: HttpRequest) -> Actor:
    return Actor(id=_id_of(request), roles=frozenset({Role.LEGAL}))


def _name_of(person: str) -> str:
    from django.contrib.auth.models import User

    number = person.removeprefix(_STAFF)
    if not number.isdigit():
        return person
    user = User.objects.filter(pk=int(number)).first()
    return user.username if user else person


@require_safe
@for_legal
def queue(request: HttpRequest) -> HttpResponse:
    """Show open matters by deadline: what each is, never what it says."""
    after = request.GET.get("after", "")
    try:
        cursor = bytes.fromhex(after)
    except ValueError as error:
        raise Http404 from error
    rows, following = open_matters(request.desk.office, at=request.desk.now(), after=cursor, limit=ROWS)
    context = {
        "rows": rows,
        "newer": f"?after={following.hex()}" if following else "",
        "paged": bool(after),
        "frozen": frozen_accounts(request.desk.office),
        "enrolments": open_enrolments(request.desk.office),
        "letters": waiting_letters(request.desk.office),
        "counters": [
            (request.desk.office.references.format("request", file.number), one)
            for file, one in open_counters(request.desk.office, limit=ROWS)
        ],
    }
    return render(request, "legal/queue.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_legal
def matter(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a matter whole, and do at it what a form asks for. That it was read is recorded first."""
    stream = _stream(request, reference)
    forms: dict[str, Any] = {}
    if request.method == "POST":
        done = _do(request, stream, forms)
        if done is not None:
            return done
    file = read_matter(request.desk.office, _actor(request), stream, "legal queue", at=request.desk.now())
    status = 422 if forms else 200
    return render(request, "legal/matter.html", _context(request, stream, file, forms), status=status)


def _do(request: HttpRequest, stream: Stream, forms: dict[str, Any]) -> HttpResponse | None:
    """Do what is asked; None: it could not be, and `forms` or a message say why."""
    act = _ACTS.get(request.POST.get("act", ""))
    if act is None:
        raise Http404
    try:
        if not act(request, stream, forms):
            return None
    except (InputError, Conflict, Denied) as error:
        messages.error(request, _(str(error)))
    return HttpResponseRedirect(request.path)


def _assess(request: HttpRequest, stream: Stream, forms: dict[str, Any]) -> bool:
    desk, actor = request.desk, _actor(request)
    file = read_matter(desk.office, actor, stream, "assess", at=desk.now())
    identifier = desk.identifier()
    form = AssessForm(request.POST, file, desk.settings, allowed_verifications(desk.office, identifier, file))
    if not form.is_valid():
        forms["assess"] = form
        return False
    assess_for(desk.office, desk.law(), identifier, actor, stream, form.request(), form.facts(), at=desk.now())
    return True


def _draft(request: HttpRequest, stream: Stream, forms: dict[str, Any]) -> bool:
    form = DraftForm(request.POST)
    if not form.is_valid():
        forms["draft"] = form
        return False
    data = form.cleaned_data
    interim = data["interim"] or _is_interim(request, stream, data["text"])
    draft_reply(
        request.desk.office,
        _actor(request),
        stream,
        data["text"],
        category=Category(data["category"]),
        keyword=Keyword(data["keyword"]) if data["keyword"] else None,
        measures=data["measures"],
        ground=Ground(data["ground"]),
        clause=data["clause"],
        interim=interim,
        told_in=data["told_in"],
        at=request.desk.now(),
    )
    return True


def _is_interim(request: HttpRequest, stream: Stream, text: str) -> bool:
    """Tell whether a text is the form that says that a person looks at it: no answer, whoever calls it one."""
    desk = request.desk
    replies = every_reply(desk.office, desk.law(), desk.settings, load_matter(desk.office, stream))
    return any(one.form == INTERIM_FORM and one.text == text for one in replies)


def _approve(request: HttpRequest, stream: Stream, _forms: dict[str, Any]) -> bool:
    digest = request.POST.get("sha256", "")
    approve_reply(request.desk.office, _actor(request), stream, digest, at=request.desk.now())
    return True


def _send(request: HttpRequest, stream: Stream, _forms: dict[str, Any]) -> bool:
    import os

    desk, actor = request.desk, _actor(request)
    guard = guard_of(request)
    note = send_reply(
        desk.office, desk.pen, actor, stream, is_legal=is_legal, at=desk.now(), chance=os.urandom, guard=guard
    )
    messages.success(request, _("It was sent and receipted.") if note else _("It was sent; the matter stays open."))
    return True


def guard_of(request: HttpRequest) -> CallBackGuard:
    """Return what an emergency's answer has to pass before it is sent."""
    desk = request.desk
    return CallBackGuard(identifier=desk.identifier(), book=desk.law(), settings=desk.settings)


def _call(request: HttpRequest, stream: Stream, forms: dict[str, Any]) -> bool:
    form = CallForm(request.POST)
    if not form.is_valid():
        forms["call"] = form
        return False
    data = form.cleaned_data
    if find_authority(request.desk.identifier().registry, data["authority"]) is None:
        form.add_error("authority", _("The registry has no such authority."))
        forms["call"] = form
        return False
    record_call(
        request.desk.office, _actor(request), stream, CallBack(by=_id_of(request), **data), at=request.desk.now()
    )
    return True


def _lapse(request: HttpRequest, stream: Stream, _forms: dict[str, Any]) -> bool:
    lapse_question(request.desk.office, _actor(request), stream, request.POST.get("why", ""), at=request.desk.now())
    return True


def _court(request: HttpRequest, stream: Stream, _forms: dict[str, Any]) -> bool:
    court = request.POST.get("court", "")
    show_court(request.desk.office, _actor(request), stream, _number(request), court, at=request.desk.now())
    return True


def _take_back(request: HttpRequest, stream: Stream, _forms: dict[str, Any]) -> bool:
    import os

    desk = request.desk
    agree_to_take_back(
        desk.office, _actor(request), stream, _number(request), is_legal=is_legal, at=desk.now(), chance=os.urandom
    )
    return True


def _number(request: HttpRequest) -> int:
    number = request.POST.get("number", "")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Http404
    return int(number)


_ACTS = {
    "assess": _assess,
    "draft": _draft,
    "approve": _approve,
    "send": _send,
    "call": _call,
    "lapse": _lapse,
    "court": _court,
    "take-back": _take_back,
}


def _context(request: HttpRequest, stream: Stream, file: MatterFile, forms: dict[str, Any]) -> dict[str, Any]:
    desk, identifier = request.desk, request.desk.identifier()
    english = ENGLISH if request.GET.get("language") == ENGLISH else ""
    replies = replies_for(desk.office, desk.law(), desk.settings, file, english)
    asked = request.GET.get("form", "")
    reply = next((one for one in replies if one.form == asked), replies[0] if replies else None)
    legal = frozenset(person for person in file.approved_by if is_legal(person))
    proposals = proposals_of(file)
    put_in = proposals if request.GET.get("read") == "1" else ()
    initial = _drafted(file, reply, asked=bool(asked))
    return {
        "file": file,
        "reference": desk.office.references.format("request", file.number),
        "overdue": file.due_at is not None and file.due_at < desk.now(),
        "assess": forms.get("assess")
        or AssessForm(None, file, desk.settings, allowed_verifications(desk.office, identifier, file), put_in),
        "proposals": proposals,
        "put_in": bool(put_in),
        "call": forms.get("call") or CallForm(initial={"authority": file.kept.authority if file.kept else ""}),
        "draft": forms.get("draft") or DraftForm(initial=initial),
        "replies": replies,
        "in_english": english,
        "wanted": wanted_of(file),
        "may_lapse": not may_lapse(file, desk.now()),
        "reply": reply,
        "authority": authority_at(identifier, file),
        "lacks": call_back_lacks(desk.office, identifier, file),
        "lacking": _(lacks) if (lacks := lacking(file, legal) or guard_of(request)(desk.office, file)) else "",
        "sent_back": file.returned,
        "sent_back_by": _name_of(file.returned.by) if file.returned else "",
        "approved": [_name_of(person) for person in file.approved_by],
        "approved_by_me": _id_of(request) in file.approved_by,
        "thread": thread(desk.office, stream, _name_of),
        "counters": counters_of(desk.office, stream),
        "receipts": desk.receipts(stream),
    }


def _drafted(file: MatterFile, reply: Reply | None, *, asked: bool) -> dict[str, Any]:
    """Return what the reply's form begins with: the draft that stands, else the regime's form and what was ruled."""
    if file.draft and not asked:
        named = ("text", "category", "ground", "clause", "interim", "told_in")
        kept = {name: getattr(file.draft, name) for name in named}
        return kept | {"keyword": file.draft.keyword or "", "measures": format_measures(file.draft.measures)}
    interim = reply is not None and reply.form == INTERIM_FORM
    measures = () if interim or file.assessed is None else measures_as_ruled(file.assessed)
    return {"text": reply.text if reply else "", "measures": format_measures(measures), "interim": interim}


@require_safe
@for_legal
def raw(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Hand out what came, byte for byte, only ever as a file to keep: no browser may run it."""
    stream = _stream(request, reference)
    read_matter(request.desk.office, _actor(request), stream, "download as it came", at=request.desk.now())
    body = raw_of(request.desk.office, stream, number) if number < 2**63 else None
    if body is None:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="request-{number}.bin"'}
    return HttpResponse(body, content_type="application/octet-stream", headers=headers)


@require_http_methods(["POST"])
@for_legal
def thaw_account(request: HttpRequest) -> HttpResponse:
    """Give a frozen account its word back."""
    name, why = request.POST.get("authority", ""), request.POST.get("why", "")
    try:
        thaw(request.desk.office, _actor(request), name, why, at=request.desk.now())
    except InputError as error:
        messages.error(request, _(str(error)))
    return HttpResponseRedirect(reverse("console_legal"))


@require_http_methods(["POST"])
@for_legal
def decide_enrolment_page(request: HttpRequest) -> HttpResponse:
    """Accept an enrolment that was vouched for, and show its token this once; or refuse it."""
    desk, accept = request.desk, request.POST.get("act") == "accept"
    reference, why = request.POST.get("reference", ""), request.POST.get("why", "")
    try:
        name = decide_enrolment(desk.office, _actor(request), reference, accept=accept, why=why, at=desk.now())
        text = desk.tokens.renew(name, (Scope.REQUESTS,), desk.now()) if name else ""
        if name:
            hand_over(desk.office, reference, at=desk.now())
    except (InputError, Conflict) as error:
        messages.error(request, _(str(error)))
        return HttpResponseRedirect(reverse("console_legal"))
    if not text:
        return HttpResponseRedirect(reverse("console_legal"))
    return render(request, "legal/token.html", {"name": name, "text": text})


@require_http_methods(["POST"])
@for_legal
def letter(request: HttpRequest) -> HttpResponse:
    """Carry a waiting letter over to the requests, or put it away."""
    desk, reference, carry = request.desk, request.POST.get("reference", ""), request.POST.get("act") == "request"
    try:
        moved = move_letter(
            desk.office,
            desk.pen,
            _actor(request),
            reference,
            at=desk.now(),
            request=carry,
            right_address=desk.settings.authorities_address,
        )
    except (InputError, Conflict) as error:
        messages.error(request, _(str(error)))
        moved = ""
    target = reverse("console_legal_matter", args=[moved]) if moved else reverse("console_legal")
    return HttpResponseRedirect(target)


def _stream(request: HttpRequest, reference: str) -> Stream:
    try:
        return matter_of(request.desk.office, reference)
    except InputError as error:
        raise Http404 from error
