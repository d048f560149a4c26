"""The wiring: settings, keys, stores, log, figures, doors. Nothing else knows how the parts meet."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evenhand.settings import Settings, load_settings

if TYPE_CHECKING:
    import pyarrow as pa

    from evenhand.desk.ports import Docket
    from evenhand.doors.clock.ticking import Ticking
    from evenhand.doors.web.desk import WebDesk
    from evenhand.flow.backtest import Backtest, BacktestRequest
    from evenhand.flow.hunt import Found, HuntRequest
    from evenhand.flow.judge import BatchOutcome
    from evenhand.flow.live import LiveScreening
    from evenhand.flow.office import Office
    from evenhand.flow.receipts import Proof
    from evenhand.flow.replay import SeriesDay
    from evenhand.ledger.log import LogDirectory
    from evenhand.rulebook.tables import LawBook
    from evenhand.screening.archive import SignalArchive
    from evenhand.screening.released import ReleasedScreener
    from evenhand.store.sql_store import SqlStore
    from evenhand.views.decisions import DecisionQueries
    from evenhand.views.site import SiteFigures
    from evenhand.vocabulary.commit import Stream


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

        office = self._office(self._docket)  # first: the data directory is there then, and compiled lists are kept
        return judge_stream(load_screener(self.settings.data, lists, rules), batches, office, self._archive)

    @cached_property
    def _archive(self) -> "SignalArchive":
        from evenhand.flow.backtest import open_archive

        return open_archive(self.settings, lambda: _now().date())

    def backtest(self, request: "BacktestRequest") -> "Backtest":
        """Run a rule over the signals that were kept."""
        from evenhand.flow.backtest import DocketDecisions, run_backtest

        return run_backtest(request, self._archive, DocketDecisions(self._decided), _now())

    @cached_property
    def _decided(self) -> "DecisionQueries":
        """The docket for reading only: a backtest runs beside the service that owns it."""
        from evenhand.flow.keyring import keep_key
        from evenhand.store.docket_reader import DocketReader
        from evenhand.store.vault import Vault

        master = keep_key(self.settings.data / "keys" / "master.key", 32)
        return DocketReader(self.settings.data / "docket.sqlite3", Vault(master))

    def hunt(self, request: "HuntRequest") -> "list[tuple[Found, str | None]]":
        """Look for hashes in the signals that were kept."""
        from evenhand.flow.hunt import run_hunt

        return run_hunt(request, self._archive, _now())

    def erase_signals(self, authors: Sequence[str], channels: Sequence[str]) -> int:
        """Rewrite the archive of signals without the rows of these; return how many rows went."""
        return self._archive.erase(authors, channels)

    def bench_backtest(self, rows: int, progress: Callable[[int], None]) -> dict[str, Any]:
        """Measure backtests over made signals."""
        from tempfile import TemporaryDirectory

        from evenhand.flow.bench_backtest import bench_backtest

        self.settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        with TemporaryDirectory(prefix="bench-", dir=self.settings.data) as directory:
            return bench_backtest(Path(directory), rows, progress)

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
        from evenhand.doors.http.tokens import Tokens
        from evenhand.doors.web.accounts import prepare_accounts
        from evenhand.doors.web.desk import WebDesk
        from evenhand.doors.web.serve import serve
        from evenhand.flow.answering import release_held
        from evenhand.flow.authorities import RegistryFile
        from evenhand.flow.keyring import keep_key
        from evenhand.flow.receipts import Sealing, open_pen
        from evenhand.flow.ticks import tick
        from evenhand.store.committer import Committer
        from evenhand.vocabulary.reference import References

        prepare_accounts(self.settings)
        screening = self._live_screening()
        committer = Committer(self._docket)
        office = self._office(committer)
        desk = WebDesk(
            settings=self.settings,
            figures=self._figures,
            decisions=self._docket,
            references=References(keep_key(self.settings.data / "keys" / "references.key", 16)),
            today=lambda: _now().date(),
            now=_now,
            docket=self._docket,
            tokens=Tokens(self.settings.data),
            screening=screening,
            law=cache(self.law),
            office=office,
            pen=open_pen(self.settings),
            identifier=RegistryFile(self.settings.data).identifier,
            receipts=self._receipts,
        )
        jobs = (
            Ticking(name="seal the batch of receipts", every_s=1, job=Sealing(self._docket)),
            Ticking(name="publish the log", every_s=2, job=lambda _now: self.publish()),
            Ticking(name="write the signals kept", every_s=60, job=lambda _now: self._archive.flush()),
            Ticking(name="renew lists and rules", every_s=2, job=lambda _now: screening.renew()),
            Ticking(name="the desk's clock", every_s=1, job=lambda now: tick(office, at=now, chance=os.urandom)),
            Ticking(name="publish what was sealed", every_s=10, job=lambda now: release_held(office, at=now)),
            *self._courier_jobs(),
        )
        # A docket that cannot be written is left at once: start-up recovery takes over.
        with committer, Clock(jobs, on_fatal=lambda: os._exit(1)), self._mail_door(office, desk):
            serve(desk)

    @contextmanager
    def _mail_door(self, office: "Office", desk: "WebDesk") -> "Iterator[None]":
        """Take letters from the mail server while the desk is served, if the settings say where."""
        if not self.settings.lmtp_listen:
            yield
            return
        from evenhand.doors.mail.lmtp import LmtpDoor
        from evenhand.doors.mail.reader import MailReader
        from evenhand.doors.web.serve import listen_address
        from evenhand.flow.mailroom import Mailroom
        from evenhand.flow.wrong_door import shipped_door_model

        assert desk.pen is not None  # noqa: S101 - made a few lines before
        address, port = listen_address(self.settings.lmtp_listen)
        with MailReader() as reader:
            room = Mailroom(
                office=office,
                pen=desk.pen,
                settings=self.settings,
                law=desk.law(),
                identifier=desk.identifier,
                model=shipped_door_model(),
                reader=reader,
            )
            take = lambda raw, to: room.receive(raw, envelope_to=to, at=_now())  # noqa: E731 - the door's port
            with LmtpDoor(address, port, take, on_fatal=lambda: os._exit(1)):
                yield

    def _courier_jobs(self) -> "tuple[Ticking, ...]":
        """Return what brings decisions to the platform, if it has a webhook; without one it asks for them."""
        from evenhand.couriers.webhook import WebhookCourier
        from evenhand.doors.clock.ticking import Ticking
        from evenhand.flow.actions import chase, deliver
        from evenhand.flow.keyring import keep_key

        if not self.settings.webhook_url:
            return ()
        secret = keep_key(self.settings.data / "keys" / "webhook.key", 32)
        send = WebhookCourier(self.settings.webhook_url, secret).send
        return (
            Ticking(name="deliver actions", every_s=1, job=lambda now: deliver(self._docket, send, now)),
            Ticking(name="chase actions", every_s=60, job=lambda now: chase(self._docket, send, now)),
        )

    def _live_screening(self) -> "LiveScreening":
        from evenhand.flow.live import LiveScreening
        from evenhand.flow.screen import load_screener

        data = self.settings.data
        lists, rules = data / "lists", data / "rules"

        def load() -> "ReleasedScreener":
            own = (lists if lists.is_dir() else None, rules if rules.is_dir() else None)
            return load_screener(data, *own)

        return LiveScreening(load, self._office(self._docket), (lists, rules, data / "models"), self._archive)

    def bench_docket(self, decisions: int, progress: Callable[[int], None]) -> dict[str, Any]:
        """Measure durable decisions against bare inserts."""
        from tempfile import TemporaryDirectory

        from evenhand.flow.bench import made_commits
        from evenhand.store.bench import bench_docket

        # Beside the data, not in /tmp: that may be memory, which flushes nothing.
        self.settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        with TemporaryDirectory(prefix="bench-", dir=self.settings.data) as directory:
            return bench_docket(Path(directory), decisions, made_commits, progress)

    def bench_notices(self, rate: int, seconds: int, progress: Callable[[int], None]) -> dict[str, Any]:
        """Measure notices made durable at a rate."""
        from evenhand.flow.bench_notices import bench_notices
        from evenhand.store.committer import Committer

        with self._scratch() as store, Committer(store) as committer:
            return bench_notices(self._scratch_office(store, committer), rate, seconds, progress)

    def bench_desk(self, cases: int, decisions: int, rounds: int, progress: Callable[[int], None]) -> dict[str, Any]:
        """Time what a moderator does among many cases."""
        from evenhand.flow.bench_desk import bench_desk
        from evenhand.store.committer import Committer

        with self._scratch() as store, Committer(store) as committer:
            return bench_desk(self._scratch_office(store, committer), store, cases, decisions, rounds, progress)

    def bench_screening(
        self, load: Mapping[str, int], loop_posts: int, messages: Path | None, note: Callable[[str], None]
    ) -> dict[str, Any]:
        """Measure the screening kernel against a plain loop."""
        from tempfile import TemporaryDirectory

        from evenhand.flow.bench_lists import Load
        from evenhand.flow.bench_screening import bench_screening

        self.settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        with TemporaryDirectory(prefix="bench-", dir=self.settings.data) as directory:
            return bench_screening(Path(directory), Load(**load), loop_posts, messages, note)

    def bench_door(self, load: Mapping[str, int], clients: int, note: Callable[[str], None]) -> dict[str, Any]:
        """Measure posts through the HTTP door of a server process."""
        from tempfile import TemporaryDirectory

        from evenhand.doors.http.bench import bench_door
        from evenhand.flow.bench_lists import Load

        self.settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        with TemporaryDirectory(prefix="bench-", dir=self.settings.data) as directory:
            return bench_door(Path(directory), Load(**load), clients, note)

    @contextmanager
    def _scratch(self) -> "Iterator[SqlStore]":
        """Open a docket of its own beside the data; it goes when the measurement ends."""
        from tempfile import TemporaryDirectory

        from evenhand.store.sqlite import SqliteStore
        from evenhand.store.vault import KEY_BYTES, Vault

        self.settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (
            TemporaryDirectory(prefix="bench-", dir=self.settings.data) as directory,
            SqliteStore(Path(directory) / "docket.sqlite3", Vault(os.urandom(KEY_BYTES))) as store,
        ):
            yield store

    def _scratch_office(self, store: "SqlStore", docket: "Docket") -> "Office":
        from evenhand.flow.office import Office
        from evenhand.vocabulary.reference import References

        return Office(docket=docket, queries=store, references=References(os.urandom(16)), index_key=os.urandom(32))


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the clock comes in here


def run() -> None:
    """Start the command line; bad input ends with a one-line reason and exit code 2."""
    try:
        from evenhand.doors.cli.app import run_command

        code = run_command(Desk())
    except KeyboardInterrupt:  # while modules are still being loaded
        code = 130
    raise SystemExit(code)
