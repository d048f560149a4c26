"""What else people get from the desk, as text: questions, warnings, what authorities and staff are told. Pure.

As in `letter`: nothing here tells one party of another, links stand on lines of their own, and whatever a person wrote
is indented.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from evenhand.statements.letter import Letter, Redress, action_sentence, composed, link_line, redress_lines
from evenhand.statements.plain import one_line, paragraphs
from evenhand.statements.sentences import CALLS, Wording
from evenhand.vocabulary.decision import Decision
from evenhand.vocabulary.notice import Snapshot


def question_letter(wording: Wording, reference: str, text: str, follow_link: str, platform: str) -> Letter:
    """Return what somebody at the desk writes to a party, with the link by which it is answered.

    Args:
        wording: The party's language.
        reference: The party's own; nobody else's.
        text: In the moderator's words.
        follow_link: Where it is answered without an account.
        platform: Its name.

    Raises:
        InputError: The link is no URL.
    """
    opening = wording.say("question.opening", platform=platform, reference=reference)
    following = [wording.say("question.follow"), link_line("follow_link", follow_link)]
    sections = [("message", paragraphs(text)), ("next", following)]
    return composed(wording, wording.say("question.subject", reference=reference), opening, sections)


def misuse_letter(wording: Wording, until: date | None, platform: str) -> Letter:
    """Return the warning to a notifier (Art. 23), or, with an end, that their notices are not looked at until then."""
    if until is None:
        subject, said = "misuse.warned", wording.say("misuse.warning", platform=platform)
    else:
        subject, said = "misuse.suspended", wording.say("misuse.suspension", platform=platform, day=until.isoformat())
    return composed(
        wording, wording.say(subject, platform=platform), said, [("redress", [wording.say("misuse.court")])]
    )


def sanction_letter(
    wording: Wording, against: Decision | None, until: date | None, day: date, redress: Redress, platform: str
) -> Letter:
    """Return what follows for an account from one decision too many; without a decision against it, a warning.

    Raises:
        InputError: A link is no URL.
    """
    if against is None:
        said = [wording.say("sanction.warning")]
    else:
        end = wording.say("until.open") if until is None else wording.say("until.day", day=until.isoformat())
        said = [action_sentence(wording, against, passing=until is not None), end]
    opening = wording.say("sanction.opening", platform=platform, day=day.isoformat())
    sections = [("decision", said), ("redress", redress_lines(wording, redress))]
    return composed(wording, wording.say("sanction.subject", platform=platform), opening, sections)


def enclosing_letter(wording: Wording, kind: str, reference: str, text: str) -> Letter:
    """Return the letter around a text for an authority that is finished already.

    Args:
        wording: Its language.
        kind: received, reply, question or vouching.
        reference: Of the request; for vouching the platform's name.
        text: As it was approved, or as the journey made it; it stands below, line for line.
    """
    name = "platform" if kind == "vouching" else "reference"
    parts = [text]
    if kind in ("reply", "question"):
        enclosed = [wording.say("request.enclosed", reference=reference), wording.say("request.receipt")]
        parts = ["\n".join(enclosed), text]
    subject = wording.say(f"request.{kind}", **{name: reference})
    body = "\n\n".join(parts)
    return Letter(
        language=wording.language,
        direction=wording.direction,
        subject=subject,
        text=body if body.endswith("\n") else f"{body}\n",
    )


def asked_again_letter(
    wording: Wording, reference: str, text: str, asked_at: datetime, until: datetime | None
) -> Letter:
    """Return a question that was not answered once more.

    Args:
        wording: The authority's language.
        reference: Of the request.
        text: The question as it was approved; it stands below, line for line.
        asked_at: When it was asked.
        until: When the answer is waited for no longer; None: that has passed.
    """
    asked = asked_at.astimezone(UTC).strftime("%Y-%m-%d")
    said = [wording.say("request.reminded", reference=reference, day=asked)]
    if until is not None:
        said.append(wording.say("request.awaited", instant=until.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")))
    said.append(wording.say("request.unclarified"))
    body = "\n\n".join(["\n".join(said), text])
    return Letter(
        language=wording.language,
        direction=wording.direction,
        subject=wording.say("request.reminder", reference=reference),
        text=body if body.endswith("\n") else f"{body}\n",
    )


def carried_letter(wording: Wording, reference: str) -> Letter:
    """Return what a colleague is told whose letter was carried over to the legal team."""
    said = wording.say("carried.text", reference=reference)
    return composed(wording, wording.say("carried.subject", reference=reference), said, [])


def concerned_letter(
    wording: Wording, reference: str, said: Mapping[str, str], states: Sequence[str], day: date, link: str
) -> Letter:
    """Return what whoever a measure by order or demand concerns is told (compare Art. 9(5) of the DSA).

    Args:
        wording: Their language.
        reference: Of the measure, which opens nothing but this.
        said: platform, action, name (of the authority; "": a private demand, whose sender is not named), ground,
            redress ("": none was given), counter ("": no counter-notice may be sent).
        states: Codes of the states in which it holds; empty: everywhere.
        day: On which it was taken.
        link: Where they read it.

    Raises:
        InputError: The link is no URL.
    """
    opening = "order" if said["name"] else "demand"
    values = {"platform": said["platform"], "day": day.isoformat()} | ({"name": said["name"]} if said["name"] else {})
    where = wording.say("territory.states", states=[wording.state(each) for each in states])
    remedies = [wording.say("concerned.redress", redress=said["redress"])] if said["redress"] else []
    counter = [wording.say("concerned.counter")] if said["counter"] else []
    sections = [
        ("decision", [wording.say(f"action.{said['action']}")]),
        ("territory", [where if states else wording.say("territory.everywhere")]),
        ("ground", [wording.say("concerned.basis", ground=said["ground"])]),
        ("redress", [*remedies, wording.say("redress.court"), *counter]),
        ("next", [wording.say("concerned.follow"), link_line("follow_link", link)]),
    ]
    subject = wording.say("concerned.subject", reference=reference)
    return composed(wording, subject, wording.say(f"concerned.{opening}", **values), sections)


def undone_letter(wording: Wording, reference: str, day: date, platform: str) -> Letter:
    """Return word that a measure by demand was taken back."""
    said = wording.say("concerned.undone", platform=platform, day=day.isoformat())
    return composed(wording, wording.say("concerned.subject", reference=reference), said, [])


def counter_letter(
    wording: Wording, reference: str, text: str, due_at: datetime | None, day: date, platform: str
) -> Letter:
    """Return what whoever demanded a measure is told of a counter-notice; its text stands indented."""
    opening = wording.say("counter.opening", platform=platform, day=day.isoformat(), reference=reference)
    until = due_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if due_at else ""
    next_ = wording.say("counter.due", instant=until) if until else wording.say("counter.undated")
    sections = [("message", paragraphs(text)), ("next", [next_])]
    return composed(wording, wording.say("counter.subject", reference=reference), opening, sections)


def taken_back_letter(wording: Wording, reference: str, day: date, platform: str) -> Letter:
    """Return word to whoever demanded a measure that it was taken back."""
    said = wording.say("counter.restored", platform=platform, day=day.isoformat(), reference=reference)
    return composed(wording, wording.say("counter.subject", reference=reference), said, [])


def alarm_letter(wording: Wording, name: str, item: Snapshot | None, why: str, at: datetime, platform: str) -> Letter:
    """Return the notification of a threat to life or safety: all relevant information there is (Art. 18(1)).

    Args:
        wording: The addressee's language.
        name: The addressee's.
        item: What it is about; None: nothing was kept.
        why: In the words of who raised the alarm.
        at: When.
        platform: Its name.
    """
    instant = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    opening = wording.say("alarm.opening", name=name, platform=platform, instant=instant)
    sections: list[tuple[str, list[str]]] = [("suspicion", paragraphs(why))]
    if item is not None:
        sections.append(("item", _item(wording, item)))
    sections.append(("next", [wording.say("alarm.answer")]))
    return composed(wording, wording.say("alarm.subject", platform=platform), opening, sections)


def _item(wording: Wording, item: Snapshot) -> list[str]:
    named = (
        (f"item.{item.kind.value}", item.item_id),
        ("alarm.author", item.author),
        ("alarm.channel", item.channel),
        ("alarm.place", item.url),
    )
    lines = []
    for sentence, value in named:
        if value and sentence.startswith("item."):
            lines.append(wording.say(sentence, item=value))
        elif value:
            lines.append(f"{wording.say(sentence)} {one_line(value)}")
    if item.posted_at is not None:
        lines.append(item.posted_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC"))
    return [*lines, *paragraphs(item.text)]


def call_letter(wording: Wording, why: Sequence[str], link: str, platform: str) -> Letter:
    """Return what somebody is told who is called to the desk: why in a sentence, and where; never whom it is about.

    Raises:
        InputError: The link is no URL.
    """
    said = [wording.say(f"call.{one if one in CALLS else 'other'}") for one in why]
    opening = "\n".join([wording.say("call.opening", platform=platform), *said])
    sections = [("next", [wording.say("call.console"), link_line("link", link)])]
    return composed(wording, wording.say("call.subject", platform=platform), opening, sections)
