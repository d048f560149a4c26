"""The notice form (Regulation (EU) 2022/2065, Art. 16): for anybody, without an account and without a cookie."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from evenhand.doors.web.queues import office_of
from evenhand.doors.web.visitors import new_token, read_token, visitor_form
from evenhand.flow.completeness import lacking
from evenhand.flow.letter_box import propose_request
from evenhand.flow.notice_receipt import notice_receipt
from evenhand.flow.notices import receive_notice, subject_for
from evenhand.flow.wrong_door import shipped_door_model
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Category, Keyword
from evenhand.vocabulary.notice import Attachment, Notice, Snapshot
from evenhand.vocabulary.post import ItemKind

FILES_MAX = 5
FILE_BYTES_MAX = 5 << 20
LOCATIONS_MAX = 50
LOCATION_CHARS_MAX = 2000
REASONS_CHARS_MAX = 20_000

SUBJECTS: Mapping[str, tuple[Category, Keyword | None, Any]] = MappingProxyType(
    {
        "child": (
            Category.PROTECTION_OF_MINORS,
            Keyword.CHILD_SEXUAL_ABUSE_MATERIAL,
            _("Sexual abuse of a child (no name needed)"),
        ),
        "terror": (Category.RISK_FOR_PUBLIC_SECURITY, Keyword.TERRORIST_CONTENT, _("Terrorist content")),
        "life": (Category.SELF_HARM, None, _("Somebody’s life is in danger")),
        "violence": (Category.VIOLENCE, None, _("Threats and violence")),
        "hate": (Category.ILLEGAL_OR_HARMFUL_SPEECH, Keyword.HATE_SPEECH, _("Hate, insult, slander")),
        "images": (
            Category.CYBER_VIOLENCE,
            Keyword.NON_CONSENSUAL_IMAGE_SHARING,
            _("Intimate images without consent, harassment"),
        ),
        "fraud": (Category.SCAMS_AND_FRAUD, None, _("Fraud")),
        "goods": (Category.UNSAFE_AND_PROHIBITED_PRODUCTS, None, _("Prohibited goods")),
        "rights": (Category.INTELLECTUAL_PROPERTY_INFRINGEMENTS, None, _("Copyright and trademarks")),
        "privacy": (Category.DATA_PROTECTION_AND_PRIVACY_VIOLATIONS, None, _("My private data")),
        "animals": (Category.ANIMAL_WELFARE, None, _("Cruelty to animals")),
        "other": (Category.NOT_SPECIFIED_NOTICE, None, _("Something else")),
    }
)
"""What the form offers → what it means."""

_FIELDS = MappingProxyType({"items": "locations"})
"""The law's element → the form's field, where they differ."""

_ASKED = MappingProxyType(
    {
        "reasons": _("Say in a sentence or two why it is illegal."),
        "locations": _("Give the exact address of each thing that you report."),
        "name": _("Give your name."),
        "email": _("Give an e-mail address at which we can answer you."),
        "good_faith": _("Please confirm that you believe what you write."),
    }
)


@visitor_form("report")
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Show the form; take a notice in and show its reference."""
    if request.method != "POST":
        subject = request.GET.get("about", "")
        values = {"subject": subject if subject in SUBJECTS else "", "kind": ItemKind.POST.value}
        return _form(request, values)
    raw = bytes(request.body)  # kept as it came: read before it is parsed
    values = {name: request.POST.get(name, "") for name in ("subject", "kind", "locations", "reasons", "name", "email")}
    values["good_faith"] = request.POST.get("good_faith", "")
    token = read_token(request.POST.get("form", ""))
    if token is None:
        return _form(request, values, {"form": _("The form was too old. Please send it again.")})
    try:
        notice = _notice(request, token, raw, values)
    except InputError as error:
        return _form(request, values, {error.field: error.reason})
    if wrong := lacking(notice):
        return _form(request, values, {_FIELDS.get(field, field): _ASKED[_FIELDS.get(field, field)] for field in wrong})
    office, pen = office_of(request), request.desk.pen
    received = receive_notice(office, notice)
    if pen is not None:
        notice_receipt(office, pen, received.reference, at=notice.received_at)
    context = {
        "received": received,
        "email": notice.email,
        "receipt": pen is not None,
        "right_address": _right_address(request, notice) if not received.again else "",
    }
    answer = render(request, "report_received.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


def _right_address(request: HttpRequest, notice: Notice) -> str:
    """Return the authorities' address if the notice reads like an authority's request; a person looks at it then."""
    proposed = propose_request(
        office_of(request),
        shipped_door_model(),
        notice.reasons,
        notice.raw,
        door="notice form",
        subject=subject_for(notice),
        at=notice.received_at,
        sender=notice.email,
        language=notice.language,
    )
    return str(request.desk.settings.authorities_address) if proposed else ""


def _form(request: HttpRequest, values: Mapping[str, str], wrong: Mapping[str, Any] | None = None) -> HttpResponse:
    context = {
        "values": values,
        "wrong": wrong or {},
        "subjects": [(name, words) for name, (_category, _keyword, words) in SUBJECTS.items()],
        "kinds": list(ItemKind),
        "token": new_token(),
        "files_max": FILES_MAX,
    }
    return render(request, "report.html", context, status=400 if wrong else 200)


def _notice(request: HttpRequest, token: str, raw: bytes, values: Mapping[str, str]) -> Notice:
    if values["subject"] not in SUBJECTS:
        raise InputError("subject", str(_("Please choose what it is about.")))
    category, keyword, _words = SUBJECTS[values["subject"]]
    return Notice(
        key=f"form/{token}",
        received_at=request.desk.now(),
        raw=raw,
        items=_items(values),
        reasons=_bounded("reasons", values["reasons"], REASONS_CHARS_MAX),
        name=_bounded("name", values["name"], 300),
        email=_bounded("email", values["email"].strip(), 320),
        good_faith=bool(values["good_faith"]),
        category=category,
        keyword=keyword,
        language=str(request.LANGUAGE_CODE).upper(),
        channel="form",
        attachments=_attachments(request),
    )


def _items(values: Mapping[str, str]) -> tuple[Snapshot, ...]:
    lines = [line.strip() for line in values["locations"].splitlines() if line.strip()]
    if len(lines) > LOCATIONS_MAX:
        raise InputError("locations", str(_("Please send at most 50 addresses at a time.")))
    if any(len(line) > LOCATION_CHARS_MAX or " " in line or "." not in line for line in lines):
        raise InputError(
            "locations", str(_("Please give one exact address a line, as in https://example.org/post/17."))
        )
    kind = ItemKind(values["kind"]) if values["kind"] in set(ItemKind) else ItemKind.POST
    return tuple(Snapshot(kind=kind, url=line) for line in dict.fromkeys(lines))


def _bounded(field: str, text: str, most: int) -> str:
    plain = text.replace("\r\n", "\n").strip()
    if len(plain) > most:
        raise InputError(field, str(_("This is too long.")))
    return plain


def _attachments(request: HttpRequest) -> tuple[Attachment, ...]:
    files = [file for file in request.FILES.getlist("files") if file.size]
    if len(files) > FILES_MAX:
        raise InputError("files", str(_("Please send at most five files.")))
    if any(file.size > FILE_BYTES_MAX for file in files):
        raise InputError("files", str(_("A file may have 5 MB.")))
    return tuple(Attachment(name=str(file.name)[:255], body=file.read()) for file in files)
