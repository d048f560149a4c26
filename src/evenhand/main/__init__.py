"""The wiring: settings, keys, stores, log, figures, doors. Nothing else knows how the parts meet."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evenhand.main.process import leave, now
from evenhand.settings import Settings, load_settings

if TYPE_CHECKING:
    import pyarrow as pa

    from evenhand.desk.ports import Docket
    from evenhand.flow.alike import ShapeResult
    from evenhand.flow.backtest import Backtest, BacktestRequest
    from evenhand.flow.hunt import Found, HuntRequest
    from evenhand.flow.hunting import Hunted, Hunting
    from evenhand.flow.judge import BatchOutcome
    from evenhand.flow.live import LiveScreening
    from evenhand.flow.mailroom import Delivered
    from evenhand.flow.office import Office
    from evenhand.flow.past import PastQueries, PastRequest
    from evenhand.flow.reading import What
    from evenhand.flow.receipts import Proof
    from evenhand.flow.replay import SeriesDay
    from evenhand.flow.train import Labelled
    from evenhand.ledger.log import LogDirectory
    from evenhand.main.benchmarks import Benchmarks
    from evenhand.rulebook.desk_tables import DeskBook
    from evenhand.rulebook.tables import LawBook
    from evenhand.screening.archive import SignalArchive
    from evenhand.screening.lists import Lists
    from evenhand.screening.released import ReleasedScreener
    from evenhand.store.sql_store import SqlStore
    from evenhand.views.site import SiteFigures
    from evenhand.vocabulary.commit import Commit, Outcome, Stream


class Desk:
    """The wired desk (`doors.cli.house.House`); each part is made when it is first asked for."""

    @cached_property
    def settings(self) -> Settings:
        """Return the settings in force."""
        return load_settings()

    def law(self) -> "LawBook":
        """Return the law's tables."""
        from evenhand.rulebook.load import load_law

        own = self.settings.data / "law"
        return load_law(*([own] if own.is_dir() else []))

    @cached_property
    def _desk_book(self) -> "DeskBook":
        return self.law().desk

    @cached_property
    def _docket(self) -> "SqlStore":
        from evenhand.flow.keyring import keep_key
        from evenhand.store.vault import Vault

        vault = Vault(keep_key(self.settings.data / "keys" / "master.key", 32))
        if url := self.settings.database_url:
            from evenhand.store.postgres import PostgresStore

            return PostgresStore(url, vault)
        from evenhand.store.sqlite import SqliteStore

        return SqliteStore(self.settings.data / "docket.sqlite3", vault)

    @cached_property
    def _log(self) -> "LogDirectory":
        from evenhand.flow.log import open_directory

        return open_directory(self.settings)

    @cached_property
    def _figures(self) -> "SiteFigures":
        from evenhand.flow.figures import LogFigures

        return LogFigures(str(self._log.path), self._log.vkey, self.settings)

    def _office(self, docket: "Docket") -> "Office":
        """Return the desk as its journeys see it; `docket` is the store, or the committer in front of it."""
        from evenhand.flow.keyring import keep_key
        from evenhand.flow.office import Office
        from evenhand.flow.statement_made import read_wordings
        from evenhand.vocabulary.reference import References

        keys = self.settings.data / "keys"
        return Office(
            docket=docket,
            wordings=read_wordings(self.settings.data),
            platform=self.settings.platform,
            public_url=self.settings.public_url,
            queries=self._docket,
            references=References(keep_key(keys / "references.key", 16)),
            index_key=keep_key(keys / "index.key", 32),
            undo=timedelta(seconds=self.settings.undo_s),
            book=self._desk_book,
        )

    def publish(self) -> int:
        """Sequence what is committed into the log; return the log's size."""
        return self._log.publish(self._docket)

    def receipt_proof(self, note: bytes) -> bytes | None:
        """Return the .tlog-proof for a receipt's note; None while the log does not have it."""
        from evenhand.flow.receipts import proof_for
        from evenhand.ledger.log import reader_of

        return proof_for(note, self._docket, reader_of(self._log))

    def _receipts(self, stream: "Stream") -> "Sequence[Proof]":
        """Return a stream's receipts, with their proofs where the log has them."""
        from evenhand.flow.follow import receipts_of
        from evenhand.ledger.log import reader_of

        return receipts_of(self._docket, stream, reader_of(self._log))

    def figures(self) -> "SiteFigures":
        """Return the figures of the public log."""
        return self._figures

    def judge(
        self, batches: "Iterator[pa.RecordBatch]", lists: Path | None, rules: Path | None
    ) -> "Iterator[BatchOutcome]":
        """Screen each batch and commit what follows from it."""
        from evenhand.flow.judge import judge_stream
        from evenhand.flow.screen import load_screener
        from evenhand.flow.telling_machine import tell_machine_decisions

        office = self._office(self._docket)  # first: the data directory is there then, and compiled lists are kept
        yield from judge_stream(load_screener(self.settings.data, lists, rules), batches, office, self._archive)
        tell_machine_decisions(office, at=now())

    def letter_link(self) -> str:
        """Return where somebody follows a machine's decision from their letter; "" where none was told."""
        from evenhand.flow.telling_machine import letter_link

        return letter_link(self._office(self._docket))

    @cached_property
    def _archive(self) -> "SignalArchive":
        from evenhand.flow.backtest import open_archive

        return open_archive(self.settings, lambda: now().date())

    def backtest(self, request: "BacktestRequest") -> "Backtest":
        """Run a rule over the signals that were kept."""
        from evenhand.flow.backtest import DocketDecisions, run_backtest

        return run_backtest(request, self._archive, DocketDecisions(self._decided), now())

    def deliveries(self) -> dict[str, Any]:
        """Return what waits to leave, what was given up and which calls are open, beside the service."""
        from evenhand.flow.deliveries import deliveries_as_dict

        return deliveries_as_dict(self._decided, now())

    @cached_property
    def _decided(self) -> "PastQueries":
        """The docket for reading only: a backtest or an audit runs beside the service that owns it."""
        from evenhand.flow.keyring import keep_key
        from evenhand.store.vault import Vault

        vault = Vault(keep_key(self.settings.data / "keys" / "master.key", 32))
        if url := self.settings.database_url:
            from evenhand.store.postgres_reader import PostgresReader

            return PostgresReader(url, vault)
        from evenhand.store.docket_reader import DocketReader

        return DocketReader(self.settings.data / "docket.sqlite3", vault)

    def past_requests(self, by: str, purpose: str) -> "Iterator[PastRequest]":
        """Return the requests that the docket holds; who reads, and what for, is written down first."""
        from evenhand.flow.keyring import keep_key
        from evenhand.flow.past import past_requests
        from evenhand.vocabulary.reference import References

        self._read_for(by, purpose, "requests")
        return past_requests(self._decided, References(keep_key(self.settings.data / "keys" / "references.key", 16)))

    def audit_decisions(self, by: str, purpose: str) -> "Iterator[ShapeResult]":
        """Compare the desk's decisions across languages and states; who reads, and what for, is written down first."""
        from evenhand.flow.alike import audit_decisions
        from evenhand.flow.past import past_decisions
        from evenhand.flow.statement_made import read_wordings

        self._read_for(by, purpose, "decisions")
        wordings = read_wordings(self.settings.data)
        return audit_decisions(
            past_decisions(self._decided), self.law().states, wordings, self._desk_book.on(now().date())
        )

    def hunt(self, request: "HuntRequest") -> "list[tuple[Found, str | None]]":
        """Look for hashes in the signals that were kept."""
        from evenhand.flow.hunt import run_hunt

        return run_hunt(request, self._archive, now())

    def hunt_and_act(self, name: str, text: bytes, days: float, limit: int | None) -> "Hunted":
        """Hunt for a list's entries and let what follows become durable, here or in the desk that is up."""
        from evenhand.flow.hunting import hunt_by_hand
        from evenhand.flow.screen import load_screener
        from evenhand.vocabulary.errors import InUse

        screener = load_screener(self.settings.data)
        try:
            office = self._office(self._docket)
        except InUse:
            office = None
        most = self.settings.hunt_posts_max if limit is None else limit
        return hunt_by_hand(self._hunting(lambda: screener, office), name, text, days, most, now())

    def _hunting(self, screener: "Callable[[], ReleasedScreener]", office: "Office | None") -> "Hunting":
        from evenhand.flow.backtest import open_addresses
        from evenhand.flow.hunt_book import HuntBook
        from evenhand.flow.hunting import Hunting

        book = HuntBook(self.settings.data / "hunts")
        return Hunting(
            screener, office, self._archive, open_addresses(self.settings), book, self.settings.hunt_posts_max
        )

    def decided_messages(self, since_days: float, by: str, purpose: str) -> "list[Labelled]":
        """Return what moderators decided, with its texts, once it is recorded who reads it and what for."""
        from evenhand.flow.keyring import keep_key
        from evenhand.flow.learning import decided_messages

        since = now() - timedelta(days=min(since_days, 36_500))
        self._read_for(by, purpose, "decided-texts", since)
        index_key = keep_key(self.settings.data / "keys" / "index.key", 32)
        return list(decided_messages(self._decided, since, index_key))

    def _read_for(self, by: str, purpose: str, what: "What", since: datetime | None = None) -> None:
        """Record who reads the docket, and what for, before it is read."""
        from evenhand.flow.reading import Reading, record_reading

        reading = Reading(by=by, purpose=purpose, what=what, since=since, at=now())
        reading.commit()  # before the docket is opened: what says nothing opens nothing
        record_reading(reading, self._commit, self.settings.data / "reads", self._decided)

    def _commit(self, commits: "Sequence[Commit]") -> "list[Outcome]":
        """Open the docket, and commit: where another process has it, that is said here."""
        return self._docket.commit(commits)

    def erase_signals(self, authors: Sequence[str], channels: Sequence[str]) -> int:
        """Rewrite the archive of signals without the rows of these; return how many rows went."""
        return self._archive.erase(authors, channels)

    def revocation_lists(self, *, fetch: bool) -> tuple[list[tuple[str, str]], list[dict[str, Any]]]:
        """Return what came of fetching (address, "" or why not), and what each list kept is."""
        from evenhand.flow.authorities import RegistryFile
        from evenhand.main.revocation import described, fetch_lists

        at = now()
        came = list(fetch_lists(self.settings, RegistryFile(self.settings.data).identifier(), at)) if fetch else []
        return came, described(self.settings, at)

    def replay(self, series: "Sequence[SeriesDay]", progress: Callable[[int], None]) -> None:
        """Commit a series of published figures as decisions."""
        from evenhand.flow.replay import replay

        replay(series, self._docket, progress)

    def write_reports(self, days: list[date]) -> list[Path]:
        """Write each day's report in every form below the data directory; return the files."""
        from evenhand.flow.report import write_reports

        return write_reports(self._figures, days, self.settings.data / "reports")

    def seed_demonstration(self, at: datetime) -> int:
        """Send the demonstration's notices; return how many were new."""
        from evenhand.flow.shipped_notices import seed_demonstration

        return seed_demonstration(self._office(self._docket), at, os.urandom)

    def staff(self, name: str, role: str, password: str) -> None:
        """See that a member of staff with this password and role exists."""
        from evenhand.doors.web.accounts import create_staff

        create_staff(self.settings, name, role, password)

    def serve(self) -> None:
        """Serve the public site, the console and the log until told to stop."""
        from evenhand.doors.clock.ticking import Clock, Ticking
        from evenhand.doors.http.receipt_writer import SharedPen
        from evenhand.doors.http.tokens import Tokens
        from evenhand.doors.web.accounts import prepare_accounts
        from evenhand.doors.web.desk import WebDesk
        from evenhand.doors.web.serve import serve
        from evenhand.flow.answering import release_held
        from evenhand.flow.authorities import RegistryFile
        from evenhand.flow.awaiting import adopt_waiting, watch_answers
        from evenhand.flow.keyring import keep_key
        from evenhand.flow.outbox import sort_effects
        from evenhand.flow.reading import record_asked
        from evenhand.flow.receipts import Sealing, open_kit
        from evenhand.flow.rule_lists import lists_of
        from evenhand.flow.ticks import tick
        from evenhand.main.couriers import call_by, couriers
        from evenhand.main.mail_doors import mail_doors
        from evenhand.store.committer import Committer
        from evenhand.vocabulary.reference import References

        prepare_accounts(self.settings)
        screening = self._live_screening()
        committer = Committer(self._docket)
        office = self._office(committer)
        pen, identifier = SharedPen(open_kit(self.settings)), RegistryFile(self.settings.data).identifier
        law = cache(self.law)
        desk = WebDesk(
            settings=self.settings,
            figures=self._figures,
            decisions=self._docket,
            references=References(keep_key(self.settings.data / "keys" / "references.key", 16)),
            today=lambda: now().date(),
            now=now,
            docket=self._docket,
            tokens=Tokens(self.settings.data),
            screening=screening,
            law=law,
            office=office,
            pen=pen,
            lists_of=lambda rule: lists_of(screening.screener, rule),
            identifier=identifier,
            receipts=self._receipts,
        )
        reads, lanes = self.settings.data / "reads", call_by(self.settings)
        jobs = (
            Ticking(name="seal the batch of receipts", every_s=1, job=Sealing(self._docket)),
            Ticking(name="publish the log", every_s=2, job=lambda _now: self.publish()),
            Ticking(name="write the signals kept", every_s=60, job=lambda _now: self._archive.flush()),
            Ticking(name="the desk's clock", every_s=1, job=lambda now: tick(office, at=now, chance=os.urandom)),
            Ticking(name="publish what was sealed", every_s=10, job=lambda now: release_held(office, at=now)),
            Ticking(name="answers that wait", every_s=5, job=lambda now: watch_answers(office, law(), at=now)),
            Ticking(name="find answers that wait", every_s=86_400, job=lambda now: adopt_waiting(office, at=now)),
            Ticking(name="sort what leaves", every_s=1, job=lambda now: sort_effects(self._docket, now, lanes)),
            Ticking(name="record who reads", every_s=1, job=lambda _now: record_asked(reads, office.docket.commit)),
        )
        hunting = self._hunting(lambda: screening.screener, office)
        # Each on a clock of its own: no job waits for lists that are loaded, and no entry for a long hunt.
        renewing = (Ticking(name="renew lists and rules", every_s=1, job=screening.renew),)
        hunts = (Ticking(name="hunt for new entries", every_s=1, job=hunting.round),)
        # A docket that cannot be written is left at once: start-up recovery takes over.
        clocks = tuple(Clock(each, on_fatal=leave) for each in (jobs, renewing, hunts))
        doors = mail_doors(self.settings, self.law(), office, pen, identifier)
        with committer, clocks[0], clocks[1], clocks[2], couriers(self.settings, self._docket), doors:
            serve(desk)

    @contextmanager
    def letters(self) -> "Iterator[Callable[[bytes, str], Delivered]]":
        """Give what takes letters in: the desk that runs on this data directory; where none does, its docket."""
        from evenhand.doors.mail.hand_over import running_desk

        with running_desk(self.settings.data) as take:
            if take is not None:
                yield take
                return
        # Only now: a mail server starts this command for each letter, and the mailroom takes a while to load.
        from evenhand.flow.authorities import RegistryFile
        from evenhand.flow.receipts import open_pen
        from evenhand.main.mail_doors import mailroom

        office, pen = self._office(self._docket), open_pen(self.settings)
        with mailroom(self.settings, self.law(), office, pen, RegistryFile(self.settings.data).identifier) as take:
            yield take

    def _live_screening(self) -> "LiveScreening":
        from evenhand.flow.live import LiveScreening
        from evenhand.flow.screen import SLOWER, has_compiled_loops, load_screener

        data = self.settings.data
        lists, rules = data / "lists", data / "rules"

        def load(before: "Lists | None") -> "ReleasedScreener":
            return load_screener(data, before=before)

        live = LiveScreening(load, self._office(self._docket), (lists, rules, data / "models"), self._archive)
        if not has_compiled_loops():
            sys.stderr.write(f"{SLOWER}\n")
        return live

    @cached_property
    def benchmarks(self) -> "Benchmarks":
        """Return what `evenhand bench` measures."""
        from evenhand.main.benchmarks import Benchmarks

        return Benchmarks(self.settings)


def run() -> None:
    """Start the command line; bad input ends with a one-line reason and exit code 2."""
    try:
        from evenhand.screening.native.memory import keep_memory

        keep_memory()
        from evenhand.doors.cli.app import run_command

        code = run_command(Desk())
    except KeyboardInterrupt:  # while modules are still being loaded
        code = 130
    raise SystemExit(code)
