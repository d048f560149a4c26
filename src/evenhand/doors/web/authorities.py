"""The portal for authorities: what to write and where, enrolment, each regime's form, following by reference.

Who has a reference sees how that request stands and what we asked; an answer is read with the token that sent it.
Nothing here tells whether anything else was ever asked.
"""

import os
from hashlib import sha256
from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from evenhand.doors.http.tokens import Scope, Token
from evenhand.doors.web.authorities_forms import AnswerForm, EnrolForm, FollowForm, SubmitForm, TokenForm
from evenhand.doors.web.contact import within
from evenhand.doors.web.labels import language_label
from evenhand.doors.web.pages import public_page
from evenhand.doors.web.reasons import reason_label
from evenhand.doors.web.request_labels import page_language
from evenhand.flow.authorities import authority_of
from evenhand.flow.enrolment import ask_to_enrol, check_link, vouch
from evenhand.flow.follow import follow
from evenhand.flow.intake import TOKEN, accept_message, accept_request
from evenhand.flow.requests import load_matter, matter_of
from evenhand.views.regimes import RegimeShown, regime_on, regimes_on
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.errors import Conflict, InputError
from evenhand.vocabulary.matter import Incoming

_FOR_AUTHORITIES = frozenset({"authorities", "terrorist-content"})


@public_page
def portal(request: HttpRequest) -> HttpResponse:
    """Show the right address, and of every regime what its form needs and when the answer is due."""
    desk = request.desk
    contacts = [
        {
            "email": entry.email,
            "languages": [language_label(code) for code in entry.languages],
            "within": within(entry.answer_within),
            "purpose": entry.purpose,
        }
        for entry in desk.settings.contacts
        if entry.purpose in _FOR_AUTHORITIES
    ]
    regimes = regimes_on(desk.law(), desk.today())
    return render(request, "authorities/portal.html", {"contacts": contacts, "regimes": regimes})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest, instrument: str) -> HttpResponse:
    """Take a request in a regime's own form; what came is receipted byte for byte."""
    sent = request.method == "POST"
    state = request.POST.get("issuer_country") if sent else request.GET.get("state")
    regime = _regime(request, instrument, state or "")
    form = SubmitForm(request.POST, request.FILES, regime) if sent else SubmitForm(None, None, regime)
    token: Token | None = None
    if sent and form.is_valid():
        token = _token(request, form.cleaned_data["token"])
        if form.cleaned_data["token"] and token is None:
            form.add_error("token", _("This token is not known. Without one you may send your request too."))
        else:
            return _taken(request, form, token)
    context = {"form": form, "regime": regime}
    return render(request, "authorities/submit.html", context, status=422 if sent else 200)


def _taken(request: HttpRequest, form: SubmitForm, token: Token | None) -> HttpResponse:
    desk, now = request.desk, request.desk.now()
    known = authority_of(desk.office, desk.identifier(), token.name) if token else None
    asked = form.request(now)
    # Without a signed form the bytes of record are the fields in one fixed order; the page shows them to be kept.
    text = form.whole_text()
    raw = form.cleaned_data["file"] or msgspec.json.encode({"request": asked, "text": text}, order="sorted")
    incoming = Incoming(
        key=os.urandom(16).hex(),
        received_at=now,
        raw=raw,
        entrance="portal",
        sender=TOKEN + token.name if token else form.cleaned_data["address"],
        authority=known.id if known else "",
        verified="registry" if known else "none",
        request=asked,
        text=text,
        language=(asked.language or "EN")[:2].upper(),
    )
    accepted = accept_request(desk.office, desk.pen, incoming, authority=known)
    shown = "" if form.cleaned_data["file"] else raw.decode("utf-8")
    context = {"accepted": accepted, "message": shown, "sha256": sha256(raw).hexdigest()}
    return render(request, "authorities/taken.html", context, status=201)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Take a wish to be enrolled; the answer does not tell whether the domain is known."""
    _open(request)
    form = EnrolForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        desk = request.desk
        try:
            reference = ask_to_enrol(desk.office, desk.identifier(), form.wish(), at=desk.now(), chance=os.urandom)
        except Conflict as error:
            form.add_error(None, reason_label(error))
        except InputError as error:
            form.add_error(error.field if error.field in form.fields else None, reason_label(error.reason))
        else:
            return render(request, "authorities/enrolled.html", {"reference": reference}, status=201)
    return render(request, "authorities/enrol.html", {"form": form}, status=422 if request.method == "POST" else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def vouch_page(request: HttpRequest, reference: str, secret: str) -> HttpResponse:
    """Ask an agency's administrator whether they vouch; only their button does, never a filter that opens links."""
    desk = _open(request)
    try:
        found = check_link(desk.office, reference, secret, at=desk.now())
        if request.method == "POST":
            vouch(desk.office, reference, secret, at=desk.now())
    except InputError as error:
        return render(request, "authorities/vouch.html", {"reason": error.reason}, status=404)
    context = {"wish": found.kept.wish, "done": request.method == "POST"}
    return render(request, "authorities/vouch.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Ask for a reference and go to it."""
    form = FollowForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _stream(request, form.cleaned_data["reference"])
        except Http404:
            form.add_error("reference", _("This is not one of our references."))
        else:
            plain = form.cleaned_data["reference"].strip().replace(" ", "")
            return HttpResponseRedirect(reverse("authority_follow", args=[plain]))
    return render(request, "authorities/find.html", {"form": form}, status=422 if request.method == "POST" else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow_page(request: HttpRequest, reference: str) -> HttpResponse:
    """Show how a request stands, take an answer to our question, show our answer to the token that sent it."""
    stream = _stream(request, reference)
    context: dict[str, Any] = {"answer": AnswerForm(), "token": TokenForm(), "text": ""}
    status = 200
    if request.method == "POST" and "text" in request.POST:
        status = _answered(request, stream, context)
    elif request.method == "POST":
        status = _unsealed(request, stream, context)
    found = follow(request.desk.office, stream)
    if found.state == "waiting for you":
        context["text"] = found.text
    return render(request, "authorities/follow.html", context | {"found": found}, status=status)


def _answered(request: HttpRequest, stream: Stream, context: dict[str, Any]) -> int:
    desk = request.desk
    form = context["answer"] = AnswerForm(request.POST)
    if not form.is_valid():
        return 422
    text = form.cleaned_data["text"].replace("\r\n", "\n")
    try:
        accepted = accept_message(desk.office, desk.pen, stream, text, text.encode("utf-8", "replace"), at=desk.now())
    except (Conflict, InputError) as error:
        form.add_error(None, reason_label(error.reason if isinstance(error, InputError) else error))
        return 409
    context["accepted"] = accepted
    return 200


def _unsealed(request: HttpRequest, stream: Stream, context: dict[str, Any]) -> int:
    form = context["token"] = TokenForm(request.POST)
    if not form.is_valid():
        return 422
    token = _token(request, form.cleaned_data["token"])
    kept = load_matter(request.desk.office, stream).kept
    if token is None or kept is None or kept.sender != TOKEN + token.name:
        form.add_error("token", _("This token did not send this request."))
        return 422
    context["text"] = follow(request.desk.office, stream).text
    return 200


@never_cache
@require_safe
def receipts(request: HttpRequest, reference: str) -> HttpResponse:
    """Hand out a request's receipts: each the .tlog-proof where the log has it, else the signed note."""
    stream = _stream(request, reference)
    found = request.desk.receipts(stream)
    asked = request.GET.get("n", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0
    if not 1 <= number <= len(found):
        raise Http404
    one = found[number - 1]
    name = f"{reference}-{number}.{'tlog-proof' if one.proof else 'receipt'}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(one.proof or one.note, content_type="text/plain; charset=utf-8", headers=headers)


def _token(request: HttpRequest, text: str) -> Token | None:
    token: Token | None = request.desk.tokens.find(f"Bearer {text.strip()}") if text.strip() else None
    return token if token is not None and Scope.REQUESTS in token.scopes else None


def _open(request: HttpRequest) -> Any:
    """Return the desk, if it takes anything in."""
    desk = request.desk
    if desk.office is None or desk.pen is None:
        raise Http404
    return desk


def _regime(request: HttpRequest, instrument: str, state: str) -> RegimeShown:
    desk = _open(request)
    law = desk.law()
    regime = regime_on(law, instrument, desk.today(), state if state in law.states else "", page_language())
    if regime is None:
        raise Http404
    return regime


def _stream(request: HttpRequest, reference: str) -> Stream:
    try:
        return matter_of(_open(request).office, reference)
    except InputError as error:
        raise Http404 from error
