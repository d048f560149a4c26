"""What every route of the API shares: who may call, how refusals look."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer
from pydantic import Field

from evenhand.doors.http.problems import MEDIA_TYPE, Problem
from evenhand.doors.http.tokens import Scope, Token
from evenhand.vocabulary.errors import Conflict, Denied, InputError


class ProblemBody(Schema):
    """A refusal (RFC 9457)."""

    title: str
    status: int
    detail: str
    errors: Annotated[list[dict[str, str]], Field(default_factory=list)]


class NeedsScope(HttpBearer):
    """Lets programs in whose token has a scope; `request.token` is then the token."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self._scope = scope

    def __call__(self, request: HttpRequest) -> Any:
        """Return the token, or None for nobody we know.

        Raises:
            HttpError: 403, the token is for something else; 400, the body was cut short.
        """
        token: Token | None = request.desk.tokens.find(request.headers.get("Authorization", ""))
        if token is None:
            return None
        if self._scope not in token.scopes:
            raise HttpError(403, f"This token has no scope `{self._scope}`.")
        if len(request.body) < int(request.META.get("CONTENT_LENGTH") or 0):
            # What came may be JSON by chance: it is not what was sent.
            raise HttpError(400, "The body is shorter than its Content-Length.")
        request.token = token
        return token

    def authenticate(self, request: HttpRequest, token: str) -> NoReturn:
        """Never called: `__call__` decides."""
        raise NotImplementedError


REFUSALS: dict[Any, Any] = dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 503), ProblemBody)
"""What any route may answer besides its own; given to every operation so that the contract names it."""


def problem_response(problem: Problem) -> HttpResponse:
    """Return a refusal as Django answers it."""
    return HttpResponse(
        problem.body(), status=problem.status, content_type=MEDIA_TYPE, headers=dict(problem.headers) or None
    )


def add_handlers(api: NinjaAPI) -> None:
    """Answer every refusal as a problem."""

    def handled(kind: type[Exception], make: Callable[[Any], Problem]) -> None:
        api.add_exception_handler(kind, lambda _request, error: problem_response(make(error)))

    detail_401 = "Send Authorization: Bearer with a token made by `evenhand token create`."
    challenge = {"WWW-Authenticate": "Bearer"}
    handled(AuthenticationError, lambda _e: Problem(status=401, detail=detail_401, headers=challenge))
    handled(HttpError, lambda e: Problem(status=e.status_code, detail=str(e)))
    handled(Http404, lambda _e: Problem(status=404, detail="There is no such thing here."))
    handled(Denied, lambda e: Problem(status=403, detail=str(e) or "This token may not do that."))
    handled(Conflict, lambda e: Problem(status=409, detail=str(e) or HTTPStatus.CONFLICT.description))
    handled(RequestDataTooBig, lambda _e: Problem(status=413, detail="The body is too large."))
    handled(InputError, _unusable)
    handled(ValidationError, _invalid)


def _unusable(error: InputError) -> Problem:
    told = {"field": error.field, "reason": error.reason}
    return Problem(status=422, detail="A field cannot be used.", errors=[told])


def _invalid(error: ValidationError) -> Problem:
    """Name each field that pydantic refused, without the model's and the source's names in its path."""
    told = [
        {"field": ".".join(str(part) for part in one["loc"][2:] or one["loc"][1:]), "reason": str(one["msg"])}
        for one in error.errors[:100]
    ]
    return Problem(status=422, detail="Some fields cannot be used.", errors=told)
