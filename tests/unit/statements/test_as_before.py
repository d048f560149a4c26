"""Statements and letters are, byte for byte, those that were made before what a rule's decisions share was remembered.

The digests in `vectors/statement_letters.json` were made by the code that wrote each of them from nothing.
"""

import json
from datetime import date
from hashlib import sha256
from itertools import product
from pathlib import Path

import msgspec
import pytest
from tests.unit.statements.made import decision, particulars

from evenhand.flow.statement_made import prepare, read_wordings
from evenhand.statements.letter import Redress
from evenhand.statements.rules import Circumstances, complaint_until
from evenhand.vocabulary.decision import Action, Policy
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Automation, Category, Ground, Keyword, Source
from evenhand.vocabulary.post import ItemKind

VECTORS = Path(__file__).parents[2] / "vectors" / "statement_letters.json"
WORDINGS = read_wordings(Path("/nowhere"))
LANGUAGES = ("de", "fr", "ar", "fa", None)
ITEMS = ("p1", "пост-7", "نشر-5", "a\nb\u202e{day}")
RULES = {
    "terms": (
        Policy(
            ground=Ground.INCOMPATIBLE_CONTENT,
            category=Category.SCAMS_AND_FRAUD,
            keyword=Keyword.PHISHING,
            reference="Terms, 4.2",
        ),
        "The post names a domain of known scams.",
    ),
    "law": (
        Policy(
            ground=Ground.ILLEGAL_CONTENT,
            category=Category.VIOLENCE,
            keyword=None,
            reference="§ 86a StGB {ground}, see t.me/law",
        ),
        "Sie zeigt p1 an user-00042,\nam 2026-11-23, +33 6 12 34 56 78.",
    ),
    "long": (
        Policy(ground=Ground.ILLEGAL_CONTENT, category=Category.VIOLENCE, keyword=None, reference="x" * 700),
        "پست \u202eبد \u2028" * 510,
    ),
    "empty": (
        Policy(ground=Ground.INCOMPATIBLE_CONTENT, category=Category.VIOLENCE, keyword=None, reference="4"),
        " \n ",
    ),
}
ACTIONS = (
    (Action.REMOVE, ItemKind.POST, None),
    (Action.DEMOTE, ItemKind.CHANNEL, date(2026, 12, 31)),
    (Action.BAN, ItemKind.ACCOUNT, date(2039, 1, 1)),
    (Action.BAN, ItemKind.CHANNEL, date(2026, 1, 1)),
    (Action.INTERACTION_RESTRICT, ItemKind.ACCOUNT, None),
    (Action.GEO_RESTRICT, ItemKind.POST, None),
)


def made(language: str | None, item_id: str, rule: str, what: tuple[Action, ItemKind, date | None], n: int) -> bytes:
    """Return statement, errors and letter of one sample as bytes, or the reason why there is none."""
    policy, facts = RULES[rule]
    action, item, until = what
    said = decision(
        item=item,
        item_id=item_id,
        action=action,
        policy=policy,
        facts=facts,
        language=language.upper() if language else None,
        automation=list(Automation)[n % len(Automation)],
        automated_detection=n % 2 == 0,
        source=list(Source)[n % len(Source)],
        territory=("FR", "US", "DE")[: n % 4],
        subject=(None, "user-00042", "4")[n % 3],
    )
    beside = particulars(
        reference=f"R-{n}",
        explanation=facts if n % 5 else f"Because of {item_id}: see https://desk.example/x.",
        content_date=date(2026, 11, 1 + n % 28) if n % 97 else date(1999, 1, 1),
        until=until,
        also_illegal=(None, True, False)[n % 3],
        reference_url="https://desk.example/terms" if n % 2 else "",
        names=("user-00042", "kanal", "\u0130"),
    )
    redress = Redress(
        complaint_link=f"https://desk.example/matter/R-{n}" if n % 7 else "",
        complaint_until=complaint_until(date(2026, 11, 24 + n % 5)),
        bodies_link="https://desk.example/bodies" if n % 3 else "",
    )
    try:
        prepared = prepare(said, beside, Circumstances(), redress, WORDINGS, language, "Example Messenger")
    except InputError as error:
        return f"{error.field}: {error.reason}".encode()
    letter = msgspec.to_builtins(prepared.letter)
    return json.dumps([prepared.statement, prepared.errors, letter], ensure_ascii=False).encode("utf-8", "replace")


def digest(language: str | None) -> str:
    """Return the digest of all samples in a language."""
    samples = sha256()
    for n, (rule, what, item_id) in enumerate(product(RULES, ACTIONS, ITEMS)):
        if rule == "long" and n % 5:  # long texts are dear
            continue
        one = made(language, item_id, rule, what, n)
        samples.update(len(one).to_bytes(8, "big") + one)
    return samples.hexdigest()


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_are_those_of_before(language: str | None) -> None:
    """Every sample of every rule, action and item, in its order, twice: what is remembered changes nothing."""
    assert digest(language) == digest(language) == json.loads(VECTORS.read_text("utf-8"))[str(language)]
