"""The API: where each room's routes hang. The contract is /openapi.json."""

from typing import Any

from ninja import NinjaAPI

from evenhand.doors.http.actions import router as actions
from evenhand.doors.http.frame import add_handlers
from evenhand.doors.http.items import router as items
from evenhand.doors.http.matters import router as matters
from evenhand.doors.http.notice_contract import notice_schemas, notices_operation
from evenhand.doors.http.posts import ARROW, NDJSON, POSTS_MAX
from evenhand.doors.http.problems import MEDIA_TYPE
from evenhand.doors.http.quality import router as quality
from evenhand.doors.http.requests import router as requests

PREFIX = "/api/v1/"


def make_api() -> NinjaAPI:
    """Return the API with all rooms' routes."""
    api = NinjaAPI(
        title="Evenhand",
        version="1",
        description="Posts, notices and actions of a platform's desk. Refusals are problem+json (RFC 9457).",
        docs_url=None,
        openapi_url=None,
        urls_namespace="api",
    )
    add_handlers(api)
    api.add_router("/actions", actions)
    api.add_router("/items", items)
    api.add_router("/matters", matters)
    api.add_router("/quality", quality)
    api.add_router("/requests", requests)
    return api


def contract(api: NinjaAPI) -> dict[str, Any]:
    """Return the API's contract, OpenAPI 3.1, with the doors that are answered before Django is asked."""
    schema: dict[str, Any] = api.get_openapi_schema(path_prefix=PREFIX)
    for path in schema["paths"].values():
        for operation in path.values():
            _name_refusals(operation["responses"])
    schema["paths"][f"{PREFIX}notices"] = {"post": notices_operation()}
    schema["components"]["schemas"] |= notice_schemas()
    schema["paths"][f"{PREFIX}posts"] = {"post": _posts()}
    return schema


def _name_refusals(responses: dict[str, Any]) -> None:
    """Give refusals their media type, which the generator does not know of."""
    for status, response in responses.items():
        if int(status) >= 400 and "content" in response:
            response["content"] = {MEDIA_TYPE: response["content"]["application/json"]}


def _posts() -> dict[str, Any]:
    refusal = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
    return {
        "operationId": "post_posts",
        "summary": "Posts in, their verdicts out once they are durable",
        "description": (
            f"At most {POSTS_MAX:,} posts a call, one a line (docs/reference/post_format.md) or as Arrow IPC, "
            "packed with gzip or zstd if you like. The answer has a line a post that could be read, in order, then a "
            "line for each that could not: its number, field and reason."
        ),
        "tags": ["posts"],
        "security": [{"NeedsScope": []}],
        "parameters": [
            {
                "name": "signals",
                "in": "query",
                "description": "1: each verdict comes with its signals.",
                "schema": {"type": "string", "enum": ["0", "1"]},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in (NDJSON, ARROW)},
        },
        "responses": {
            "200": {"description": "Verdicts", "content": {NDJSON: {"schema": {"type": "string"}}}},
            **{
                str(status): {"description": "Refused; nothing was done", "content": refusal}
                for status in (400, 401, 403, 411, 413, 415, 422, 503)
            },
        },
    }
