"""Forms of the legal team's pages: a request as a person reads it, what we know, a call, a draft."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any, get_args

from django import forms
from django.utils.translation import gettext_lazy as _
from msgspec.structs import replace

from evenhand.doors.web.legal_lines import format_asks, format_targets, parse_asks, parse_measures, parse_targets
from evenhand.flow.legal import first_request
from evenhand.flow.proposing import proposed_asks, proposed_values
from evenhand.settings import Settings
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Category, Ground, Keyword
from evenhand.vocabulary.matter import MatterFile, Measure
from evenhand.vocabulary.reading import ReadProposal
from evenhand.vocabulary.request import (
    Instrument,
    Issuer,
    IssuerKind,
    Request,
    RequestFacts,
    Signature,
    Verification,
)

TEXT_CHARS_MAX = 20_000
_COUNTRY = r"[A-Z]{2}"


def choices(values: Any, *, empty: bool = False) -> list[tuple[str, str]]:
    """Return codes as choices; they are the law's words and stay in their own letters."""
    return [*([("", "–")] if empty else []), *((value, value) for value in values)]


def _area(label: Any, rows: int = 3, **more: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "cols": 60})
    return forms.CharField(label=label, widget=widget, required=False, max_length=TEXT_CHARS_MAX, **more)


class AssessForm(forms.Form):
    """What was asked, as a person reads it, and what we know of it."""

    instrument = forms.ChoiceField(label=_("Instrument"), choices=choices(get_args(Instrument)))
    issuer_name = forms.CharField(label=_("Issued by"), max_length=300, required=False)
    issuer_country = forms.RegexField(_COUNTRY, label=_("Issuer’s state (two letters, or EU)"), max_length=2)
    issuer_kind = forms.ChoiceField(label=_("Kind of issuer"), choices=choices(get_args(IssuerKind)))
    issuer_address = forms.CharField(label=_("Issuer’s address"), max_length=320, required=False)
    asks = _area(_("What is asked: id | kind | data | targets, one a line"), 5)
    legal_basis = _area(_("Legal basis"), 2)
    offence = _area(_("Offence"), 2)
    validated_by = forms.ChoiceField(
        label=_("Validated by"), choices=choices(get_args(IssuerKind), empty=True), required=False
    )
    territory = forms.CharField(label=_("Territory (codes with spaces)"), max_length=300, required=False)
    emergency = _area(_("Emergency, as described"), 2)
    reasons = _area(_("Reasons given"), 4)
    redress = _area(_("Redress named"), 2)
    signature = forms.ChoiceField(label=_("Signature, as we checked it"), choices=choices(get_args(Signature)))
    language = forms.CharField(label=_("Language of the request"), max_length=20, required=False)
    confidential_until = forms.DateTimeField(label=_("Confidential until (UTC)"), required=False)
    verified = forms.ChoiceField(label=_("Sender verified by"))
    targets = _area(_("What we know: target | held | on our service | kind | flags, one a line"), 6)
    establishment = forms.RegexField(_COUNTRY, label=_("State of our establishment (two letters)"), max_length=2)
    languages = forms.CharField(label=_("Languages that we declared"), max_length=300, required=False)
    markets = forms.CharField(label=_("States that we offer the service in"), max_length=1000, required=False)

    def __init__(
        self,
        data: Any,
        file: MatterFile,
        settings: Settings,
        allowed: tuple[Verification, ...],
        read: Sequence[ReadProposal] = (),
    ) -> None:
        """Begin with what is known; `read`: proposals that a person asked to have put in."""
        super().__init__(data, initial=_initial(file, settings, allowed[-1]) | _read(read))
        self._file = file
        self.fields["verified"].choices = choices(allowed)

    def clean(self) -> dict[str, Any]:
        """Turn the lines into asks and facts; what is wrong with one is said at its field."""
        found: dict[str, Any] = super().clean() or {}
        for name, parse in (("asks", parse_asks), ("targets", parse_targets)):
            try:
                found[name] = parse(found.get(name, ""))
            except InputError as error:
                self.add_error(name, str(error))
        if not self.errors and not found["asks"]:
            self.add_error("asks", _("A request asks for something."))
        return found

    def request(self) -> Request:
        """Return the request as the person read it."""
        data = self.cleaned_data
        texts = {
            name: data[name].strip() or None
            for name in ("legal_basis", "offence", "emergency", "reasons", "redress", "language", "validated_by")
        }
        issuer = Issuer(
            name=data["issuer_name"],
            country=data["issuer_country"],
            kind=data["issuer_kind"],
            address=data["issuer_address"] or None,
        )
        ends = data["confidential_until"]
        return replace(
            first_request(self._file),
            instrument=data["instrument"],
            issuer=issuer,
            asks=data["asks"],
            territory=tuple(data["territory"].upper().split()),
            signature=data["signature"],
            confidential_until=ends.astimezone(UTC) if ends else None,
            **texts,
        )

    def facts(self) -> RequestFacts:
        """Return what we know."""
        data = self.cleaned_data
        return RequestFacts(
            verified=data["verified"],
            targets=data["targets"],
            establishment=data["establishment"],
            languages=tuple(data["languages"].lower().split()),
            markets=tuple(data["markets"].upper().split()),
        )


def _read(read: Sequence[ReadProposal]) -> dict[str, Any]:
    """Return the fields that proposals fill: what is known of targets stays a question mark."""
    asks = proposed_asks(read)
    named = tuple(dict.fromkeys(target for ask in asks for target in ask.targets))
    lines = {"asks": format_asks(asks), "targets": format_targets(named, {})} if asks else {}
    return proposed_values(read) | lines


def _initial(file: MatterFile, settings: Settings, verified: Verification) -> dict[str, Any]:
    request = first_request(file)
    facts = file.assessed.facts if file.assessed else None
    spoken = [
        language for contact in settings.contacts if contact.purpose == "authorities" for language in contact.languages
    ]
    return {
        "instrument": request.instrument,
        "issuer_name": request.issuer.name,
        "issuer_country": "" if request.issuer.country == "XX" else request.issuer.country,
        "issuer_kind": request.issuer.kind,
        "issuer_address": request.issuer.address,
        "asks": format_asks(request.asks),
        "territory": " ".join(request.territory),
        "signature": request.signature,
        "confidential_until": request.confidential_until,
        "verified": facts.verified if facts else verified,
        "targets": format_targets(
            (target for ask in request.asks for target in ask.targets), facts.targets if facts else {}
        ),
        "establishment": facts.establishment if facts else "",
        "languages": " ".join(facts.languages if facts else spoken),
        "markets": " ".join(facts.markets) if facts else "",
        **{
            name: getattr(request, name)
            for name in ("legal_basis", "offence", "validated_by", "emergency", "reasons", "redress", "language")
        },
    }


class CallForm(forms.Form):
    """A call to the authority itself."""

    authority = forms.CharField(label=_("Authority (its id in the registry)"), max_length=64)
    number = forms.CharField(label=_("Number called"), max_length=40)
    channel = forms.ChoiceField(label=_("Channel"), choices=choices(("phone", "post", "mail", "portal", "api")))
    spoke_to = forms.CharField(label=_("Who answered: name and post"), max_length=300)
    confirmed = forms.BooleanField(label=_("They confirmed that the request is theirs"), required=False)


class DraftForm(forms.Form):
    """The reply, what is done when it leaves, and as what that is counted."""

    text = forms.CharField(
        label=_("Reply"), widget=forms.Textarea(attrs={"rows": 18, "cols": 80}), max_length=100_000, strip=False
    )
    measures = _area(_("What is done when it is sent: target | disable or geo-restrict | states, one a line"), 4)
    ground = forms.ChoiceField(
        label=_("Ground"),
        choices=[
            (Ground.ILLEGAL_CONTENT.value, _("Against the law")),
            (Ground.INCOMPATIBLE_CONTENT.value, _("Against our own rules")),
        ],
        initial=Ground.ILLEGAL_CONTENT.value,
    )
    clause = forms.CharField(label=_("Clause of our own rules"), max_length=500, required=False)
    category = forms.ChoiceField(
        label=_("Category of the content"), choices=choices(Category), initial=Category.OTHER_VIOLATION_TC.value
    )
    keyword = forms.ChoiceField(label=_("Keyword"), choices=choices(Keyword, empty=True), required=False)

    told_in = forms.RegexField(
        "^[a-z]{2,3}$",
        label=_("Language in which those concerned are told, as in de; empty: the item’s, where the desk knows it"),
        required=False,
    )
    interim = forms.BooleanField(
        label=_("Only word of how things stand: nothing is done, and the matter stays open"), required=False
    )

    def clean_measures(self) -> tuple[Measure, ...]:
        """Return what is done."""
        try:
            return parse_measures(self.cleaned_data["measures"])
        except InputError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_text(self) -> str:
        """Return the text with one kind of line end: browsers send two bytes where the page had one."""
        return str(self.cleaned_data["text"]).replace("\r\n", "\n").replace("\r", "\n")
