"""Words for codes. A code that has none is shown in its own letters: unknown is not hidden."""

from types import MappingProxyType

from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from evenhand.vocabulary.eu import Automation, Category, Ground, Keyword, Source

_LABELS = MappingProxyType(
    {
        "post": _("Posts"),
        "channel": _("Channels"),
        "account": _("Accounts"),
        "remove": _("Removed"),
        "ban": _("Banned"),
        "disable": _("Disabled"),
        "demote": _("Demoted"),
        "label": _("Labelled"),
        "age-restrict": _("Age-restricted"),
        "interaction-restrict": _("Interaction restricted"),
        "geo-restrict": _("Restricted in some countries"),
        "restore": _("Restored"),
        "none": _("Looked at, fine"),
        "allow": _("Allowed"),
        "restrict": _("Restricted"),
        "review": _("For review"),
        "Yes": _("Yes"),
        "No": _("No"),
        "True": _("Replayed from published figures"),
        "False": _("Decided here"),
        Category.ANIMAL_WELFARE: _("Animal welfare"),
        Category.CONSUMER_INFORMATION: _("Consumer information"),
        Category.CYBER_VIOLENCE: _("Cyber violence"),
        Category.CYBER_VIOLENCE_AGAINST_WOMEN: _("Cyber violence against women"),
        Category.DATA_PROTECTION_AND_PRIVACY_VIOLATIONS: _("Data protection and privacy"),
        Category.ILLEGAL_OR_HARMFUL_SPEECH: _("Illegal or harmful speech"),
        Category.INTELLECTUAL_PROPERTY_INFRINGEMENTS: _("Intellectual property"),
        Category.NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS: _("Civic discourse and elections"),
        Category.NOT_SPECIFIED_NOTICE: _("Not specified"),
        Category.OTHER_VIOLATION_TC: _("Other violation of the terms"),
        Category.PROTECTION_OF_MINORS: _("Protection of minors"),
        Category.RISK_FOR_PUBLIC_SECURITY: _("Risk for public security"),
        Category.SCAMS_AND_FRAUD: _("Scams and fraud"),
        Category.SELF_HARM: _("Self-harm"),
        Category.UNSAFE_AND_PROHIBITED_PRODUCTS: _("Unsafe and prohibited products"),
        Category.VIOLENCE: _("Violence"),
        Keyword.CHILD_SEXUAL_ABUSE_MATERIAL: _("Child sexual abuse material"),
        Keyword.TERRORIST_CONTENT: _("Terrorist content"),
        Keyword.HATE_SPEECH: _("Hate speech"),
        Keyword.PHISHING: _("Phishing"),
        Keyword.PYRAMID_SCHEMES: _("Pyramid schemes"),
        Ground.ILLEGAL_CONTENT: _("Against the law"),
        Ground.INCOMPATIBLE_CONTENT: _("Against the platform's terms"),
        Source.ARTICLE_16: _("Notice (DSA Art. 16)"),
        Source.TRUSTED_FLAGGER: _("Trusted flagger"),
        Source.TYPE_OTHER_NOTIFICATION: _("Other notification"),
        Source.VOLUNTARY: _("Own initiative"),
        Automation.FULLY: _("Fully automated"),
        Automation.PARTIALLY: _("Partly automated"),
        Automation.NOT_AUTOMATED: _("Decided by a person"),
    }
)

_ITEMS = MappingProxyType({"post": _("Post"), "channel": _("Channel"), "account": _("Account")})
_PREFIXES = ("STATEMENT_CATEGORY_", "KEYWORD_")


def label(code: str) -> str:
    """Return a code's name in the page's language."""
    if (known := _LABELS.get(code)) is not None:
        return str(known)
    for prefix in _PREFIXES:
        if code.startswith(prefix):
            return code.removeprefix(prefix).replace("_", " ").capitalize()
    return code or gettext("Not given")


def item_label(kind: str) -> str:
    """Return what one item is: a post, a channel, an account."""
    return str(_ITEMS.get(kind, kind))


def language_label(code: str) -> str:
    """Return a language's name in the page's language; "und" is one that nobody stated."""
    if code in ("", "und"):
        return gettext("Not stated")
    try:
        # Django knows Chinese by its scripts only.
        return str(get_language_info("zh-hans" if code.lower() == "zh" else code.lower())["name_translated"])
    except KeyError:
        return code
