"""What people get from the desk, as text: reasons, answers, outcomes, receipts. Pure.

Nothing here tells one party of another: a notifier never learns the facts, the author or the item's id, the person
concerned never who reported. Links stand on lines of their own, so that no sentence's punctuation becomes part of them;
whatever a person wrote is indented, so that it cannot pass for a line of ours.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from msgspec import Struct

from evenhand.statements.judge import is_url
from evenhand.statements.plain import one_line, paragraphs
from evenhand.statements.rules import Particulars
from evenhand.statements.sentences import Wording
from evenhand.vocabulary.decision import BY_PERSON, RESTRICTIVE, Action, Decision, Policy
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import YES_NO, Automation, Ground, Source
from evenhand.vocabulary.post import ItemKind

AppealOutcome = Literal["upheld", "partly", "reversed"]
"""What became of the decision that was complained about."""

REASONS_MAX = 1024
"""How many of a machine's reasons are remembered: one a rule and language."""

_INDENT = "  "
_SUBJECT_CHARACTERS_MAX = 200

_Section = tuple[str, list[str]]

# Actions whose sentence depends on the item: lasting, and with an end.
_SENTENCES = MappingProxyType(
    {
        (Action.BAN, ItemKind.POST): ("remove", "disable"),
        (Action.BAN, ItemKind.CHANNEL): ("ban-channel", "suspend-channel"),
        (Action.BAN, ItemKind.ACCOUNT): ("ban-account", "suspend-account-content"),
        (Action.INTERACTION_RESTRICT, ItemKind.ACCOUNT): ("interaction-restrict-account",) * 2,
    }
)
_FOUND = MappingProxyType({Ground.ILLEGAL_CONTENT: "illegal", Ground.INCOMPATIBLE_CONTENT: "incompatible"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A text to be sent.

    Attributes:
        direction: "ltr" or "rtl".
        subject: One line.
        text: Plain text; every line, the last too, ends with a line feed.
    """

    language: str
    direction: str
    subject: str
    text: str


class Redress(Struct, frozen=True, kw_only=True):
    """Where a decision can be put in question (Regulation (EU) 2022/2065, Art. 17).

    Attributes:
        complaint_link: Where to complain, without an account; "" where there is no complaint any more.
        complaint_until: Last UTC day for it (`rules.complaint_until`).
        bodies_link: Where the certified dispute settlement bodies are listed; "" for nowhere.
    """

    complaint_link: str
    complaint_until: date
    bodies_link: str = ""


def statement_letter(
    wording: Wording, decision: Decision, particulars: Particulars, redress: Redress, platform: str
) -> Letter:
    """Return the statement of reasons for the person concerned (Art. 17).

    Raises:
        InputError: The decision restricts nothing, or a link is no URL.
    """
    if decision.action not in RESTRICTIVE:
        raise InputError("action", f"{decision.action.value} restricts nothing; it has a letter of its own")
    said = (
        action_sentence(wording, decision, passing=particulars.until is not None),
        wording.say(f"item.{decision.item.value}", item=decision.item_id),
    )
    reasons = _reasons if decision.rule == BY_PERSON else _remembered
    blocks = (
        _block(wording, "decision", said),
        reasons(
            wording,
            decision.territory,
            particulars.until,
            decision.facts,
            decision.source,
            decision.automated_detection,
            decision.automation,
            decision.policy,
            particulars.explanation,
            particulars.also_illegal,
            particulars.reference_url,
        ),
        _block(wording, "redress", redress_lines(wording, redress)),
    )
    subject, opening = _head(wording, "statement", platform, particulars.reference, _utc_day(decision))
    return _of_blocks(wording, subject, opening, blocks)


def _reasons(
    wording: Wording,
    territory: tuple[str, ...],
    until: date | None,
    facts: str,
    source: Source,
    automated_detection: bool,
    automation: Automation,
    policy: Policy,
    explanation: str,
    also_illegal: bool | None,
    reference_url: str,
) -> str:
    """Return what a statement says between what was done and where to turn: the same for many of a rule's decisions."""
    end = wording.say("until.open") if until is None else wording.say("until.day", day=str(until))
    sections = (
        ("territory", [_territory(wording, territory)]),
        ("until", [end]),
        ("facts", paragraphs(facts)),
        ("source", [wording.say(f"source.{source.value}")]),
        ("automation", _automation(wording, automation, detected=automated_detection)),
        # Of a rule there is one sentence: it stands among the facts already.
        ("ground", _ground(wording, policy, "" if explanation == facts else explanation, also_illegal, reference_url)),
    )
    return "\n\n".join([_block(wording, heading, lines) for heading, lines in sections])


_remembered = lru_cache(REASONS_MAX)(_reasons)


def answer_letter(
    wording: Wording,
    notice: str,
    decision: Decision,
    redress: Redress,
    platform: str,
    *,
    passing: bool = False,
    silences: bool = False,
) -> Letter:
    """Return the decision on a notice for its notifier, with the ways of redress (Art. 16(5)).

    Args:
        wording: The notifier's language.
        notice: Reference of the notice.
        decision: What was decided; `Action.NONE`: looked at, fine.
        redress: For the notifier, who may complain too (Art. 20).
        platform: Its name.
        passing: The restriction has an end.
        silences: Further notices about the same content get this answer until it changes.

    Raises:
        InputError: The decision lifts a restriction (`changed_letter`), or a link is no URL.
    """
    if decision.action is Action.RESTORE:
        raise InputError("action", "a decision that lifts a restriction answers no notice")
    if decision.action is Action.NONE:
        kind = "fine"
        said = [wording.say("fine.looked"), *([wording.say("fine.silence")] if silences else [])]
        sections = [("decision", said)]
    else:
        kind = "answer"
        said = [action_sentence(wording, decision, passing=passing)]
        found = wording.say(f"ground.{_FOUND[decision.policy.ground]}")
        sections = [("decision", said), ("territory", [_territory(wording, decision.territory)]), ("ground", [found])]
    sections += [
        ("automation", _automation(wording, decision.automation, detected=decision.automated_detection)),
        ("redress", redress_lines(wording, redress)),
    ]
    return _letter(wording, kind, sections, platform, notice, _utc_day(decision))


def changed_letter(wording: Wording, reference: str, decision: Decision, redress: Redress, platform: str) -> Letter:
    """Return what those are told who had been told of a decision that has been changed since.

    Args:
        wording: Their language.
        reference: Of what they had been told: the first decision, or their notice.
        decision: The later decision.
        redress: Theirs against the later one.
        platform: Its name.

    Raises:
        InputError: A link is no URL.
    """
    said = (
        wording.say("fine.looked")
        if decision.action is Action.NONE
        else action_sentence(wording, decision, passing=False)
    )
    sections = [
        ("decision", [said]),
        ("automation", _automation(wording, decision.automation, detected=decision.automated_detection)),
        ("redress", redress_lines(wording, redress)),
    ]
    return _letter(wording, "changed", sections, platform, reference, _utc_day(decision))


def appeal_letter(
    wording: Wording,
    appeal: str,
    outcome: AppealOutcome,
    reasons: str,
    decided_on: date,
    redress: Redress,
    platform: str,
) -> Letter:
    """Return the reasoned decision on a complaint (Art. 20), with what remains: Art. 21 and the courts.

    Args:
        wording: The language of the person who complained.
        appeal: Reference of the complaint.
        outcome: What became of the first decision.
        reasons: In words for that person.
        decided_on: UTC day.
        redress: Only its bodies_link is told.
        platform: Its name.

    Raises:
        InputError: There are no reasons, or a link is no URL.
    """
    if not (why := paragraphs(reasons)):
        raise InputError("reasons", "a decision on a complaint is reasoned")
    sections = [
        ("outcome", [wording.say(f"appeal.{outcome}"), wording.say("appeal.by_person")]),
        ("reasons", why),
        ("redress", _outside(wording, redress)),
    ]
    return _letter(wording, "appeal", sections, platform, appeal, decided_on)


def receipt_letter(wording: Wording, notice: str, received_at: datetime, follow_link: str, platform: str) -> Letter:
    """Return the confirmation that a notice was received (Art. 16).

    Args:
        wording: The notifier's language.
        notice: Reference of the notice.
        received_at: At our edge, aware UTC.
        follow_link: Where it can be followed without an account.
        platform: Its name.

    Raises:
        InputError: The link is no URL.
    """
    instant = received_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    following = [wording.say("receipt.next"), wording.say("receipt.follow"), link_line("follow_link", follow_link)]
    opening = wording.say("receipt.opening", platform=platform, instant=instant, reference=notice)
    return composed(wording, wording.say("receipt.subject", reference=notice), opening, [("next", following)])


def _letter(
    wording: Wording, kind: str, sections: Iterable[_Section], platform: str, reference: str, day: date
) -> Letter:
    return composed(wording, *_head(wording, kind, platform, reference, day), sections)


def _head(wording: Wording, kind: str, platform: str, reference: str, day: date) -> tuple[str, str]:
    """Return a letter's subject and its opening."""
    subject = wording.say(f"{kind}.subject", reference=reference)
    return subject, wording.say(f"{kind}.opening", platform=platform, day=day.isoformat(), reference=reference)


def composed(wording: Wording, subject: str, opening: str, sections: Iterable[_Section]) -> Letter:
    """Return a letter of an opening and sections, each under its heading ("heading.…") and indented."""
    return _of_blocks(wording, subject, opening, [_block(wording, heading, lines) for heading, lines in sections])


def _block(wording: Wording, heading: str, lines: Iterable[str]) -> str:
    return "\n".join([wording.say(f"heading.{heading}"), *[_INDENT + line for line in lines]])


def _of_blocks(wording: Wording, subject: str, opening: str, blocks: Iterable[str]) -> Letter:
    return Letter(
        language=wording.language,
        direction=wording.direction,
        subject=subject if len(subject) <= _SUBJECT_CHARACTERS_MAX else one_line(subject, _SUBJECT_CHARACTERS_MAX),
        text="\n\n".join([opening, *blocks]) + "\n",
    )


def action_sentence(wording: Wording, decision: Decision, *, passing: bool) -> str:
    """Return what was done, in a sentence; `passing`: it has an end."""
    lasting, for_a_time = _SENTENCES.get((decision.action, decision.item), (decision.action.value,) * 2)
    return wording.say(f"action.{for_a_time if passing else lasting}")


def _territory(wording: Wording, territory: tuple[str, ...]) -> str:
    if not territory:
        return wording.say("territory.everywhere")
    names = sorted({wording.state(code) for code in territory})
    return wording.say("territory.states", states=names)


def _automation(wording: Wording, automation: Automation, *, detected: bool) -> list[str]:
    return [wording.say(f"detection.{YES_NO[not detected]}"), wording.say(f"automation.{automation.value}")]


def _ground(
    wording: Wording, policy: Policy, explanation: str, also_illegal: bool | None, reference_url: str
) -> list[str]:
    lines = [wording.say(f"ground.{policy.ground.value}", ground=policy.reference), *paragraphs(explanation)]
    if policy.ground is Ground.INCOMPATIBLE_CONTENT and also_illegal:
        lines.append(wording.say("ground.also_illegal"))
    if reference_url:
        lines += [wording.say("ground.read"), link_line("reference_url", reference_url)]
    return lines


def redress_lines(wording: Wording, redress: Redress) -> list[str]:
    """Return where a decision can be put in question, a line each."""
    lines = []
    if redress.complaint_link:
        day = redress.complaint_until.isoformat()
        lines = [wording.say("redress.complaint", day=day), link_line("complaint_link", redress.complaint_link)]
    return lines + _outside(wording, redress)


def _outside(wording: Wording, redress: Redress) -> list[str]:
    lines = [wording.say("redress.dispute")]
    if redress.bodies_link:
        lines += [wording.say("redress.bodies"), link_line("bodies_link", redress.bodies_link)]
    return [*lines, wording.say("redress.court")]


def link_line(field: str, link: str) -> str:
    """Return a link that is a URL.

    Raises:
        InputError: It is none; names the field.
    """
    if not _is_link(link):
        raise InputError(field, "must be a URL with its scheme, as in https://desk.example/appeal/…")
    return link


def _is_link(link: str) -> bool:
    """Say whether it is a URL; what ends in a reference is one where another reference would make one."""
    before, _, last = link.rpartition("/")
    if "://" in before and last.isascii() and last.replace("-", "a").isalnum():
        return _begins_link(before)
    return is_url(link)


@lru_cache(256)
def _begins_link(before: str) -> bool:
    return is_url(f"{before}/a")


def _utc_day(decision: Decision) -> date:
    return decision.decided_at.astimezone(UTC).date()
