"""Drafts of the reply to a request, in the regime's own form. Pure: filled from the request and the ruling, never sent.

Every ruling has at least one draft. Where part was done and part was not, the regime's two forms are both drafted. What
the record does not say (when effect was given, who signs) stays open for a person; two people approve the exact bytes.
"""

from datetime import datetime

from msgspec.structs import replace

from evenhand.orders.emergency import is_emergency
from evenhand.orders.reply_values import VALUES, Answered
from evenhand.rulebook.tables import Form, LawBook
from evenhand.rulebook.wording import FIRST, Line, form_on, lines_of, whole_form
from evenhand.vocabulary.reply import FilledFrom, Provider, Reply, ReplyField
from evenhand.vocabulary.request import Request, Ruling

UNCLARIFIED = "unclarified"
_OPEN = "________"
_FROM_THE_RIGHT = frozenset({"ar", "fa", "he", "ur"})
_OPEN_OUTCOMES = ("escalate", "comply", "partly")

# What a regime's `reply` answers with: for what was done, for what was not, and for a question back.
_FORMS = {
    "tco": ("tco-annex-ii", "tco-annex-iii", "tco-annex-iii"),
    "dsa-9": ("dsa-9-effect", "dsa-9-effect", "clarification"),
    "dsa-10": ("dsa-10-effect", "dsa-10-effect", "clarification"),
    "e-evidence": ("e-evidence-delivery", "e-evidence-form-3", "e-evidence-form-3"),
    "letter": ("effect", "refusal", "clarification"),
}


def draft_replies(
    request: Request,
    ruling: Ruling,
    book: LawBook,
    provider: Provider,
    reference: str,
    unanswered_since: datetime | None = None,
    language: str = "",
) -> tuple[Reply, ...]:
    """Return the drafts that answer a request.

    Args:
        request: As the sender said it.
        ruling: What was ruled on it.
        book: The tables that it was ruled by.
        provider: Who answers.
        reference: The request's public reference.
        unanswered_since: When our question left, where a person found that its answer never came: the answer is then
            that nothing is executed, in the regime's own form.
        language: To write in, ISO 639-1; "": the request's.

    Returns:
        At least one draft, in that language where the form has words for all of it, else in English.
    """
    language = (language or request.language or FIRST).split("-", 1)[0].lower()
    case = Answered(
        request=request, ruling=ruling, book=book, provider=provider, reference=reference, asked_at=unanswered_since
    )
    return tuple(_draft(case, name, language) for name in dict.fromkeys(_wanted(case)))


def _wanted(case: Answered) -> tuple[str, ...]:
    """Return the ids of the forms that this ruling is answered with; in haste, also one for an unheard call."""
    ruled = _ruled(case)
    hasty = is_emergency(case.request, signed=case.request.signature == "valid")
    return (*ruled, "unconfirmed") if hasty and case.ruling.outcome in _OPEN_OUTCOMES else ruled


def _ruled(case: Answered) -> tuple[str, ...]:
    done, not_done, back = _FORMS[_reply(case)]
    if case.asked_at is not None:
        return (UNCLARIFIED,) if not_done == "refusal" else (not_done, UNCLARIFIED)
    match case.ruling.outcome:
        case "redirect":
            return ("redirect",)
        case "escalate":
            return ("under-review",)
        case "clarify":
            return (back,)
        case "refuse":
            return (not_done, "refusal")
        case "partly":
            return (done, not_done)
        case _:
            return (done,)


def _reply(case: Answered) -> str:
    """Return the kind of reply that the regime asks for, as its row says."""
    version = case.ruling.regime_version
    found = (row.reply for row in case.book.regimes if f"{row.id}@{row.edition}" == version)
    return next(found, "letter")


def _draft(case: Answered, name: str, language: str) -> Reply:
    """Return one form, filled: wholly in the request's language, where it has words for all of it, or in its own."""
    form = form_on(case.book, name, case.request.received_at.date(), language)
    assert form is not None  # noqa: S101 # every form that _FORMS names comes with Evenhand
    whole = whole_form(case.book, form, language)
    return _fill(replace(case, language=whole.language), whole)


def _fill(case: Answered, form: Form) -> Reply:
    fields = tuple(_field(case, line) for line in lines_of(form))
    return Reply(
        form=form.id,
        edition=form.edition,
        source=form.source,
        recalled=form.recalled,
        language=form.language,
        title=form.title,
        fields=fields,
        text=_text(form, fields),
    )


def _field(case: Answered, line: Line) -> ReplyField:
    """Fill one field of the form."""
    filled_from: FilledFrom = "person"
    value = ""
    if line.name in VALUES:
        filled_from, fill = VALUES[line.name]
        value = fill(case).strip()
    return ReplyField(
        section=line.section,
        name=line.name,
        label=line.label,
        value=value,
        filled_from=filled_from if value else "person",
    )


def _text(form: Form, fields: tuple[ReplyField, ...]) -> str:
    """Return the draft as plain text: one field a paragraph, its further lines indented, an open one as a rule."""
    lines = [form.title, ""]
    for field in fields:
        head = f"{field.section}. {field.label}:" if field.section else f"{field.label}:"
        first, *more = (_isolated(line, form.language) for line in (_visible(field.value) or _OPEN).split("\n"))
        lines += [f"{head} {first}", *(f"    {each}" for each in more)]
    return "\n".join(lines) + "\n"


def _isolated(line: str, language: str) -> str:
    """Keep a line of the other direction together where labels run from right to left."""
    return f"\u2068{line}\u2069" if language in _FROM_THE_RIGHT else line


def _visible(value: str) -> str:
    """Take out what would disturb a plain text: control and direction characters that a sender may have put in."""
    return "".join(character for character in value if character == "\n" or character.isprintable())
