"""The API: its contract, its refusals, actions by polling."""

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from evenhand.doors.http.cursors import format_cursor
from evenhand.vocabulary.commit import Commit, Effect, Tally, commit_key


def decide(door: Any, *names: str) -> None:
    """Commit one action an item."""
    day = door.now.date()
    door.docket.commit(
        [
            Commit(
                key=commit_key(day, name.encode()),
                effects=(
                    Effect(
                        kind="platform.remove",
                        key=commit_key(day, b"effect", name.encode()),
                        body=json.dumps({"id": name}).encode(),
                        subject=name,
                    ),
                ),
            )
            for name in names
        ]
    )


def test_actions_by_polling(door: Any) -> None:
    """Pages follow each other without a gap; the last one's cursor goes on when there is more."""
    assert door.json("GET", "/api/v1/actions") == (200, {"actions": [], "next": format_cursor(0)})
    decide(door, "a", "b", "c")
    _, first = door.json("GET", "/api/v1/actions?limit=2")
    _, second = door.json("GET", f"/api/v1/actions?limit=2&cursor={first['next']}")
    assert [action["data"]["id"] for action in first["actions"] + second["actions"]] == ["a", "b", "c"]
    decide(door, "d")
    _, third = door.json("GET", f"/api/v1/actions?cursor={second['next']}")
    assert [action["data"]["id"] for action in third["actions"]] == ["d"]


def test_quality_for_programs(door: Any) -> None:
    """Each rate with its interval, for a token with that scope; another token is refused."""
    status, found = door.json("GET", "/api/v1/quality")
    assert (status, found) == (200, {"rates": [], "reversals": []})
    names = (b"quality/known/VIOLENCE/right", b"appeal/rule/notice/reversed")
    tallies = tuple(Tally(name.decode(), 3) for name in names)
    door.docket.commit([Commit(key=commit_key(door.now.date(), b"made"), tallies=tallies)])
    _, found = door.json("GET", "/api/v1/quality")
    [rate], [reversal] = found["rates"], found["reversals"]
    assert (rate["policy"], rate["right"], rate["asked"], rate["high"]) == ("VIOLENCE", 3, 3, 1.0)
    assert 0.4 < rate["low"] < 0.5
    assert (reversal["by"], reversal["name"], reversal["undone"], reversal["appeals"]) == ("rule", "notice", 3, 3)


WRONG: list[tuple[str, str, Any, int, str]] = [
    ("GET", "/api/v1/actions?cursor=x", None, 422, "cursor"),
    ("GET", "/api/v1/actions?cursor=%2F%2F%2F", None, 422, "cursor"),
    ("GET", "/api/v1/actions?limit=0", None, 422, "limit"),
    ("GET", "/api/v1/actions?limit=x", None, 422, "limit"),
    ("POST", "/api/v1/actions/reports", {}, 422, "reports"),
    ("POST", "/api/v1/actions/reports", {"reports": [{"id": "x"}]}, 422, "reports.0.id"),
    ("POST", "/api/v1/actions/reports", {"reports": [], "more": 1}, 422, "reports"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "field"), WRONG)
def test_a_refusal_names_the_field(door: Any, method: str, path: str, body: Any, status: int, field: str) -> None:
    """Each refusal is a problem that names what cannot be used."""
    got, problem = door.json(method, path, body)
    assert got == status
    assert field in [error["field"] for error in problem["errors"]]


def test_who_may(door: Any) -> None:
    """No token, a wrong one, one for something else: 401 and 403, as problems."""
    assert door.json("GET", "/api/v1/actions", HTTP_AUTHORIZATION="")[0] == 401
    assert door.json("GET", "/api/v1/actions", HTTP_AUTHORIZATION="Bearer eh_x")[0] == 401
    assert door.json("GET", "/api/v1/actions", HTTP_AUTHORIZATION=f"Bearer {door.other}")[0] == 200
    status, headers, _ = door.call("GET", "/api/v1/actions", HTTP_AUTHORIZATION="")
    assert (status, headers["WWW-Authenticate"], headers["Content-Type"]) == (401, "Bearer", "application/problem+json")


@schemathesis.serializer("application/x-ndjson", "application/vnd.apache.arrow.stream")
def _as_bytes(_context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def test_the_contract_holds(door: Any) -> None:
    """Whatever schemathesis makes of the contract, no answer is outside of it and none is a failure of ours."""
    schema = schemathesis.openapi.from_wsgi("/openapi.json", door.application)
    for operation in schema.get_all_operations():
        _hold(operation.ok(), door.token)


def _hold(operation: Any, token: str) -> None:
    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def check(case: Any) -> None:
        # Every call carries our token, so a generated wrong one is not what arrives; `test_who_may` asks that.
        response = case.call(headers={"Authorization": f"Bearer {token}"})
        # A schema cannot say what an Arrow stream is, so for posts not all that it allows is one.
        binary = [positive_data_acceptance] if case.path.endswith("/posts") else []
        case.validate_response(response, excluded_checks=[ignored_auth, *binary])

    check()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/", 404),
        ("GET", "/api/v1/notices", 405),
        ("PUT", "/api/v1/actions/reports", 405),
        ("OPTIONS", "/api/v1/items/events", 405),
    ],
)
def test_what_no_route_takes_is_a_problem_too(door: Any, method: str, path: str, status: int) -> None:
    """A program that mistypes an address reads JSON, not a page."""
    got, headers, body = door.call(method, path)
    assert (got, headers["Content-Type"], json.loads(body)["status"]) == (status, "application/problem+json", status)
    assert ("Allow" in headers) == (status == 405)


def test_a_body_that_was_cut_short_is_not_taken(door: Any) -> None:
    """What came is JSON by chance, but not what was sent: nothing is kept of it."""
    status, problem = door.json("POST", "/api/v1/notices", {}, CONTENT_LENGTH="50")
    assert (status, problem["detail"]) == (400, "The body is shorter than its Content-Length.")


def test_too_large_and_chunked_are_problems(door: Any) -> None:
    """What is refused before any route is asked reads like the routes' refusals."""
    assert door.json("POST", "/api/v1/notices", {}, CONTENT_LENGTH=str(1 << 40))[1]["status"] == 413
    assert door.json("POST", "/api/v1/notices", {}, HTTP_TRANSFER_ENCODING="chunked")[1]["status"] == 411
