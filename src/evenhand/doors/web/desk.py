"""What the web doors are given: settings, what may be read, and today's date."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from evenhand.doors.http.notice_reader import NoticeReader
from evenhand.doors.http.tokens import Tokens
from evenhand.doors.web.pages import PageCache
from evenhand.flow.actions import Docketed
from evenhand.flow.identify import Identifier, no_registry
from evenhand.flow.live import LiveScreening
from evenhand.flow.office import Office
from evenhand.flow.receipts import Proof, ReceiptPen
from evenhand.rulebook.tables import LawBook
from evenhand.settings import Settings
from evenhand.views.decisions import DecisionQueries
from evenhand.views.site import SiteFigures
from evenhand.vocabulary.commit import Stream
from evenhand.vocabulary.reference import References


@dataclass(frozen=True, slots=True, kw_only=True)
class WebDesk:
    """Everything a page can ask for.

    Attributes:
        figures: Published figures, from the public log alone.
        decisions: The docket's read side; shown to staff only.
        references: Turns decision numbers into public references and back.
        today: The current UTC day; injected, so that a test can choose it.
        now: The current instant, aware UTC.
        docket: The docket, both sides, for the journeys that doors begin; None: nothing is taken in here.
        office: The desk as its journeys see it; None: nothing is taken in here.
        tokens: Who may call the API.
        screening: Where the API hands posts; None: this desk takes none.
        pen: Signs receipts; None: this desk gives none.
        identifier: Judges senders by the registry of authorities as it is now.
        receipts: A stream's receipts, with their proofs where the log has them.
        law: The tables of law and of the platform's own rules.
        lists_of: The lists that a screening rule reads.
        reader: Reads lines of notices, in a child.
        pages: Rendered public pages, for a few seconds.
    """

    settings: Settings
    figures: SiteFigures
    decisions: DecisionQueries
    references: References
    today: Callable[[], date]
    tokens: Tokens
    now: Callable[[], datetime]
    docket: Docketed | None = None
    office: Office | None = None
    screening: LiveScreening | None = None
    pen: ReceiptPen | None = None
    identifier: Callable[[], Identifier] = field(default=lambda: Identifier(no_registry()), compare=False)
    receipts: Callable[[Stream], Sequence[Proof]] = field(default=lambda _stream: (), compare=False)
    law: Callable[[], LawBook] = LawBook.empty
    lists_of: Callable[[str], tuple[str, ...]] = field(default=lambda _rule: (), compare=False)
    reader: NoticeReader = field(default_factory=NoticeReader, compare=False)
    pages: PageCache = field(default_factory=PageCache, compare=False)
