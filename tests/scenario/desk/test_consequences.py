"""What follows from decisions: edits, strikes, sanctions, bans, appeals, reversals, alarms; and what a test leaves."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from evenhand.flow.action_reports import Report
from evenhand.flow.alarm import acknowledge_alarm, call_again, raise_alarm
from evenhand.flow.appeals import receive_appeal
from evenhand.flow.authors import load_author
from evenhand.flow.cases import claim, next_case
from evenhand.flow.deciding import close_proposals, propose_decision
from evenhand.flow.disputes import record_outcome, record_referral
from evenhand.flow.dossier import load_dossier
from evenhand.flow.items import effect_reported, item_event
from evenhand.flow.notices import receive_notice
from evenhand.flow.office import Office, case_of, load_case
from evenhand.flow.quality import plant_double, plant_known, rates, reversal_rates
from evenhand.flow.search import Search, save_search, saved_searches, search
from evenhand.flow.ticks import settle_reports, tick
from evenhand.views import desk
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.addressee import Addressee
from evenhand.vocabulary.appeal import Appeal, DisputeOutcome
from evenhand.vocabulary.case import AppealOutcome, CaseFile, CaseState, Proposal
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.errors import Conflict, Denied, InputError
from evenhand.vocabulary.eu import Category
from evenhand.vocabulary.notice import ItemChange, ItemEvent, NoticeState
from evenhand.vocabulary.places import notices_stream
from evenhand.vocabulary.post import ItemKind
from scenario.desk.scene import ANNA, BORIS, CHIARA, FINE, NOON, REMOVE, chance, effects, later, notice, post

QUALITY = Actor(id="staff-quality", roles=frozenset({Role.QUALITY}))


def decided(
    office: Office, name: str, proposal: Proposal = REMOVE, *, by: Actor = ANNA, at: float = 0, **more: object
) -> CaseFile:
    """Return a case about an item, decided."""
    when = later(hours=at)
    receive_notice(office, notice(f"n-{name}", post(name, text=name, **more), received_at=when))
    file = next_case(office, by, at=when)
    assert file is not None
    propose_decision(office, by, file.stream, proposal, at=when)
    close_proposals(office, at=later(hours=at, minutes=1), chance=chance)
    return load_case(office, file.stream)


def appeal_of(reference: str, key: str = "a", *, days: float = 1) -> Appeal:
    """Return an appeal from a link."""
    return Appeal(key=key, received_at=later(days=days), reference=reference, text="That is wrong.", raw=b"wrong")


def link(office: Office, file: CaseFile) -> str:
    """Return the affected person's link."""
    return office.references.format("affected", file.number)


def event(key: str, change: ItemChange, **more: object) -> ItemEvent:
    """Return what the platform says of an item."""
    return ItemEvent(key=key, at=later(seconds=20), change=change, item=post(**more))  # type: ignore[arg-type]


def test_an_edit_takes_a_proposal_back_once(office: Office) -> None:
    """Whoever proposed looks again; a second edit does not put the decision off for ever."""
    receive_notice(office, notice())
    file = next_case(office, ANNA, at=NOON)
    assert file is not None
    propose_decision(office, ANNA, file.stream, REMOVE, at=NOON)
    assert item_event(office, event("e-1", ItemChange.EDITED, text="Peace."), chance=chance) == 1
    seen = load_case(office, file.stream)
    assert (seen.state, seen.changed, seen.holder) == (CaseState.CLAIMED, True, ANNA.id)
    assert seen.current is not None
    assert seen.current.text == "Peace."
    assert seen.snapshot is not None
    assert seen.snapshot.text != "Peace."
    item_event(office, event("e-1", ItemChange.EDITED, text="Peace."), chance=chance)
    assert [r.kind for r in office.queries.records(file.stream)].count("item.edited") == 1
    propose_decision(office, ANNA, file.stream, REMOVE, at=later(minutes=1))
    item_event(office, event("e-2", ItemChange.EDITED, text="War."), chance=chance)
    assert load_case(office, file.stream).state is CaseState.PROPOSED
    item_event(office, event("e-3", ItemChange.DELETED), chance=chance)
    assert not load_case(office, file.stream).present


def test_an_edit_wakes_what_was_found_fine(office: Office) -> None:
    """Silence lasts as long as the content, also for those who know nothing but the location."""
    decided(office, "post-1", FINE)
    by_url = replace(post(), item_id="", author="", channel="", content_sha256="", text="")
    again = notice("n-2", by_url, email="b@example.org", received_at=later(hours=1))
    assert receive_notice(office, again).state is NoticeState.SILENCED
    item_event(office, event("e-1", ItemChange.EDITED, content_sha256=""), chance=chance)
    woken = notice("n-3", by_url, email="c@example.org", received_at=later(hours=2))
    assert receive_notice(office, woken).state is NoticeState.OPENED


def test_strikes_add_up_and_are_lifted(office: Office) -> None:
    """A warning first, a week at five, and a reversal takes back strike and sanction, in public too."""
    for n in range(3):
        last = decided(office, f"p-{n}", by=replace(ANNA, id=f"staff-{n}"), at=n)
    author = load_author(office, last.opened.author_key)
    assert (author.weight(later(hours=3)), [one.id for one in author.sanctions]) == (6, ["warning", "week"])
    assert [body["action"] for body in effects(office, "platform.")][-1] == "interaction-restrict"
    receive_appeal(office, appeal_of(link(office, last)))
    taken = next_case(office, BORIS, at=later(days=1))
    assert taken is not None
    restore = replace(REMOVE, action=Action.RESTORE, outcome=AppealOutcome.REVERSED)
    propose_decision(office, BORIS, taken.stream, restore, at=later(days=1))
    close_proposals(office, at=later(days=1, minutes=1), chance=chance)
    author = load_author(office, last.opened.author_key)
    assert (author.weight(later(days=2)), [one.id for one in author.sanctions]) == (4, ["warning"])
    done = [(body["action"], body["kind"]) for body in effects(office, "platform.")][-2:]
    assert done == [("restore", "post"), ("restore", "account")]
    assert load_author(office, last.opened.author_key).weight(later(days=400)) == 0


def test_a_sanction_may_come_go_and_come_again_within_a_day(office: Office) -> None:
    """Both sides appeal, one after the other: each step is told and carried out, and is a statement of its own."""
    for n in range(3):
        proposal = replace(REMOVE, action=Action.DEMOTE)
        last = decided(office, f"p-{n}", proposal, by=replace(ANNA, id=f"staff-{n}"), at=n)
    [row] = [one for one in office.queries.records(notices_stream(last.stream)) if one.kind == "notice"]
    links = {"a": link(office, last), "b": office.references.format("notice", row.number)}
    undo = replace(REMOVE, action=Action.RESTORE, outcome=AppealOutcome.REVERSED)
    for key, by, proposal, hour in (
        ("a", BORIS, undo, 4),
        ("b", CHIARA, replace(REMOVE, outcome=AppealOutcome.REVERSED), 6),
    ):
        receive_appeal(office, appeal_of(links[key], key, days=hour / 24))
        taken = next_case(office, by, at=later(hours=hour))
        assert taken is not None
        propose_decision(office, by, taken.stream, proposal, at=later(hours=hour))
        assert close_proposals(office, at=later(hours=hour, minutes=1), chance=chance) == 1
    author = load_author(office, last.opened.author_key)
    assert (author.weight(later(hours=7)), [one.id for one in author.sanctions]) == (6, ["warning", "week"])
    on_account = [body["action"] for body in effects(office, "platform.") if body["kind"] == "account"]
    assert on_account == ["interaction-restrict", "restore", "interaction-restrict"]
    puids = [one["puid"] for one in effects(office, "eu-database")]
    assert len(puids) == len(set(puids)) == 3 + 1 + 1 + 1


def test_a_ban_meets_the_same_content_and_the_same_person(office: Office) -> None:
    """The very content goes at once; the banned person's next channel goes to a person; a stranger is left alone."""
    ban = replace(REMOVE, action=Action.BAN)
    file = decided(office, "channel-a", ban, kind=ItemKind.CHANNEL, channel="channel-a")
    sha = file.opened.content_sha256
    again = post("channel-b", kind=ItemKind.CHANNEL, author="author-2", channel="channel-b", content_sha256=sha)
    item_event(office, ItemEvent(key="e-1", at=later(hours=1), change=ItemChange.SEEN, item=again), chance=chance)
    rows = office.queries.decisions_on(NOON.date(), before=None, limit=9)
    assert next((row.item_id, row.action, row.rule) for row in rows) == ("channel-b", "ban", "ban-reupload")
    evading = post("channel-c", kind=ItemKind.CHANNEL, channel="channel-c", text="new", content_sha256="11" * 32)
    item_event(office, ItemEvent(key="e-2", at=later(hours=1), change=ItemChange.SEEN, item=evading), chance=chance)
    [line] = desk.open_cases(office.queries)
    assert load_case(office, line.case).opened.rule == "ban-evasion"
    stranger = replace(evading, item_id="channel-d", author="author-3", content_sha256="22" * 32)
    item_event(office, ItemEvent(key="e-3", at=later(hours=1), change=ItemChange.SEEN, item=stranger), chance=chance)
    assert len(desk.open_cases(office.queries)) == 1


def test_who_appeals_when_and_to_whom(office: Office) -> None:
    """Six calendar months, both sides, once; nobody who had a hand in the first decision decides."""
    file = decided(office, "p")
    late = appeal_of(link(office, file), days=182)
    with pytest.raises(InputError, match="six months ended on 2027-05-23"):
        receive_appeal(office, late)
    with pytest.raises(InputError, match="is gone"):
        receive_appeal(office, appeal_of(office.references.format("notice", _notice_number(office, file))))
    receive_appeal(office, appeal_of(link(office, file), days=181))
    [line] = desk.waiting(office.queries, "appeals")
    for person in (ANNA, replace(CHIARA, id=ANNA.id)):
        with pytest.raises(Denied, match="you decided"):
            claim(office, person, line.case, at=later(days=181))
    claim(office, BORIS, line.case, at=later(days=181))
    with pytest.raises(InputError, match="upheld, partly"):
        propose_decision(office, BORIS, line.case, FINE, at=later(days=181))
    upheld = replace(FINE, outcome=AppealOutcome.UPHELD, facts="It threatens a person.")
    propose_decision(office, BORIS, line.case, upheld, at=later(days=181))
    close_proposals(office, at=later(days=181, minutes=1), chance=chance)
    assert load_case(office, file.stream).state is CaseState.DECIDED
    assert desk.appeal_figures(office.queries)[f"appeal/by/{ANNA.id}/upheld"] == 1
    assert effects(office, "tell.affected")[-1]["outcome"] == "upheld"
    assert len(effects(office, "platform.")) == 1
    with pytest.raises(InputError, match="certified body"):
        receive_appeal(office, appeal_of(link(office, file), "again", days=181))


def _notice_number(office: Office, file: CaseFile) -> int:
    return office.queries.records(notices_stream(file.stream))[0].number


def test_a_notifier_appeals_and_the_author_may_answer(office: Office) -> None:
    """Found fine, appealed by the notifier, removed on appeal: then the author may appeal against that."""
    file = decided(office, "p", FINE)
    assert effects(office, "platform.") == []
    reference = office.references.format("notice", _notice_number(office, file))
    receive_appeal(office, appeal_of(reference))
    taken = next_case(office, BORIS, at=later(days=1))
    assert taken is not None
    propose_decision(office, BORIS, taken.stream, replace(REMOVE, outcome=AppealOutcome.REVERSED), at=later(days=1))
    close_proposals(office, at=later(days=1, minutes=1), chance=chance)
    assert [body["action"] for body in effects(office, "platform.")] == ["remove"]
    assert load_author(office, file.opened.author_key).weight(later(days=2)) == 2
    receive_appeal(office, appeal_of(link(office, file), "b", days=2))
    assert next_case(office, BORIS, at=later(days=2)) is None
    assert next_case(office, CHIARA, at=later(days=2)) is not None


def test_done_is_shown_when_the_platform_says_so(office: Office) -> None:
    """A decision is chased until the platform reports it; a failure goes on being chased."""
    file = decided(office, "p")
    assert [line.case for line in desk.chased(office.queries)] == [file.stream]
    effect_reported(office, file.stream, key="r-1", status="failed", text="timeout", at=later(hours=1))
    assert len(desk.chased(office.queries)) == 1
    [action] = [row.key.hex() for row in office.queries.effects(after=0, limit=9) if row.kind == "platform.remove"]
    reports = [
        Report(id="00" * 20, status="done", at=later(hours=2)),
        Report(id=action, status="done", at=later(hours=2)),
    ]
    assert settle_reports(office, reports, at=later(hours=2)) == 1
    assert settle_reports(office, reports[:1], at=later(hours=2)) == 0
    assert desk.chased(office.queries) == []
    assert load_case(office, file.stream).state is CaseState.DONE


def test_an_alarm_cannot_end_in_silence(office: Office) -> None:
    """One key notifies; until an authority acknowledges, somebody is called again and again."""
    row = Addressee(
        id="de-bka", name="Police", country="DE", address="x@police.example", holds_from=NOON.date(), source="own table"
    )
    home = replace(row, id="home", country="HOME")
    armed = replace(office, alarm_table=(row, home))
    receive_notice(armed, notice())
    file = next_case(armed, ANNA, at=NOON)
    assert file is not None
    with pytest.raises(InputError):
        raise_alarm(armed, ANNA, file.stream, "", at=NOON)
    alarmed = raise_alarm(armed, ANNA, file.stream, "Names a place and an hour.", states=("DE",), at=NOON)
    assert [one.id for one in alarmed.addressees] == ["de-bka"]
    with pytest.raises(Conflict):
        raise_alarm(armed, ANNA, file.stream, "again", at=NOON)
    for n in range(1, 4):
        assert call_again(armed, at=later(minutes=15 * n)) == 1
        assert call_again(armed, at=later(minutes=15 * n)) == 0
    propose_decision(armed, ANNA, file.stream, REMOVE, at=later(hours=1))
    close_proposals(armed, at=later(hours=2), chance=chance)
    assert call_again(armed, at=later(hours=2)) == 1
    with pytest.raises(InputError):
        acknowledge_alarm(armed, ANNA, file.stream, "", "", at=later(hours=2))
    acknowledge_alarm(armed, ANNA, file.stream, "Duty officer", "2026/4711", at=later(hours=2))
    assert call_again(armed, at=later(days=2)) == 0
    [told] = effects(armed, "tell.authority")
    assert told["to"] == "x@police.example"
    assert len(effects(armed, "page.person")) == 5


def test_where_nobody_knows_the_state_home_is_told(office: Office) -> None:
    """No state named, or one without a row: the state of establishment and Europol."""
    row = Addressee(id="home", name="", country="HOME", address="h@x.example", holds_from=NOON.date(), source="own")
    armed = replace(office, alarm_table=(row, replace(row, id="europol", country="EU")))
    receive_notice(armed, notice())
    file = next_case(armed, ANNA, at=NOON)
    assert file is not None
    alarmed = raise_alarm(armed, ANNA, file.stream, "A threat.", states=("FR",), at=NOON)
    assert [one.id for one in alarmed.addressees] == ["home", "europol"]


def test_a_hidden_case_leaves_nothing_outside(office: Office) -> None:
    """It is worked like any other; no decision, entry, effect, strike or figure comes of it, only how right it was."""
    planted = plant_known(
        office,
        QUALITY,
        post("known", text="I know where you live"),
        Action.REMOVE,
        category=Category.VIOLENCE,
        rule="threats",
        because="Two words from the list of threats.",
        at=NOON,
        chance=chance,
    )
    with pytest.raises(Denied):
        plant_double(office, ANNA, planted, at=NOON, chance=chance)
    file = next_case(office, ANNA, at=NOON)
    assert file is not None
    assert file.stream == planted
    propose_decision(office, ANNA, file.stream, FINE, at=NOON)
    assert close_proposals(office, at=later(minutes=1), chance=chance) == 1
    assert load_case(office, planted).state is CaseState.DECIDED
    assert office.queries.effects(after=0, limit=9) == []
    assert office.queries.decisions_on(NOON.date(), before=None, limit=9) == []
    assert office.queries.entries(0, 9) == []  # type: ignore[attr-defined] # both stores have it
    assert [line.case for line in desk.decided(office.queries)] == [planted]  # its absence would tell
    assert dict(office.queries.tallies("case/decided/")) == {}
    assert dict(office.queries.tallies("decided/")) == {}
    [found] = rates(office, QUALITY)
    assert (found.kind, found.policy, found.right, found.asked) == ("known", "VIOLENCE", 0, 1)


def test_blind_double_review(office: Office) -> None:
    """A decided case is decided once more by somebody else, who sees the same item and not the first decision."""
    first = decided(office, "p")
    plant_double(office, QUALITY, first.stream, at=later(hours=1), chance=chance)
    before = len(office.queries.effects(after=0, limit=99))
    assert next_case(office, ANNA, at=later(hours=1)) is None
    second = next_case(office, BORIS, at=later(hours=1))
    assert second is not None
    assert second.snapshot is not None
    assert first.snapshot is not None
    assert second.snapshot.text == first.snapshot.text
    assert second.snapshot.item_id != first.snapshot.item_id
    assert len(second.snapshot.item_id) == len(first.snapshot.item_id)
    assert [line.case for line in search(office, BORIS, Search(text=second.snapshot.item_id))] == [second.stream]
    around = load_dossier(office, BORIS, second, at=later(hours=1))
    assert (around.similar, around.author is not None) == ((), True)
    assert (second.decision, second.opened.about) == (None, "")
    propose_decision(office, BORIS, second.stream, REMOVE, at=later(hours=1))
    close_proposals(office, at=later(hours=2), chance=chance)
    assert len(office.queries.effects(after=0, limit=99)) == before
    assert [(one.kind, one.right, one.asked) for one in rates(office, QUALITY)] == [("double", 1, 1)]

    with pytest.raises(Conflict):
        plant_double(office, QUALITY, first.stream, at=later(hours=3), chance=chance)


def test_test_cases_follow_the_platform(office: Office) -> None:
    """A test case looks done once the platform has carried out what was decided no earlier."""
    values = {"category": Category.VIOLENCE, "rule": "threats", "because": "Two words.", "at": NOON}
    item = post("known", author="author-9", channel="channel-9")
    planted = plant_known(office, QUALITY, item, Action.REMOVE, chance=chance, **values)  # type: ignore[arg-type]
    next_case(office, ANNA, at=NOON)
    propose_decision(office, ANNA, planted, REMOVE, at=NOON)
    close_proposals(office, at=later(minutes=1), chance=chance)
    first = decided(office, "p")
    tick(office, at=later(hours=3), chance=chance)
    assert load_case(office, planted).state is CaseState.DECIDED
    effect_reported(office, first.stream, key="done", status="done", at=later(hours=3))
    tick(office, at=later(hours=3), chance=chance)
    assert load_case(office, planted).state is CaseState.DONE
    assert load_case(office, first.stream).state is CaseState.DONE


def test_reversal_rates(office: Office) -> None:
    """Appeals that were decided, by rule, by the lists it reads and by who decided first; only quality sees them."""
    first = decided(office, "p")
    receive_appeal(office, appeal_of(link(office, first), days=0.05))
    case = next_case(office, BORIS, at=later(hours=2))
    assert case is not None
    undo = replace(REMOVE, action=Action.RESTORE, outcome=AppealOutcome.REVERSED)
    propose_decision(office, BORIS, case.stream, undo, at=later(hours=2))
    close_proposals(office, at=later(hours=3), chance=chance)
    found = {(one.by, one.name): one for one in reversal_rates(office, QUALITY, lambda _rule: ("slurs",))}
    assert {by for by, _name in found} == {"rule", "list", "by"}
    mine = found["by", "staff-anna"]
    assert (mine.made, mine.appeals, mine.undone) == (1, 1, 1)
    assert 0.2 < mine.low < mine.high == 1
    assert found["list", "slurs"].undone == 1
    with pytest.raises(Denied):
        reversal_rates(office, ANNA, lambda _rule: ())


def test_search_by_reference_id_location_and_day(office: Office) -> None:
    """What is found is what may be seen; a saved search comes back."""
    file = decided(office, "p")
    reference = office.references.format("case", file.number)
    assert case_of(office, reference) == file.stream
    for text in (reference, reference.lower(), "p", "https://example.org/p", "author-1", link(office, file)):
        assert [line.case for line in search(office, ANNA, Search(text=text))] == [file.stream], text
    assert search(office, ANNA, Search(text="nothing of the kind")) == []
    assert len(search(office, ANNA, Search(category="VIOLENCE", first=NOON.date(), last=NOON.date()))) == 1
    assert search(office, ANNA, Search(category="VIOLENCE", last=later(days=-1).date())) == []
    assert search(office, Actor(id="x", roles=frozenset({Role.ANALYST})), Search(text=reference)) == []
    with pytest.raises(InputError):
        search(office, ANNA, Search(first=later(days=1).date(), last=NOON.date()))
    asked = Search(rule="threats", first=NOON.date())
    save_search(office, ANNA, "Threats today", asked, at=NOON)
    save_search(office, ANNA, "Threats today", asked, at=later(hours=1))
    assert saved_searches(office, ANNA) == [("Threats today", asked)]
    assert saved_searches(office, BORIS) == []


def test_a_dispute_has_a_record_and_an_end(office: Office) -> None:
    """A certified body's referral and outcome are kept and counted; what is not done is explained."""
    lawyer = Actor(id="staff-lawyer", roles=frozenset({Role.LEGAL}))
    file = decided(office, "p")
    with pytest.raises(Denied):
        record_referral(office, ANNA, file.stream, "ODS", "77/26", received_at=NOON, at=later(days=3))
    record_referral(office, lawyer, file.stream, "ODS", "77/26", received_at=NOON, at=later(days=3))
    against = DisputeOutcome.FOR_PERSON
    with pytest.raises(InputError, match="say why"):
        record_outcome(office, lawyer, file.stream, "77/26", against, implemented=False, at=later(days=60))
    record_outcome(office, lawyer, file.stream, "77/26", against, implemented=True, at=later(days=60))
    with pytest.raises(Conflict, match="no dispute"):
        record_outcome(office, lawyer, file.stream, "77/26", against, implemented=True, at=later(days=61))
    counts = dict(office.queries.tallies("dispute/"))
    assert counts == {"dispute/referred": 1, "dispute/for-person": 1, "dispute/implemented": 1}


def propose_other(office: Office, by: Actor, file: CaseFile) -> str:
    """Return what somebody is told who proposes something else a moment later."""
    with pytest.raises(Conflict) as caught:
        propose_decision(office, by, file.stream, FINE, at=NOON)
    return str(caught.value)


def test_two_moderators_at_once(office: Office) -> None:
    """Of many who ask at the same moment each gets a case of their own, and nobody gets a traceback."""
    for n in range(8):
        receive_notice(office, notice(f"n-{n}", post(f"p-{n}")))
    people = [Actor(id=f"staff-{n}", roles=frozenset({Role.MODERATOR})) for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda actor: next_case(office, actor, at=NOON), people))
    assert len({file.stream for file in taken if file is not None}) == 8
    [contested] = [file for file in taken if file is not None][:1]

    def propose(by: Actor) -> str:
        try:
            propose_decision(office, by, contested.stream, REMOVE, at=NOON)
        except Conflict as error:
            return str(error)
        return "proposed"

    holder = next(actor for actor in people if actor.id == contested.holder)
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(propose, [holder] * 4))
    assert "proposed" in said
    # The same act four times is one act; a person who proposed something else would be told that it is too late.
    assert [row.kind for row in office.queries.records(contested.stream)].count("proposal") == 1
    assert "cannot come now" in propose_other(office, holder, contested)


def test_an_end_that_passes_sends_the_proposal_back(office: Office) -> None:
    """What cannot be worded any more when its window closes goes back to who proposed it; the clock goes on."""
    receive_notice(office, notice())
    file = next_case(office, ANNA, at=NOON)
    assert file is not None
    propose_decision(office, ANNA, file.stream, replace(REMOVE, until=later(hours=1)), at=NOON)
    tick(office, at=later(days=2), chance=chance)
    back = load_case(office, file.stream)
    assert (back.state, back.holder) == (CaseState.CLAIMED, ANNA.id)
    assert effects(office, "platform.") == []
