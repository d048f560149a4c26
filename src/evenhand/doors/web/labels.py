"""Words for codes. A code that has none is shown in its own letters: unknown is not hidden."""

from types import MappingProxyType

from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from evenhand.doors.web.keyword_labels import KEYWORD_LABELS
from evenhand.vocabulary.eu import Automation, Category, Ground, Source

_LABELS = MappingProxyType(
    KEYWORD_LABELS
    | {
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
        "hold": _("Held back"),
        "suspend-monetisation": _("Payments suspended"),
        "terminate-monetisation": _("Payments ended"),
        "suspend-service": _("Service suspended"),
        "terminate-service": _("Service ended"),
        "suspend-account": _("Account suspended"),
        "terminate-account": _("Account ended"),
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

_DEEDS = MappingProxyType(
    {
        "none": _("It is fine: do nothing"),
        "remove": _("Remove"),
        "ban": _("Ban, with its posts"),
        "disable": _("Disable access"),
        "demote": _("Demote"),
        "label": _("Label"),
        "age-restrict": _("Restrict by age"),
        "interaction-restrict": _("Restrict interaction"),
        "geo-restrict": _("Restrict in named states"),
        "hold": _("Hold back"),
        "suspend-account": _("Suspend the account"),
        "terminate-account": _("End the account"),
        "suspend-service": _("Suspend the service"),
        "terminate-service": _("End the service"),
        "suspend-monetisation": _("Suspend payments"),
        "terminate-monetisation": _("End payments"),
        "restore": _("Restore"),
    }
)

_DESK = MappingProxyType(
    {
        "child-safety": _("Child safety"),
        "terror": _("Terrorist content"),
        "life": _("Life and safety"),
        "minors": _("Minors"),
        "violence": _("Violence"),
        "speech": _("Speech"),
        "fraud": _("Fraud"),
        "rights": _("Rights and privacy"),
        "general": _("General"),
        "appeals": _("Appeals"),
        "waiting": _("waits"),
        "claimed": _("in hand"),
        "opinion": _("waits for an opinion"),
        "seconding": _("waits for a second person"),
        "proposed": _("proposed"),
        "decided": _("decided"),
        "done": _("done"),
        "reversed": _("reversed"),
        "received": _("received"),
        "in review": _("in review"),
        "notice": _("Reported"),
        "screening": _("Found by a rule"),
        "appeal": _("Appeal"),
        "upheld": _("The decision stays"),
        "partly": _("Partly granted"),
        "notifier": _("Notifier"),
        "affected": _("Person affected"),
        "internal": _("Colleagues"),
        "sealed": _("Sealed"),
        "warned": _("warned for misuse"),
        "incomplete": _("incomplete"),
        "reasons": _("why it is illegal or breaks the rules"),
        "items": _("where exactly it is"),
        "name": _("your name"),
        "email": _("your e-mail address"),
        "good_faith": _("the statement that you believe what you say"),
        "suspended": _("suspended for misuse"),
        "warning": _("Warning"),
        "week": _("Restricted for a week"),
        "month": _("Suspended for a month"),
        "ban": _("Account ended"),
        "clock": _("the clock"),
        "platform": _("the platform"),
    }
)

_STEPS = MappingProxyType(
    {
        "case.opened": _("Opened"),
        "snapshot": _("Kept as it was reported"),
        "case.claimed": _("Claimed"),
        "case.released": _("Put back"),
        "case.handed-over": _("Handed over"),
        "case.moved": _("Moved"),
        "case.overdue": _("Overdue"),
        "access": _("Looked at"),
        "note": _("Note"),
        "message": _("Message"),
        "opinion.asked": _("Asked for an opinion"),
        "opinion.given": _("Gave an opinion"),
        "opinion.withdrawn": _("Took the question back"),
        "words": _("Wrote the reasons"),
        "proposal": _("Proposed a decision"),
        "proposal.first": _("Proposed a decision; a second person must agree"),
        "proposal.undone": _("Took the proposal back"),
        "proposal.seconded": _("Agreed"),
        "proposal.objected": _("Objected"),
        "decision": _("Decided"),
        "reversal": _("Decision reversed"),
        "statement": _("Statement of reasons sent"),
        "answered": _("Notifiers answered"),
        "item.edited": _("Edited by its author"),
        "item.deleted": _("Deleted by its author"),
        "item.restored": _("Restored"),
        "appeal.received": _("Appeal received"),
        "effect.done": _("Done by the platform"),
        "effect.failed": _("The platform could not do it"),
        "effect.gone": _("The platform did not find it"),
        "effect.other": _("The platform did something else"),
        "effect.reported": _("The platform says that it is done"),
        "alarm.raised": _("Authority notified: danger to life"),
        "alarm.called": _("Called again: nobody has acknowledged"),
        "alarm.answered": _("The authority acknowledged"),
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


def deed_label(code: str) -> str:
    """Return what is to be done, as a choice says it."""
    return str(_DEEDS.get(code, code))


def desk_label(code: str) -> str:
    """Return the desk's own word for a queue, a state, an origin or a party."""
    return str(_DESK.get(code, code))


def outcome_label(code: str) -> str:
    """Return what an appeal comes to."""
    return gettext("Granted: the decision is undone") if code == "reversed" else desk_label(code)


_LIKENESS = MappingProxyType(
    {
        "content": _("the same content"),
        "near": _("a near copy"),
        "rule": _("the same rule and language"),
        "category": _("the same category and language"),
    }
)


def likeness_label(why: str) -> str:
    """Return how a decided case is like the one on the screen."""
    return str(_LIKENESS.get(why, why))


def step_label(kind: str) -> str:
    """Return what happened at a case."""
    return str(_STEPS.get(kind, kind))


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
