"""Tags and filters: numbers, names of codes, hostile text made visible."""

import unicodedata

from django import template
from django.utils.translation import get_language

from evenhand.doors.web.assets import asset_url
from evenhand.doors.web.labels import item_label, label, language_label

register = template.Library()

_SHOWN = frozenset("\n\t\u200c\u200d")  # joiners belong to Persian words and to emoji
_GROUPS = {"de": ".", "fr": "\u202f", "fa": "٬"}  # Django has no grouping for Arabic and Persian
CLIP_CHARS = 400
SHORT_CHARS = 80
WHOLE_CHARS = 10_000

register.simple_tag(asset_url, name="asset")
register.filter("label", label)
register.filter("item", item_label)
register.filter("language", language_label)


@register.filter
def n(value: int | None) -> str:
    """Write a whole number the way the page's language groups digits."""
    return "–" if value is None else f"{value:,}".replace(",", _GROUPS.get(get_language() or "en", ","))


@register.filter
def visible(text: str) -> str:
    """Show what would act invisibly: controls, direction overrides, zero-width and unpaired letters as ⟦U+202E⟧."""
    return "".join(f"⟦U+{ord(c):04X}⟧" if _acts(c) else c for c in text[:WHOLE_CHARS])


@register.filter
def short(text: str) -> str:
    """Return the beginning of what is short unless somebody made it long, made visible."""
    return visible(text if len(text) <= SHORT_CHARS else text[:SHORT_CHARS] + "…")


@register.filter
def clipped(text: str) -> str:
    """Return the first part of a long text, made visible."""
    return visible(text if len(text) <= CLIP_CHARS else text[:CLIP_CHARS] + " …")


def _acts(c: str) -> bool:
    return c not in _SHOWN and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
