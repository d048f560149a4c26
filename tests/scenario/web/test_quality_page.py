"""The page of quality: test cases are set from it, and what is wrong is said in the page's language."""

from typing import Any

from evenhand.doors.web.accounts import create_staff
from evenhand.views.desk import waiting

PASSWORD = "correct horse battery staple"
KNOWN = {
    "text": "I know where you live and I will come tonight",
    "item_id": "chan-8/msg-99",
    "url": "",
    "author": "author-99",
    "language": "en",
    "category": "STATEMENT_CATEGORY_SELF_HARM",
    "expected": "remove",
    "rule": "self-harm-words",
    "because": "Two words of the list.",
}


def test_a_test_case_is_set_and_looks_like_any_other(desk: Any, client: Any) -> None:
    """It waits in its queue; a wrong form is said and keeps what was written; a draw of nothing says so."""
    from django.contrib.auth.models import User

    create_staff(desk.settings, "the_quality", "quality", PASSWORD)
    client.force_login(User.objects.get(username="the_quality"))
    before = len(waiting(desk.office.queries, "life"))
    wrong = client.post("/de/console/quality/known/", {**KNOWN, "rule": ""})
    assert wrong.status_code == 400
    assert "nennen Sie die Regel" in wrong.content.decode()
    assert "I know where you live" in wrong.content.decode()
    assert client.post("/console/quality/known/", {**KNOWN, "expected": "x"}).status_code == 400
    assert len(waiting(desk.office.queries, "life")) == before
    assert client.post("/console/quality/known/", KNOWN).status_code == 302
    assert len(waiting(desk.office.queries, "life")) == before + 1
    drawn = client.post("/console/quality/double/", {"category": "STATEMENT_CATEGORY_VIOLENCE", "count": "5"})
    assert drawn.status_code == 302
    for count in ("0", "51", "x", "", "-1"):
        answer = client.post("/console/quality/double/", {"category": "STATEMENT_CATEGORY_VIOLENCE", "count": count})
        assert answer.status_code == 400, count


def test_reasons_are_translated_with_what_varies(desk: Any) -> None:  # noqa: ARG001 - Django is configured by it
    """A reason with a number in it keeps the number; an unknown one stays as it is."""
    from django.utils.translation import override

    from evenhand.doors.web.reasons import REASONS, reason_label

    with override("de"):
        assert reason_label("has more than 20000 characters") == "hat mehr als 20000 Zeichen"
        assert reason_label("the case is waiting: somebody else has it").startswith("der Fall ist im Zustand waiting")
        assert reason_label("no such reason") == "no such reason"
        assert all(reason_label(reason) != reason for reason in REASONS if "%(" not in reason)
