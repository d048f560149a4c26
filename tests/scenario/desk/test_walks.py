"""Whatever happens in whatever order: nobody gets an item twice, no party learns of the other, what is kept adds up."""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from evenhand.desk.rules import standing
from evenhand.flow.appeals import receive_appeal, standing_of
from evenhand.flow.cases import ask_opinion, claim, give_opinion, next_case, open_case, release
from evenhand.flow.conversation import answer, follow_link, write_message
from evenhand.flow.deciding import propose_decision, second, undo_proposal
from evenhand.flow.items import item_event
from evenhand.flow.notices import receive_notice
from evenhand.flow.office import Office, holder_hash, load_case
from evenhand.flow.ticks import tick
from evenhand.store.memory import MemoryStore
from evenhand.vocabulary.actor import Actor, Role
from evenhand.vocabulary.appeal import Appeal
from evenhand.vocabulary.case import AppealOutcome, CaseFile, Origin
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.errors import EvenhandError, InputError
from evenhand.vocabulary.eu import Keyword
from evenhand.vocabulary.notice import ItemChange, ItemEvent
from evenhand.vocabulary.reference import References
from scenario.desk.scene import FINE, NOON, REMOVE, chance, effects, notice, post

STAFF = [Actor(id=f"staff-{n}", roles=frozenset({Role.MODERATOR, Role.SENIOR})) for n in range(4)]
PEOPLE = st.sampled_from(STAFF)
ITEMS = st.sampled_from(["p-0", "p-1", "p-2"])
NOTIFIERS = ("quentin.notifies@example.org", "ottilie.reports@example.org")
NAMES = ("Quentin Notifies", "Ottilie Reports")


class Desk(RuleBasedStateMachine):
    """People at the desk, notifiers, authors and the platform, at random."""

    def __init__(self) -> None:
        super().__init__()
        store = MemoryStore()
        self.office = Office(docket=store, queries=store, references=References(bytes(16)), index_key=bytes(32))
        self.now = NOON
        self.number = self.read = 0
        self.streams: list[Stream] = []
        self.given: set[tuple[str, str]] = set()
        self.links: dict[str, int] = {}

    def tick_on(self) -> datetime:
        """Let a little time pass."""
        self.now += timedelta(seconds=7)
        self.number += 1
        return self.now

    def cases(self) -> list[CaseFile]:
        """Return all cases."""
        while (row := self.office.queries.record(self.read + 1)) is not None:
            self.read += 1
            if row.kind == "case.opened":
                self.streams.append(row.stream)
        return [load_case(self.office, stream) for stream in self.streams]

    def tried(self, act: object) -> None:
        """Do what may be refused; a refusal is one of ours, never a traceback of somebody else's."""
        try:
            act()  # type: ignore[operator] # a function
        except EvenhandError:
            return

    @rule(item=ITEMS, who=st.integers(0, 1), grave=st.booleans())
    def notify(self, item: str, who: int, grave: bool) -> None:
        """Somebody reports."""
        at = self.tick_on()
        keyword = Keyword.TERRORIST_CONTENT if grave else None
        sent = notice(
            f"n-{self.number}",
            post(item, text=item, author=f"author-of-{item}"),
            name=NAMES[who],
            email=NOTIFIERS[who],
            received_at=at,
            keyword=keyword,
        )
        received = receive_notice(self.office, sent)
        self.links[received.reference] = who

    @rule(item=ITEMS, change=st.sampled_from(list(ItemChange)), text=st.sampled_from(["a", "b"]))
    def happen(self, item: str, change: ItemChange, text: str) -> None:
        """The platform says what happened."""
        at = self.tick_on()
        now = post(item, text=text, author=f"author-of-{item}", content_sha256=sha256(text.encode()).hexdigest())
        event = ItemEvent(key=f"e-{self.number}", at=at, change=change, item=now)
        item_event(self.office, event, chance=chance)

    @rule(actor=PEOPLE)
    def take(self, actor: Actor) -> None:
        """Somebody asks for the next case."""
        held = {file.stream for file in self.cases() if file.holder == actor.id}
        file = next_case(self.office, actor, at=self.tick_on())
        if file is None or file.stream in held:
            return
        assert (actor.id, file.opened.item_key) not in self.given, "the same item twice"
        self.given.add((actor.id, file.opened.item_key))

    @precondition(lambda self: self.cases())
    @rule(actor=PEOPLE, data=st.data())
    def act(self, actor: Actor, data: st.DataObject) -> None:
        """Somebody does something at some case, allowed or not."""
        file = data.draw(st.sampled_from(self.cases()))
        case, at = file.stream, self.tick_on()
        appeal = file.opened.origin is Origin.APPEAL
        outcome = data.draw(st.sampled_from(list(AppealOutcome))) if appeal else None
        lifted = Action.RESTORE if appeal else Action.NONE
        proposal = replace(data.draw(st.sampled_from([REMOVE, replace(FINE, action=lifted)])), outcome=outcome)
        acts = {
            "claim": lambda: self.claimed(actor, case, at),
            "release": lambda: release(self.office, actor, case, "", at=at),
            "open": lambda: open_case(self.office, actor, case, "review", at=at),
            "propose": lambda: propose_decision(self.office, actor, case, proposal, at=at),
            "undo": lambda: undo_proposal(self.office, actor, case, at=at),
            "second": lambda: second(self.office, actor, case, agrees=data.draw(st.booleans()), at=at),
            "ask": lambda: ask_opinion(self.office, actor, case, "?", at=at),
            "opine": lambda: give_opinion(self.office, actor, case, "!", at=at),
        }
        self.tried(acts[data.draw(st.sampled_from(sorted(acts)))])

    def claimed(self, actor: Actor, case: Stream, at: datetime) -> None:
        """Claim a certain case."""
        file = claim(self.office, actor, case, at=at)
        assert (actor.id, file.opened.item_key) not in self.given, "the same item twice"
        self.given.add((actor.id, file.opened.item_key))

    @precondition(lambda self: self.cases())
    @rule(data=st.data(), seconds=st.sampled_from([1, 40, 90_000]))
    def pass_time(self, data: st.DataObject, seconds: int) -> None:
        """Windows close, deadlines pass, answers go out."""
        self.now += timedelta(seconds=seconds)
        tick(self.office, at=self.now, chance=chance)
        self.tried(lambda: self.party_writes(data))

    def party_writes(self, data: st.DataObject) -> None:
        """A party appeals, or answers, or is asked."""
        file = data.draw(st.sampled_from(self.cases()))
        affected = self.office.references.format("affected", file.number)
        links = [*self.links, affected]
        link, at = data.draw(st.sampled_from(links)), self.tick_on()
        kind = data.draw(st.sampled_from(["appeal", "answer", "ask"]))
        if kind == "appeal":
            sent = Appeal(key=f"a-{self.number}", received_at=at, reference=link, text="No.", raw=b"No.")
            receive_appeal(self.office, sent)
        elif kind == "answer":
            answer(self.office, link, self.secret_of(link), key=f"m-{self.number}", at=at)
        else:
            # Only who reported in this case is a secret in it: another name tells nothing.
            those = [(NAMES[who], NOTIFIERS[who]) for one, who in self.links.items() if self.in_case(one, file)]
            text = data.draw(st.sampled_from(["What do you mean?", *(word for pair in those for word in pair)]))
            write_message(self.office, data.draw(PEOPLE), file.stream, "affected", text, at=at)

    def in_case(self, link: str, file: CaseFile) -> bool:
        """Tell whether a notifier's link leads to this case."""
        try:
            return standing_of(self.office, link)[0] == file.stream
        except InputError:
            return False

    def secret_of(self, link: str) -> str:
        """Return words that only this party writes."""
        return f"secret of notifier {self.links[link]}" if link in self.links else "secret of the affected"

    @invariant()
    def parties_do_not_meet(self) -> None:
        """From no link can another party's words, names or addresses be read, and no effect carries them across."""
        for link, who in self.links.items():
            self.tried(lambda link=link, who=who: self.reads_only_own(link, who))  # type: ignore[misc] # bound here
        for body in effects(self.office, "tell.affected"):
            assert not any(secret in str(body) for secret in (*NAMES, *NOTIFIERS))
        for body in effects(self.office, "tell.notifier"):
            others = [address for address in NOTIFIERS if address != body["to"]]
            assert not any(address in str(body) for address in others)
            assert "author-of" not in str(body)

    def reads_only_own(self, link: str, who: int) -> None:
        """A notifier's link shows their own words alone."""
        said = [line.text for line in follow_link(self.office, link).thread if not line.ours]
        assert set(said) <= {f"secret of notifier {who}"}

    @invariant()
    def kept_orders_are_right(self) -> None:
        """Each case stands where its records say, and the open ones are counted."""
        files = self.cases()
        for file in files:
            for (view, sort), label in standing(file, holder_hash(self.office, file)).places.items():
                if view == "content":
                    continue  # the newest case about a content stands there
                there = self.office.queries.at([(view, sort)])[view, sort]
                assert (there.stream, there.label) == (file.stream, label)
        counted = self.office.queries.tallies("case/open").get("case/open", 0)
        assert counted == sum(file.is_open for file in files)

    @invariant()
    def deciders_of_appeals_had_no_hand_in_it(self) -> None:
        """An appeal is decided by somebody else, always."""
        files = {file.stream.hex(): file for file in self.cases()}
        for file in files.values():
            if file.opened.origin is Origin.APPEAL and file.decision is not None:
                first = files[file.opened.about]
                earlier = first.earlier or first.decision
                assert earlier is not None
                assert file.decision.by not in (earlier.by, earlier.second)


Desk.TestCase.settings = settings(
    max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestDesk = Desk.TestCase
