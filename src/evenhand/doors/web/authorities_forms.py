"""Forms of the portal for authorities. What a regime requires is marked, not enforced: nothing is lost for a gap."""

from datetime import datetime
from typing import Any, get_args

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from evenhand.doors.web.request_labels import ask_label, data_label, issuer_label, page_language
from evenhand.flow.enrolment import Wish
from evenhand.views.regimes import FormLine, RegimeShown
from evenhand.vocabulary.request import DATA_CATEGORIES, Ask, Issuer, IssuerKind, Request

FILE_BYTES_MAX = 20 << 20
TEXT_CHARS_MAX = 20_000
TARGETS_MAX = 1_000
_LAST = ("text", "file", "token")
_FIELDS = {"asks.targets": "targets", "asks.data": "data", "issuer.name": "issuer_name"}


def _area(label: Any, rows: int = 3) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "cols": 60})
    return forms.CharField(label=label, widget=widget, required=False, max_length=TEXT_CHARS_MAX)


def _line(label: Any, most: int = 300, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=False, **more)


def _issuers() -> list[tuple[str, str]]:
    return [(kind, issuer_label(kind)) for kind in get_args(IssuerKind)]


def _recorded(line: FormLine) -> str:
    return f"{line.section}. {line.recorded}" if line.section else line.recorded


def _cited(source: str, recalled: bool) -> str:
    return f"{source} ({gettext('recalled')})" if recalled else source


def _label(line: FormLine) -> str:
    """Return a field's label; one without words in the page's language keeps its direction and says its language."""
    text = f"{line.section}. {line.label}" if line.section else line.label
    if line.language == page_language():
        return text
    return format_html('<bdi lang="{}">{}</bdi>', line.language, text)


class SubmitForm(forms.Form):
    """A request under one regime."""

    issuer_name = _line(_("Issuing authority"))
    issuer_country = forms.RegexField(r"[A-Z]{2}", label=_("Its state (two capital letters, or EU)"), max_length=2)
    issuer_kind = forms.ChoiceField(label=_("Kind of authority"), choices=_issuers)
    address = forms.EmailField(label=_("Official e-mail address"), max_length=320)
    ask = forms.ChoiceField(label=_("What is asked"))
    targets = _area(_("Exact locations or accounts, one a line"), 5)
    data = forms.MultipleChoiceField(
        label=_("Data asked for"),
        choices=lambda: [(data, data_label(data)) for data in DATA_CATEGORIES],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    legal_basis = _area(_("Legal basis"), 2)
    reasons = _area(_("Statement of reasons"), 4)
    offence = _area(_("Offence, with its maximum sentence"), 2)
    redress = _area(_("Redress available, and its time limit"), 2)
    emergency = _area(_("Imminent threat, in detail"), 3)
    territory = _line(_("Territory (state codes with spaces)"))
    validated_by = forms.ChoiceField(label=_("Validated by"), choices=lambda: [("", "–"), *_issuers()], required=False)
    language = _line(_("Language of the request (two letters)"), 5)
    text = _area(_("Anything else"), 4)
    file = forms.FileField(label=_("Signed form (PDF)"), required=False)
    token = _line(
        _("Token, if you are enrolled"), 100, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )  # fmt: skip

    def __init__(self, data: Any, files: Any, regime: RegimeShown) -> None:
        super().__init__(data, files, initial={"issuer_country": regime.country})
        self._regime = regime
        self._own = {f"form_{line.name}": line for line in regime.form}
        for name, line in self._own.items():
            self.fields[name] = _area(_label(line), 2)
            self.fields[name].help_text = _cited(regime.form_source, regime.form_recalled)
        # What is sent with it, and by whom, stands below the form itself.
        self.order_fields([name for name in self.fields if name not in _LAST] + list(_LAST))
        self.fields["ask"].choices = [(ask, ask_label(ask)) for ask in regime.asks]
        if "disclose" not in regime.asks:
            del self.fields["data"]
        for row in regime.needed:
            name = _FIELDS.get(row.field, row.field)
            if name in self.fields:
                self.fields[name].help_text = _cited(row.source, row.recalled)
        # A table of choices has no single box that a help text could describe.
        if "data" in self.fields:
            self.fields["data"].help_text = ""

    def clean_file(self) -> bytes:
        """Return the file's bytes as they came: a PDF by its content, whatever its name says."""
        sent = self.cleaned_data["file"]
        if sent is None:
            return b""
        if sent.size > FILE_BYTES_MAX:
            raise forms.ValidationError(_("A file has at most 20 MiB."))
        body: bytes = sent.read()
        if not body.startswith(b"%PDF-"):
            raise forms.ValidationError(_("This is not a PDF by its content."))
        return body

    def whole_text(self) -> str:
        """Return the regime's own fields that were filled in, a paragraph each, and what else was written.

        Each is named as its row names it, so that the record does not depend on the page's language.
        """
        filled = [(line, self.cleaned_data[name].strip()) for name, line in self._own.items()]
        lines = [f"{_recorded(line)}: {value}" for line, value in filled if value]
        return "\n\n".join([*lines, *filter(None, [self.cleaned_data["text"]])])

    def clean_targets(self) -> tuple[str, ...]:
        """Return the targets, each once."""
        found = tuple(dict.fromkeys(line.strip() for line in self.cleaned_data["targets"].splitlines() if line.strip()))
        if len(found) > TARGETS_MAX:
            raise forms.ValidationError(_("A request has at most 1,000 targets; please send several."))
        return found

    def request(self, received_at: datetime) -> Request:
        """Return what was filled in as a request; nobody has looked at a signature yet."""
        data = self.cleaned_data
        names = ("legal_basis", "reasons", "offence", "redress", "emergency", "validated_by", "language")
        texts: dict[str, Any] = {name: data[name].strip() or None for name in names}
        ask = Ask(id="1", kind=data["ask"], data=tuple(data.get("data", ())), targets=data["targets"])
        return Request(
            instrument=self._regime.instrument,  # type: ignore[arg-type] # one of the instruments
            issuer=Issuer(
                name=data["issuer_name"],
                country=data["issuer_country"],
                kind=data["issuer_kind"],
                address=data["address"],
            ),
            received_at=received_at,
            asks=(ask,),
            territory=tuple(data["territory"].upper().split()),
            **texts,
        )


class EnrolForm(forms.Form):
    """A wish to be enrolled."""

    agency = forms.CharField(label=_("Agency"), max_length=300)
    state = forms.RegexField(r"[A-Z]{2}", label=_("Its state (two capital letters, or EU)"), max_length=2)
    address = forms.EmailField(label=_("Your official e-mail address"), max_length=320)
    administrator = forms.EmailField(
        label=_("Official e-mail address of your agency’s administrator, who vouches for you"), max_length=320
    )
    officer = forms.CharField(label=_("Your name and post"), max_length=300)
    phone = forms.CharField(label=_("Telephone at your agency"), max_length=40)

    def wish(self) -> Wish:
        """Return it as a wish."""
        return Wish(**self.cleaned_data)


class FollowForm(forms.Form):
    """A reference to follow."""

    reference = forms.CharField(label=_("Reference"), max_length=60)


class AnswerForm(forms.Form):
    """An answer to our question, or the token with which an answer of ours is read."""

    text = forms.CharField(
        label=_("Your answer"), widget=forms.Textarea(attrs={"rows": 8, "cols": 60}), max_length=100_000
    )


class TokenForm(forms.Form):
    """The token that sent a request."""

    token = forms.CharField(label=_("Token"), widget=forms.PasswordInput(attrs={"autocomplete": "off"}), max_length=100)
