"""What a rule would have done: from a rule's file and the archive of signals to hits, examples and overlap."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl

from evenhand.flow import shipped
from evenhand.flow.addresses import Addresses
from evenhand.flow.kept_texts import KeptTexts
from evenhand.flow.keyring import keep_key
from evenhand.flow.screen import externals_of, own_folder
from evenhand.screening.archive import SignalArchive
from evenhand.screening.history import Backtest, DayHits, Hit, Overlap, backtest
from evenhand.screening.lists import load_lists
from evenhand.screening.ports import Decided, Decisions
from evenhand.screening.pseudonyms import Pseudonyms
from evenhand.screening.rulefiles import load_rules, read_rule
from evenhand.screening.rules import Rule
from evenhand.screening.signals import signal_table
from evenhand.settings import Settings
from evenhand.views.decisions import DecisionQueries
from evenhand.vocabulary.decision import Action
from evenhand.vocabulary.errors import InputError
from evenhand.vocabulary.eu import Automation

__all__ = ["Backtest", "BacktestRequest", "DayHits", "Hit", "Overlap", "run_backtest"]

_FINE = (Action.NONE.value, Action.RESTORE.value)
_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestRequest:
    """What is asked.

    Attributes:
        rule: Name of a rule, or path of its file.
        days: How many days back.
        rules: Directory of rules instead of the shipped ones.
        lists: Directory of lists beside the shipped ones.
        examples: How many of the newest hits are told.
        data: The data directory, for the external classifiers that it names.
    """

    rule: str
    days: float
    rules: Path | None = None
    lists: Path | None = None
    examples: int = 5
    data: Path | None = None


class DocketDecisions:
    """What people decided, read from the docket by day (`screening.ports.Decisions`)."""

    def __init__(self, queries: DecisionQueries) -> None:
        self._queries = queries

    def decided_since(self, day: date) -> Iterator[Decided]:
        """Yield what people decided on `day` (UTC) or later; not what a machine did, was replayed or is erased."""
        for each in self._queries.days():
            if each >= day:
                yield from self._on(each)

    def _on(self, day: date) -> Iterator[Decided]:
        before: int | None = None
        while page := self._queries.decisions_on(day, before=before, limit=_PAGE):
            before = page[-1].number
            for row in page:
                if row.automation != Automation.FULLY.value and not row.replayed and not row.erased:
                    yield Decided(
                        item_id=row.item_id,
                        decided_at=row.decided_at,
                        harmful=row.action not in _FINE,
                        category=row.category,
                    )


def open_archive(settings: Settings, today: Callable[[], date]) -> SignalArchive:
    """Return the archive of signals in the data directory; its key is made on first use.

    Args:
        settings: Where, and for how long.
        today: The UTC day by the house's clock.
    """
    key = keep_key(settings.data / "keys" / "pseudonyms.key", 32)
    whole = settings.texts_hunted == "all"
    return SignalArchive(
        settings.data / "signals",
        Pseudonyms(key),
        settings.signals_kept_days,
        today,
        open_addresses(settings),
        copies=settings.texts_hunted == "copies",
        texts=KeptTexts(keep_key(settings.data / "keys" / "texts.key", 32)) if whole else None,
    )


def open_addresses(settings: Settings) -> Addresses:
    """Return what seals the addresses of kept posts; its key is made on first use."""
    return Addresses(keep_key(settings.data / "keys" / "addresses.key", 32))


def run_backtest(
    request: BacktestRequest, archive: SignalArchive, decisions: Decisions, now: datetime, threads: int = 0
) -> Backtest:
    """Run a rule over what was kept.

    Args:
        request: What is asked.
        archive: Of signals.
        decisions: What people decided.
        now: Aware UTC.
        threads: For DuckDB; 0: as many as there are cores.

    Raises:
        InputError: No such rule, or it cannot be read.
    """
    rule = find_rule(request)
    try:
        since = now - timedelta(days=request.days)
    except OverflowError as error:
        raise InputError("--since", "goes back further than there are days") from error
    decided = decided_posts(decisions, archive, since.date())
    return backtest(rule, archive.files(since.date()), since, decided, request.examples, threads)


def find_rule(request: BacktestRequest) -> Rule:
    """Return the rule that a request names.

    Raises:
        InputError: No such rule, or it cannot be read.
    """
    data = request.data
    own_lists = request.lists or (None if data is None else own_folder(data / "lists"))
    own_rules = request.rules or (None if data is None else own_folder(data / "rules"))
    lists = load_lists(shipped.LISTS, *([] if own_lists is None else [own_lists]))
    externals = () if data is None else externals_of(data, lists)
    signals = signal_table(lists) + tuple(each.signal for each in externals)
    path = Path(request.rule)
    if path.suffix == ".toml":
        if not path.is_file():
            raise InputError("RULE", f"there is no file {request.rule}")
        return read_rule(path, signals)
    rules = load_rules([own_rules or shipped.RULES], signals)
    found = next((rule for rule in rules if rule.name == request.rule), None)
    if found is None:
        known = ", ".join(rule.name for rule in rules)
        raise InputError("RULE", f"there is no rule {request.rule!r}; there are {known}")
    return found


def decided_posts(decisions: Decisions, archive: SignalArchive, since: date) -> pl.DataFrame:
    """Return what people decided since then by pseudonym; of one post the last decision counts."""
    last: dict[str, Decided] = {}
    for each in decisions.decided_since(since):
        known = last.get(each.item_id)
        if known is None or known.decided_at <= each.decided_at:
            last[each.item_id] = each
    return pl.DataFrame(
        {
            "post": [archive.post(name) for name in last],
            "harmful": [each.harmful for each in last.values()],
            "category": [each.category for each in last.values()],
        },
        schema={"post": pl.UInt64, "harmful": pl.Boolean, "category": pl.String},
    )
