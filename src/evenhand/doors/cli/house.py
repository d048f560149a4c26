"""What the command line may use of the house; main builds it (`click.pass_obj`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # every command imports this page: it must not bring the house with it
    import pyarrow as pa

    from evenhand.flow.alike import ShapeResult
    from evenhand.flow.backtest import Backtest, BacktestRequest
    from evenhand.flow.hunt import Found, HuntRequest
    from evenhand.flow.hunting import Hunted
    from evenhand.flow.judge import BatchOutcome
    from evenhand.flow.mailroom import Delivered
    from evenhand.flow.past import PastRequest
    from evenhand.flow.replay import SeriesDay
    from evenhand.flow.train import Labelled
    from evenhand.rulebook.tables import LawBook
    from evenhand.settings import Settings
    from evenhand.views.site import SiteFigures


class Benchmarks(Protocol):
    """What `evenhand bench` measures, each beside the data and gone afterwards."""

    def backtest(self, rows: int, progress: Callable[[int], None]) -> dict[str, Any]:
        """Measure backtests over made signals."""
        ...

    def docket(self, decisions: int, progress: Callable[[int], None]) -> dict[str, Any]:
        """Measure durable decisions against bare inserts."""
        ...

    def notices(self, rate: int, seconds: int, per_call: int, progress: Callable[[int], None]) -> dict[str, Any]:
        """Measure notices made durable at a rate."""
        ...

    def desk(self, cases: int, decisions: int, rounds: int, progress: Callable[[int], None]) -> dict[str, Any]:
        """Time what a moderator does among many cases."""
        ...

    def door(self, load: Mapping[str, int], clients: int, note: Callable[[str], None]) -> dict[str, Any]:
        """Measure posts through the HTTP door of a server process."""
        ...

    def screening(
        self, load: Mapping[str, int], loop_posts: int, messages: Path | None, note: Callable[[str], None]
    ) -> dict[str, Any]:
        """Measure the screening kernel against a plain loop."""
        ...


class House(Protocol):
    """The wired desk, each part made when it is first asked for."""

    @property
    def settings(self) -> Settings:
        """Return the settings in force."""
        ...

    def law(self) -> LawBook:
        """Return the law's tables."""
        ...

    def publish(self) -> int:
        """Sequence what is committed into the log; return the log's size."""
        ...

    def receipt_proof(self, note: bytes) -> bytes | None:
        """Return the .tlog-proof for a receipt's note; None while the log does not have it."""
        ...

    def figures(self) -> SiteFigures:
        """Return the figures of the public log."""
        ...

    def judge(
        self, batches: Iterator[pa.RecordBatch], lists: Path | None, rules: Path | None
    ) -> Iterator[BatchOutcome]:
        """Screen each batch and commit what follows from it."""
        ...

    def letter_link(self) -> str:
        """Return where somebody follows a machine's decision from their letter; "" where none was told."""
        ...

    def letters(self) -> AbstractContextManager[Callable[[bytes, str], Delivered]]:
        """Give what takes letters in (raw, address): the running desk, or the docket itself where none runs."""
        ...

    def revocation_lists(self, *, fetch: bool) -> tuple[list[tuple[str, str]], list[dict[str, Any]]]:
        """Return what came of fetching (address, "" or why not), and what each list kept is."""
        ...

    def replay(self, series: Sequence[SeriesDay], progress: Callable[[int], None]) -> None:
        """Commit a series of published figures as decisions."""
        ...

    def seed_demonstration(self, at: datetime) -> int:
        """Send the demonstration's notices; return how many were new."""
        ...

    def staff(self, name: str, role: str, password: str) -> None:
        """See that a member of staff with this password and role exists."""
        ...

    def serve(self) -> None:
        """Serve the public site, the console and the log until told to stop."""
        ...

    def deliveries(self) -> dict[str, Any]:
        """Return what waits to leave, what was given up and which calls are open, beside the service."""
        ...

    def backtest(self, request: BacktestRequest) -> Backtest:
        """Run a rule over the signals that were kept."""
        ...

    def hunt(self, request: HuntRequest) -> list[tuple[Found, str | None]]:
        """Look for hashes in the signals that were kept."""
        ...

    def hunt_and_act(self, name: str, text: bytes, days: float, limit: int | None) -> Hunted:
        """Hunt for a list's entries and let what follows become durable, here or in the desk that is up.

        `limit` is the setting's if None.
        """
        ...

    def decided_messages(self, since_days: float, by: str, purpose: str) -> list[Labelled]:
        """Return what moderators decided, with its texts, once it is recorded who reads it and what for."""
        ...

    @property
    def benchmarks(self) -> Benchmarks:
        """Return what `evenhand bench` measures."""
        ...

    def past_requests(self, by: str, purpose: str) -> Iterator[PastRequest]:
        """Return the requests that the docket holds; who reads, and what for, is written down first."""
        ...

    def audit_decisions(self, by: str, purpose: str) -> Iterator[ShapeResult]:
        """Compare the desk's decisions across languages and states; who reads, and what for, is written down first."""
        ...

    def write_reports(self, days: list[date]) -> list[Path]:
        """Write each day's report in every form below the data directory; return the files."""
        ...
