"""What the API's contract says of `POST /api/v1/notices`."""

from typing import Any

from pydantic.json_schema import models_json_schema

from evenhand.doors.http.notice_body import (
    KEY_PATTERN,
    NoticeIn,
    NoticeLineIn,
    NoticeLineOut,
    NoticeLineRefused,
    NoticeOut,
)
from evenhand.doors.http.notice_door import LINES, NOTICES_MAX
from evenhand.doors.http.problems import MEDIA_TYPE

_REF = "#/components/schemas/{model}"
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key again gets the same answer; without one, the same bytes do. Of lines without keys of "
    "their own, each is named by this one and its number.",
    "schema": {"type": "string", "default": "", "pattern": KEY_PATTERN},
}
_LINES = (
    f"At most {NOTICES_MAX:,} notices, a line each, as NoticeLineIn; packed with gzip or zstd if you like. What is "
    "kept and receipted of each is its line without the line's end."
)
_LINES_OUT = "A line for each line, in order: NoticeLineOut where it was kept, NoticeLineRefused where it was not."


def notice_schemas() -> dict[str, Any]:
    """Return the schemas of what comes in and goes out."""
    read = [(model, "validation") for model in (NoticeIn, NoticeLineIn)]
    told = [(model, "serialization") for model in (NoticeOut, NoticeLineOut, NoticeLineRefused)]
    _, schema = models_json_schema([*read, *told], ref_template=_REF)  # type: ignore[list-item] # modes are literals
    return dict(schema["$defs"])


def notices_operation() -> dict[str, Any]:
    """Return the operation."""
    one = {"application/json": {"schema": {"$ref": _REF.format(model="NoticeOut")}}}
    many = {LINES[0]: {"schema": {"type": "string", "description": _LINES_OUT}}}
    refusal = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="ProblemBody")}}}
    return {
        "operationId": "post_notices",
        "summary": "Send a notice, or many",
        "description": "Each is kept as it came, opens a case or joins one, and is answered once it is durable. Many "
        f"are sent as {LINES[0]}: what is wrong with one of them concerns that one alone.",
        "tags": ["notices"],
        "security": [{"NeedsScope": []}],
        "parameters": [_KEY],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": _REF.format(model="NoticeIn")}},
                LINES[0]: {"schema": {"type": "string", "format": "binary", "description": _LINES}},
            },
        },
        "responses": {
            "200": {"description": "It was there already; or an answer for each line", "content": one | many},
            "201": {"description": "Kept", "content": one},
            **{
                str(status): {"description": "Refused; nothing was done", "content": refusal}
                for status in (400, 401, 403, 409, 411, 413, 415, 422, 503)
            },
        },
    }
