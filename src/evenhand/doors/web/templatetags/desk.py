"""Tags and filters: numbers, names of codes, hostile text made visible."""

import unicodedata

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from evenhand.doors.web.assets import asset_url
from evenhand.doors.web.contact import within
from evenhand.doors.web.keys import ACTION_KEYS, KEYS, OUTCOME_KEYS
from evenhand.doors.web.labels import (
    deed_label,
    desk_label,
    item_label,
    label,
    language_label,
    likeness_label,
    outcome_label,
    step_label,
)
from evenhand.doors.web.reasons import reason_label
from evenhand.doors.web.request_labels import (
    ask_label,
    field_label,
    follow_label,
    instrument_label,
    issuer_label,
)
from evenhand.vocabulary.case import AppealOutcome
from evenhand.vocabulary.decision import Action

register = template.Library()

_SHOWN = frozenset("\n\t\u200c\u200d")  # joiners belong to Persian words and to emoji
_ISOLATES = frozenset("\u2066\u2067\u2068\u2069")
_GROUPS = {"de": ".", "fr": "\u202f", "fa": "٬"}  # Django has no grouping for Arabic and Persian
CLIP_CHARS = 400
SHORT_CHARS = 80
WHOLE_CHARS = 10_000

register.simple_tag(asset_url, name="asset")
register.filter("label", label)
register.filter("item", item_label)
register.filter("language", language_label)
register.filter("step", step_label)
register.filter("likeness", likeness_label)
register.filter("reason", reason_label)
register.filter("deed", deed_label)
register.filter("word", desk_label)
register.filter("outcome", outcome_label)
register.filter("within", within)
register.filter("instrument", instrument_label)
register.filter("required_field", field_label)
register.filter("follow_state", follow_label)


@register.filter
def asks(codes: tuple[str, ...]) -> str:
    """Return what may be asked for."""
    return " · ".join(ask_label(code) for code in codes)


@register.filter
def issuers(codes: tuple[str, ...]) -> str:
    """Return who may issue."""
    return " · ".join(issuer_label(code) for code in codes)


@register.simple_tag
def key(name: str) -> SafeString:
    """Return what gives a control its key; `name` is an action of `keys`, a decision's or an outcome's."""
    return format_html(' data-key="{0}" aria-keyshortcuts="{1}"', _key(name), _spoken(_key(name)))


@register.simple_tag
def kbd(name: str) -> SafeString:
    """Show a control's key to those who look; screen readers have it from the control."""
    return format_html('<kbd aria-hidden="true" dir="ltr">{}</kbd>', _key(name))


def _key(name: str) -> str:
    if name in KEYS:
        return KEYS[name][0]
    return OUTCOME_KEYS[AppealOutcome(name)] if name in set(AppealOutcome) else ACTION_KEYS[Action(name)]


def _spoken(letter: str) -> str:
    """Return a key as `aria-keyshortcuts` writes it."""
    return f"Shift+{letter}" if letter.isupper() and len(letter) == 1 else letter.replace("Ctrl", "Control")


@register.filter
def item_of(values: dict[str, str], name: str) -> str:
    """Return what stands under a name; the name itself where nothing does."""
    return values.get(name, name)


@register.filter
def as_text(value: object) -> str:
    """Write a value of a statement or a call: lists and counts with commas, everything visible."""
    if isinstance(value, dict):
        value = [f"{desk_label(str(name))} {count}" for name, count in value.items()]
    return visible(", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))


@register.filter
def n(value: int | None) -> str:
    """Write a whole number the way the page's language groups digits."""
    return "–" if value is None else f"{value:,}".replace(",", _GROUPS.get(get_language() or "en", ","))


@register.filter
def visible(text: str) -> str:
    """Show what would act invisibly: controls, direction overrides, zero-width and unpaired letters as ⟦U+202E⟧."""
    return "".join(f"⟦U+{ord(c):04X}⟧" if _acts(c) else c for c in text[:WHOLE_CHARS])


@register.filter
def isolated(text: str) -> SafeString:
    """Return a name for the middle of a sentence: made visible, and its letters reorder nothing around them."""
    return format_html("<bdi>{}</bdi>", visible(text))


@register.filter
def whole(text: str) -> str:
    """Show every character of what is approved or sent, made visible: nobody approves what they cannot see."""
    return "".join(f"⟦U+{ord(c):04X}⟧" if _acts(c) else c for c in text)


@register.filter
def short(text: str) -> str:
    """Return the beginning of what is short unless somebody made it long, made visible."""
    return visible(text if len(text) <= SHORT_CHARS else text[:SHORT_CHARS] + "…")


@register.filter
def clipped(text: str) -> str:
    """Return the first part of a long text, made visible."""
    return visible(text if len(text) <= CLIP_CHARS else text[:CLIP_CHARS] + " …")


@register.filter
def letter(text: str) -> str:
    """Show a letter of ours: the isolates that keep its parts in order act, everything else is made visible."""
    return "".join(c if c in _ISOLATES else visible(c) for c in text[:WHOLE_CHARS])


def _acts(c: str) -> bool:
    return c not in _SHOWN and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
