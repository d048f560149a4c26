"""The demonstration's notices: something in every queue, a campaign, an appeal. All texts are made up."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from evenhand.flow.appeals import receive_appeal
from evenhand.flow.cases import claim, note, open_case
from evenhand.flow.conversation import answer, write_message
from evenhand.flow.deciding import close_proposals, propose_decision
from evenhand.flow.decision import Chance
from evenhand.flow.notices import receive_notice
from evenhand.flow.office import Office, load_case
from evenhand.flow.opening import at_place, subject_of
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.appeal import Appeal
from evenhand.vocabulary.case import CaseFile, Proposal
from evenhand.vocabulary.decision import Action, Policy
from evenhand.vocabulary.eu import Category, Ground, Keyword
from evenhand.vocabulary.notice import Notice, Snapshot
from evenhand.vocabulary.places import CONTENT
from evenhand.vocabulary.post import ItemKind

CAMPAIGN_SIZE = 12
_HAND = Actor(id="staff-demonstration", roles=frozenset(Role))
_SITE = "https://messenger.example"

_REPORTED = (
    (
        "threat",
        Category.VIOLENCE,
        None,
        "EN",
        "If you open your shop tomorrow, you will find out what happens to traitors. We know your children's school.",
        "This message threatens a shopkeeper and his children. Everybody in our street knows who is meant.",
    ),
    (
        "group",
        Category.RISK_FOR_PUBLIC_SECURITY,
        Keyword.TERRORIST_CONTENT,
        "AR",
        "انضموا إلينا قبل نهاية الشهر، وسنرسل لكم العنوان بعد القسم.",
        "The channel recruits for a group that is banned in my country and asks for an oath.",
    ),
    (
        "farewell",
        Category.SELF_HARM,
        Keyword.SUICIDE,
        "FA",
        "دیگر نمی‌توانم. امشب همه چیز تمام می‌شود. خداحافظ.",
        "My friend says goodbye in this message. Please look at it now, I am afraid for her life.",
    ),
    (
        "child",
        Category.PROTECTION_OF_MINORS,
        Keyword.GROOMING_SEXUAL_ENTICEMENT_MINORS,
        "EN",
        "(the text of this example is left out on purpose)",
        "An adult writes to children here and asks them to move to another service. I saw it in my daughter's chat.",
    ),
    (
        "dare",
        Category.PROTECTION_OF_MINORS,
        None,
        "DE",
        "Wer traut sich? Zehn Sekunden auf den Gleisen, filmen, hier hochladen.",
        "Diese Gruppe fordert Kinder zu lebensgefährlichen Mutproben auf Bahngleisen auf.",
    ),
    (
        "insult",
        Category.ILLEGAL_OR_HARMFUL_SPEECH,
        Keyword.HATE_SPEECH,
        "FR",
        "Ces gens-là ne sont pas des voisins, ce sont des nuisibles. Qu'on les chasse du quartier.",
        "Ce message appelle à chasser une famille de son quartier à cause de son origine.",
    ),
    (
        "shop",
        Category.SCAMS_AND_FRAUD,
        Keyword.PHISHING,
        "EN",
        "Your parcel is held at customs. Pay 1.95 today at parcel-fees.example or it goes back.",
        "I paid and my card was emptied. The parcel never existed, the page imitates the post office.",
    ),
    (
        "photo",
        Category.DATA_PROTECTION_AND_PRIVACY_VIOLATIONS,
        None,
        "EN",
        "Here is where she lives now, third floor, the name is still on the bell.",
        "This is my address and a photograph of my door. I never agreed to this being published.",
    ),
    (
        "other",
        Category.CONSUMER_INFORMATION,
        None,
        "EN",
        "Puppies without papers, cash only, meet behind the station on Friday.",
        "Dogs are sold here in a way that is forbidden; one was ill and died after two days.",
    ),
)
_CAMPAIGN = "This channel insults our town and must be closed at once, everybody here is against it, says reader {}."


def seed_demonstration(office: Office, at: datetime, chance: Chance) -> int:
    """Send the demonstration's notices, decide two, and appeal; a second call changes nothing.

    Args:
        office: The desk.
        at: When the first of them comes in; the same each time.
        chance: Dice.

    Returns:
        How many notices were new.
    """
    new = 0
    for notice in _notices(at):
        new += not receive_notice(office, notice).again
    if new:
        _work(office, at + timedelta(hours=2), chance)
    return new


def _notices(at: datetime) -> Iterator[Notice]:
    for number, (name, category, keyword, language, text, reasons) in enumerate(_REPORTED):
        yield _notice(name, at + timedelta(minutes=number), _item(name, text, language), reasons, category, keyword)
    removed = _item("removed", "Whoever votes for them will be visited at home. Names follow on Sunday.", "EN")
    reasons = "The message threatens voters and announces a list of names."
    yield _notice("removed", at + timedelta(minutes=20), removed, reasons, Category.VIOLENCE, None)
    fine = _item("fine", "The mayor has lied to us again about the bridge, and the paper keeps silent.", "EN")
    yield _notice("fine", at + timedelta(minutes=21), fine, "This insults our mayor.", Category.VIOLENCE, None)
    channel = replace(_item("town", "News that the town hall does not like.", "EN"), kind=ItemKind.CHANNEL)
    for number in range(CAMPAIGN_SIZE):
        yield replace(
            _notice(
                f"campaign-{number}",
                at + timedelta(minutes=30, seconds=number),
                channel,
                _CAMPAIGN.format(number),
                Category.ILLEGAL_OR_HARMFUL_SPEECH,
                None,
            ),
            email=f"reader{number}@example.org",
            name=f"Reader {number}",
        )


def _item(name: str, text: str, language: str) -> Snapshot:
    digest = sha256(text.encode()).hexdigest()
    return Snapshot(
        item_id=f"demo-{name}",
        url=f"{_SITE}/demo/{name}",
        author=f"author-of-{name}",
        channel=f"channel-of-{name}",
        text=text,
        language=language,
        reach=400,
        content_sha256=digest,
        media_sha256=(sha256(name.encode()).hexdigest(),) if name in ("photo", "threat") else (),
    )


def _notice(
    name: str, at: datetime, item: Snapshot, reasons: str, category: Category, keyword: Keyword | None
) -> Notice:
    return Notice(
        key=f"demonstration/{name}",
        received_at=at,
        raw=f"{item.url}\n{reasons}\n".encode(),
        items=(item,),
        reasons=reasons,
        name="Nora Neighbour",
        email="nora@example.org",
        good_faith=True,
        category=category,
        keyword=keyword,
        channel="form",
    )


def _work(office: Office, at: datetime, chance: Chance) -> None:
    """Decide two cases, have one appealed, and leave a conversation and a note behind."""
    policy = Policy(
        ground=Ground.INCOMPATIBLE_CONTENT, category=Category.VIOLENCE, keyword=None, reference="Terms, 4.2"
    )
    threat = _case(office, "removed", at)
    remove = Proposal(action=Action.REMOVE, policy=policy, facts="The message announces visits to voters' homes.")
    propose_decision(office, _HAND, threat.stream, remove, at=at)
    fine = _case(office, "fine", at)
    proposal = Proposal(action=Action.NONE, policy=policy, because="Sharp words about an office holder, no more.")
    propose_decision(office, _HAND, fine.stream, proposal, at=at)
    closed = at + timedelta(minutes=2)
    close_proposals(office, at=closed, chance=chance)
    affected = office.references.format("affected", threat.number)
    text = "I quoted a threat that I had received myself, to warn others. Please read the whole message."
    appeal = Appeal(
        key="demonstration/appeal",
        received_at=closed + timedelta(minutes=30),
        reference=affected,
        text=text,
        raw=text.encode(),
    )
    receive_appeal(office, appeal)
    photo = _case(office, "photo", closed, claimed=False)
    note(office, _HAND, photo.stream, "The door number can be read in the second picture.", at=closed)
    question = "Is the photograph yours, and since when has it been online?"
    write_message(office, _HAND, photo.stream, "affected", question, at=closed + timedelta(minutes=1))
    link = office.references.format("affected", photo.number)
    answer(
        office, link, "It is from the street, anyone can see it.", key="demonstration", at=closed + timedelta(hours=1)
    )


def _case(office: Office, name: str, at: datetime, *, claimed: bool = True) -> CaseFile:
    text, language = next(
        (one.text, one.language or "EN")
        for notice in _notices(at)
        for one in notice.items
        if one.item_id == f"demo-{name}"
    )
    found = at_place(office, CONTENT, subject_of(office, _item(name, text, language)).content)
    assert found is not None  # noqa: S101 - its notice was received before
    open_case(office, _HAND, found[0], "demonstration", at=at)
    return claim(office, _HAND, found[0], at=at) if claimed else load_case(office, found[0])
