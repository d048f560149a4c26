"""The application with a real docket, real lists and rules, and tokens, called as a WSGI server calls it."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from evenhand.doors.http.tokens import Scope, Tokens
from evenhand.doors.web.desk import WebDesk
from evenhand.doors.web.wsgi import make_application
from evenhand.flow.authorities import RegistryFile
from evenhand.flow.follow import receipts_of
from evenhand.flow.keyring import keep_key
from evenhand.flow.live import LiveScreening
from evenhand.flow.office import Office
from evenhand.flow.receipts import open_pen
from evenhand.flow.screen import load_screener
from evenhand.ledger.log import LogDirectory, reader_of
from evenhand.settings import Settings
from evenhand.store.sqlite import SqliteStore
from evenhand.store.vault import Vault
from evenhand.vocabulary.reference import References

DAY = date(2026, 11, 24)


class Door:
    """The application with a token for everything and one for reading actions only."""

    def __init__(self, data: Path, docket: Any) -> None:
        settings = Settings(data=data)
        lists = data / "lists"
        lists.mkdir()
        (lists / "our_words.txt").write_text("zebra crossing\n", "utf-8")
        self.docket, self.lists = docket, lists
        references = References(b"0123456789abcdef")
        self.office = Office(docket=docket, queries=docket, references=references, index_key=bytes(32))
        self.screening = LiveScreening(lambda before: load_screener(data, lists, before=before), self.office, [lists])
        tokens = Tokens(data)
        made_at = datetime(2026, 11, 24, tzinfo=UTC)
        self.token = tokens.create("platform", tuple(Scope), made_at)
        self.other = tokens.create("reader", (Scope.ACTIONS,), made_at)
        self.now = datetime(2026, 11, 24, 12, tzinfo=UTC)
        self.desk = WebDesk(
            settings=settings,
            figures=None,  # type: ignore[arg-type] # no public page is asked for here
            decisions=docket,
            references=references,
            today=lambda: DAY,
            now=lambda: self.now,
            docket=docket,
            tokens=tokens,
            screening=self.screening,
            office=self.office,
            pen=open_pen(settings),
            identifier=RegistryFile(data).identifier,
            receipts=lambda stream: receipts_of(docket, stream, reader_of(self.log)),
        )
        self.log = LogDirectory(data / "log", settings.origin, keep_key(data / "keys" / "log.key", 32))
        self.application = make_application(self.desk, on_fatal=lambda: None)

    def call(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/json", **more: Any
    ) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of an answer."""
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path.partition("?")[0],
            "QUERY_STRING": path.partition("?")[2],
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000",
            "HTTP_HOST": "localhost",
            "wsgi.url_scheme": "http",
            "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_AUTHORIZATION": f"Bearer {self.token}",
            "wsgi.input": io.BytesIO(body),
            **more,
        }
        told: list[Any] = []
        answer = b"".join(self.application(environ, lambda status, headers: told.extend((status, dict(headers)))))
        return int(told[0][:3]), told[1], answer

    def json(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        """Send and receive JSON."""
        status, _, answer = self.call(method, path, b"" if body is None else json.dumps(body).encode(), **more)
        return status, json.loads(answer)

    def posts(self, body: bytes, kind: str = "application/x-ndjson", **more: Any) -> tuple[int, dict[str, str], Any]:
        """Return status, headers and the answer's lines."""
        query = more.pop("query", "")
        status, headers, answer = self.call("POST", f"/api/v1/posts?{query}", body, kind, **more)
        return status, headers, [json.loads(line) for line in answer.splitlines()]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    """A door over a docket file."""
    store = SqliteStore(tmp_path / "docket.sqlite3", Vault(bytes(range(32))))
    yield Door(tmp_path, store)
    store.close()
