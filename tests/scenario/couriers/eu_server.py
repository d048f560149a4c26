"""The other side of the wire: a server that answers as the EU transparency database does.

After `dsa_transparency_database`'s description of it: batches of 1 to 100, all or nothing, identifiers unique for ever,
302 and 404 for the check, 401 for another token. `loose` stores an identifier twice, so that a courier which sends a
statement again is seen.
"""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from evenhand.statements.judge import judge_statement

TOKEN = "7|0123456789abcdef"


@dataclass
class EuServer:
    """A database in memory.

    Attributes:
        stored: Identifiers, in the order in which they were created.
        status: Answer to every batch instead of judging it, while not 0.
        lose: Store the batch, then hang up without an answer, so many times.
        bad: Identifiers that it has something against, with the attribute.
        checks: How often it was asked for an identifier.
        batches: Sizes of the batches that it was sent.
    """

    loose: bool = False
    stored: list[str] = field(default_factory=list)
    status: int = 0
    check_status: int = 0
    lose: int = 0
    retry_after: str = ""
    bad: dict[str, str] = field(default_factory=dict)
    checks: int = 0
    batches: list[int] = field(default_factory=list)
    server: ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:  # noqa: C901 - a handler is a class inside
        """Listen."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert self.path == "/api/v1/statements"
                assert self.headers["Accept"] == self.headers["Content-Type"] == "application/json"
                if self.headers["Authorization"] != f"Bearer {TOKEN}":
                    return self.say(401, {"message": "Unauthenticated."})
                outer.batches.append(len(body["statements"]))
                if outer.status:
                    return self.say(outer.status, {"message": "no"})
                status, answer = outer.judge(body["statements"])
                if status == 201 and outer.lose:
                    outer.lose -= 1
                    self.close_connection = True
                    self.connection.shutdown(2)
                    return None
                return self.say(status, answer)

            def do_GET(self) -> None:
                puid = self.path.rpartition("/")[2]
                assert self.path == f"/api/v1/statement/existing-puid/{puid}"
                outer.checks += 1
                if outer.check_status:
                    return self.say(outer.check_status, {"message": "no"})
                there = puid in outer.stored
                message = f"statement of reason {'' if there else 'not '}found"
                return self.say(302 if there else 404, {"message": message, "puid": puid})

            def say(self, status: int, answer: dict[str, Any]) -> None:
                raw = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                if status in (301, 302):
                    self.send_header("Location", "/login")
                if outer.retry_after:
                    self.send_header("Retry-After", outer.retry_after)
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.server.server_port}/"

    def judge(self, statements: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        """Store a batch whole or not at all."""
        if not 1 <= len(statements) <= 100:
            return 422, {"errors": {"statements": ["The statements field must have between 1 and 100 items."]}}
        errors: dict[str, Any] = {}
        for n, one in enumerate(statements):
            found = dict(judge_statement(one, in_batch=True))
            if (attribute := self.bad.get(one.get("puid", ""))) is not None:
                found[attribute] = [f"The selected {attribute} is invalid."]
            if found:
                errors[f"statement_{n}"] = found
        if errors:
            return 422, {"errors": errors}
        puids = [one["puid"] for one in statements]
        known = [puid for puid in puids if puid in self.stored]
        if known and not self.loose:
            text = "The platform identifier(s) are not all unique within this call."
            return 422, {"message": text, "errors": {"puid": [text], "existing_puids": known}}
        self.stored += puids
        return 201, {"statements": [{"uuid": puid} for puid in puids]}

    def close(self) -> None:
        """Stop."""
        self.server.shutdown()
        self.server.server_close()


def statement(puid: str) -> dict[str, Any]:
    """Return a statement that the database takes."""
    return {
        "application_date": "2026-11-24",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "automated_detection": "No",
        "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        "content_date": "2026-11-23",
        "content_type": ["CONTENT_TYPE_TEXT"],
        "decision_facts": "The post asks for passwords.",
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "incompatible_content_explanation": "Phishing.",
        "incompatible_content_ground": "Terms, section 4",
        "puid": puid,
        "source_type": "SOURCE_VOLUNTARY",
        "territorial_scope": ["DE"],
    }
