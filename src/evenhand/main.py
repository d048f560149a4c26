"""The wiring: settings, keys, stores, log, figures, doors. Nothing else knows how the parts meet."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evenhand.settings import Settings, load_settings
from evenhand.vocabulary.errors import Fault, InputError

if TYPE_CHECKING:
    import pyarrow as pa

    from evenhand.flow.judge import BatchOutcome
    from evenhand.flow.replay import SeriesDay
    from evenhand.ledger.log import LogDirectory
    from evenhand.rulebook.tables import LawBook
    from evenhand.store.sqlite import SqliteStore
    from evenhand.views.site import SiteFigures


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
    def _docket(self) -> "SqliteStore":
        from evenhand.flow.keyring import keep_key
        from evenhand.store.sqlite import SqliteStore
        from evenhand.store.vault import Vault

        master = keep_key(self.settings.data / "keys" / "master.key", 32)
        return SqliteStore(self.settings.data / "docket.sqlite3", Vault(master))

    @cached_property
    def _log(self) -> "LogDirectory":
        from evenhand.flow.log import open_directory

        return open_directory(self.settings)

    @cached_property
    def _figures(self) -> "SiteFigures":
        from evenhand.flow.figures import LogFigures

        return LogFigures(str(self._log.path), self._log.vkey, self.settings)

    def publish(self) -> int:
        """Sequence what is committed into the log; return the log's size."""
        return self._log.publish(self._docket)

    def figures(self) -> "SiteFigures":
        """Return the figures of the public log."""
        return self._figures

    def judge(
        self, batches: "Iterator[pa.RecordBatch]", lists: Path | None, rules: Path | None
    ) -> "Iterator[BatchOutcome]":
        """Screen each batch and commit what follows from it."""
        from evenhand.flow.judge import judge_stream
        from evenhand.flow.screen import load_screener

        return judge_stream(load_screener(self.settings.data, lists, rules), batches, self._docket)

    def replay(self, series: "Sequence[SeriesDay]", progress: Callable[[int], None]) -> None:
        """Commit a series of published figures as decisions."""
        from evenhand.flow.replay import replay

        replay(series, self._docket, progress)

    def write_reports(self, days: list[date]) -> list[Path]:
        """Write each day's report in every form below the data directory; return the files."""
        from evenhand.flow.report import write_reports

        return write_reports(self._figures, days, self.settings.data / "reports")

    def staff(self, name: str, role: str, password: str) -> None:
        """See that a member of staff with this password and role exists."""
        from evenhand.doors.web.accounts import create_staff

        create_staff(self.settings, name, role, password)

    def serve(self) -> None:
        """Serve the public site, the console and the log until told to stop."""
        from evenhand.doors.web.accounts import prepare_accounts
        from evenhand.doors.web.desk import WebDesk
        from evenhand.doors.web.serve import serve
        from evenhand.flow.keyring import keep_key
        from evenhand.vocabulary.reference import References

        prepare_accounts(self.settings)
        serve(
            WebDesk(
                settings=self.settings,
                figures=self._figures,
                decisions=self._docket,
                references=References(keep_key(self.settings.data / "keys" / "references.key", 16)),
                today=lambda: datetime.now(UTC).date(),  # noqa: TID251 - the clock comes in here
            )
        )

    def bench_docket(self, decisions: int, progress: Callable[[int], None]) -> dict[str, Any]:
        """Measure durable decisions against bare inserts."""
        from tempfile import TemporaryDirectory

        from evenhand.flow.bench import made_commits
        from evenhand.store.bench import bench_docket

        # Beside the data, not in /tmp: that may be memory, which flushes nothing.
        self.settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        with TemporaryDirectory(prefix="bench-", dir=self.settings.data) as directory:
            return bench_docket(Path(directory), decisions, made_commits, progress)

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


def run() -> None:
    """Start the command line; bad input ends with a one-line reason and exit code 2."""
    from evenhand.doors.cli.app import evenhand

    try:
        evenhand.main(obj=Desk())
    except InputError as error:
        sys.stderr.write(f"evenhand: {error}\n")
        raise SystemExit(2) from error
    except Fault as error:
        sys.stderr.write(f"evenhand: {error}\n")
        raise SystemExit(1) from error
