"""The API hung into the site's addresses, and its contract at /openapi.json."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from evenhand.doors.http.api import contract, make_api

api = make_api()


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Return the API's contract, OpenAPI 3.1."""
    return JsonResponse(contract(api), headers={"Cache-Control": "public, max-age=60"})
