"""The console's door: who gets in, who sees what, and that hostile texts stay texts."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evenhand.doors.web.accounts import create_staff, prepare_accounts
from evenhand.flow.bulk import begin_bulk
from evenhand.views.desk import waiting
from evenhand.vocabulary.actor import Role
from evenhand.vocabulary.errors import InputError

PASSWORD = "correct horse battery staple"
DAY = "/console/days/2026-11-24/"
EVERYONE = ("stranger", "nobody", *(str(role) for role in Role))
_OPEN = {"moderator", "senior", "child-safety", "legal"}
_LISTS = _OPEN | {"quality", "admin"}
_ALL = _LISTS | {"analyst"}
# What each role gets: the one table of rights, walked through every route. CASE stands for an open case's reference,
# SAFE for one behind the wall, BULK for a bulk that the senior has begun. Pages that lead on answer 302.
ROUTES: dict[str, dict[str, int]] = {
    "/console/": dict.fromkeys(_LISTS, 200) | {"analyst": 302},
    "/console/queues/violence/": dict.fromkeys(_LISTS, 200),
    "/console/queues/child-safety/": {"child-safety": 200} | dict.fromkeys(_LISTS - {"child-safety"}, 404),
    "/console/campaigns/": dict.fromkeys(_LISTS, 200),
    "/console/campaigns/00/": dict.fromkeys(_LISTS, 404),
    "/console/search/": dict.fromkeys(_LISTS, 200),
    "/console/search/?text=case-item-3": dict.fromkeys(_LISTS, 200),
    "/console/deliveries/": dict.fromkeys({"legal", "admin"}, 200),
    "/console/rest/": dict.fromkeys(_OPEN, 200),
    "/console/keys/": dict.fromkeys(_ALL, 200),
    "/console/case/CASE/": dict.fromkeys(_OPEN, 200) | {"quality": 403, "admin": 403},
    "/console/case/CASE/files/1/": dict.fromkeys(_OPEN, 302),
    "/console/case/SAFE/": {"child-safety": 200} | dict.fromkeys(_LISTS - {"child-safety"}, 404),
    "/console/case/SAFE/files/1/": {"child-safety": 302} | dict.fromkeys(_OPEN - {"child-safety"}, 404),
    "/console/together/BULK/": {"senior": 200},
    "/console/approvals/": {"senior": 200, "legal": 200},
    "/console/approvals/7ZQ4K1M-9D0XWA-3RGH5TB-C6PVE2/": {"senior": 404, "legal": 404},
    "/console/approvals/7ZQ4K1M-9D0XWA-3RGH5TB-C6PVE2/bytes": {"senior": 404, "legal": 404},
    "/console/quality/": {"quality": 200},
    "/console/days/": dict.fromkeys(_ALL, 302),
    DAY: dict.fromkeys(_ALL, 200),
    "/console/decisions/5/": dict.fromkeys(_OPEN, 200),
    "/console/decisions/116/": {"child-safety": 200} | dict.fromkeys(_OPEN - {"child-safety"}, 404),
    "/console/find/?reference=x": dict.fromkeys(_OPEN, 404),
}
# What is posted, and who may: everybody else is refused.
_MAY_POST = {
    "/console/next/": _OPEN,
    "/console/together/": {"senior"},
    "/console/approvals/7ZQ4K1M-9D0XWA-3RGH5TB-C6PVE2/": {"senior", "legal"},
    "/console/search/keep/": _LISTS,
    "/console/deliveries/again/": {"legal", "admin"},
    "/console/together/BULK/undo/": {"senior"},
    "/console/quality/known/": {"quality"},
    "/console/quality/double/": {"quality"},
    "/console/case/CASE/open/": _OPEN,
    "/console/case/CASE/decide/": _OPEN,
    "/console/case/CASE/note/": _OPEN,
    "/console/case/CASE/write/": _OPEN,
    "/console/case/CASE/claim/": _OPEN - {"legal"},
    "/console/case/CASE/alarm/": _OPEN,
}
_PRIVATE = re.compile(r"chan-\d/msg-|case-item-|phishing pages|child-item|Names a child")


def _person(desk: Any, client: Any, role: str) -> Any:
    from django.contrib.auth.models import User

    if role == "stranger":
        return client
    if role == "nobody":
        user, _new = User.objects.get_or_create(username="nobody")
    else:
        name = f"the_{role.replace('-', '_')}"
        create_staff(desk.settings, name, role, PASSWORD)
        user = User.objects.get(username=name)
    client.force_login(user)
    return client


def _filled(desk: Any, path: str) -> str:
    """Return a route with the references of this desk's own cases in it."""
    for word, queue in (("CASE", "violence"), ("SAFE", "child-safety")):
        if word in path:
            [line] = waiting(desk.office.queries, queue, limit=1)
            number = desk.office.queries.records(line.case)[0].number
            path = path.replace(word, desk.office.references.format("case", number))
    if "BULK" in path:
        path = path.replace("BULK", _bulk(desk))
    return path


def _bulk(desk: Any) -> str:
    """Return the id of a bulk that the senior has begun."""
    from django.contrib.auth.models import User

    from evenhand.doors.web.staff import actor_for

    create_staff(desk.settings, "the_senior", "senior", PASSWORD)
    senior = actor_for(User.objects.get(username="the_senior"))
    cases = [line.case for line in waiting(desk.office.queries, "violence", limit=2)]
    return begin_bulk(desk.office, senior, cases, at=desk.now(), chance=bytes).id


@pytest.mark.parametrize("role", EVERYONE)
def test_every_role_on_every_route(desk: Any, client: Any, role: str) -> None:
    """Each role gets what the table says, and nobody without the right sees an id, a reason or an excerpt."""
    person = _person(desk, client, role)
    for path, expected in ROUTES.items():
        answer = person.get(_filled(desk, path))
        wanted = 302 if role == "stranger" else expected.get(role, 403)
        assert answer.status_code == wanted, (role, path)
        assert "no-store" in answer["Cache-Control"]
        if role not in _OPEN:
            shown = answer.content.decode().replace("case-item-3", "")  # what was asked for is said again
            assert not _PRIVATE.search(shown), (role, path)
        if role != "child-safety":
            assert not re.search("child-item|Names a child|chan-[0-9]/msg-116", answer.content.decode()), (role, path)
        if role == "stranger":
            assert answer["Location"].startswith("/staff/login/?next=")


@pytest.mark.parametrize("role", EVERYONE)
def test_every_role_at_every_act(desk: Any, client: Any, role: str) -> None:
    """Who lacks the right gets 403 (a stranger: the sign-in) and nothing is written."""
    person = _person(desk, client, role)
    for path, allowed in _MAY_POST.items():
        if role in allowed:
            continue
        before = desk.office.queries.record(len(_records(desk)) + 1)
        answer = person.post(_filled(desk, path), {"text": "x", "why": "x", "purpose": "x", "to": "internal"})
        assert answer.status_code == (302 if role == "stranger" else 403), (role, path)
        if role == "stranger":
            assert answer["Location"].startswith("/staff/login/")
        assert before is None


def _records(desk: Any) -> list[Any]:
    """Return every record of the desk."""
    found, number = [], 1
    while row := desk.office.queries.record(number):
        found.append(row)
        number += 1
    return found


def test_the_table_names_every_console_route() -> None:
    """A new page of the console without a row in the tables above fails here."""
    from django.urls import resolve

    from evenhand.doors.web.urls import urlpatterns

    named = {str(p.name) for p in urlpatterns if str(p.pattern).startswith("console")}
    named = {name for name in named if not name.startswith("console_legal")}  # test_legal has these
    walked = {resolve(path.partition("?")[0]).url_name for path in (*ROUTES, *_MAY_POST)}
    assert named == walked


def test_hostile_texts_stay_texts(desk: Any, client: Any) -> None:
    """Markup is escaped, direction overrides, controls and unpaired surrogates are shown, long texts are clipped."""
    person = _person(desk, client, "moderator")
    for path in (DAY, "/console/decisions/119/"):
        text = person.get(path).content.decode("utf-8")
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text
        assert "\u202e" not in text
        assert "\x1b" not in text
        assert "⟦U+202E⟧" in text
        assert "⟦U+D800⟧" in text
    listed = person.get(DAY).content.decode()
    assert "A" * 500 not in listed
    assert len(listed) < 100_000


def test_erased_people_leave_no_trace_but_the_record(desk: Any, client: Any) -> None:
    """An erased decision shows its public part and says why the rest is missing."""
    text = _person(desk, client, "legal").get("/console/decisions/118/").content.decode()
    assert "data was erased" in text


def test_pages_are_cut_by_number(desk: Any, client: Any) -> None:
    """Following "older" shows every decision of the day once, but for what is behind the wall."""
    person = _person(desk, client, "moderator")
    path, seen = DAY, []
    while path:
        text = person.get(path).content.decode()
        seen += re.findall(r'href="/console/decisions/(\d+)/"', text)
        older = re.search(r'<a rel="next" href="([^"]+)"', text)
        path = DAY + older[1] if older else ""
    assert [int(number) for number in seen] == [n for n in range(120, 0, -1) if n != 116]  # behind the wall


def test_filter_by_action(desk: Any, client: Any) -> None:
    """Only decisions with the action asked for are shown; an action that does not exist is not found."""
    person = _person(desk, client, "moderator")
    text = person.get(DAY + "?action=ban").content.decode()
    assert len(re.findall(r'href="/console/decisions/\d+/"', text)) == 40
    assert person.get(DAY + "?action=<b>").status_code == 404
    assert person.get(DAY + "?before=-1").status_code == 404


def test_a_rare_action_is_looked_for_within_bounds(desk: Any) -> None:
    """On a busy day the search stops after some thousand decisions and hands out a cursor to go on from."""
    from evenhand.doors.web.console import LOOKED_THROUGH_MAX, page_of

    row = desk.decisions.decision(3)
    asked: list[int] = []

    class Busy:
        def decisions_on(self, day: Any, *, before: int | None, limit: int) -> list[Any]:  # noqa: ARG002
            top = (before or 1_000_001) - 1
            asked.append(limit)
            return [replace(row, number=n, action="label") for n in range(top, top - limit, -1)]

    rows, cursor = page_of(Busy(), row.decided_at.date(), "ban", None)  # type: ignore[arg-type]
    assert rows == []
    assert cursor == 1_000_000 - LOOKED_THROUGH_MAX + 1
    assert sum(asked) == LOOKED_THROUGH_MAX


def test_find_by_reference(desk: Any, client: Any) -> None:
    """A reference that somebody quotes leads to its decision; a made-up one is not found and shown as text."""
    person = _person(desk, client, "legal")
    reference = desk.references.format("decision", 7)
    assert person.get("/console/find/", {"reference": reference.lower()})["Location"] == "/console/decisions/7/"
    answer = person.get("/console/find/", {"reference": "<img src=x>"})
    assert answer.status_code == 404
    assert b"<img src=x" not in answer.content


def _post_login(client: Any, name: str, password: str) -> Any:
    return client.post("/staff/login/", {"login": name, "password": password})


def test_sign_in_says_the_same_for_unknown_names_and_wrong_passwords(desk: Any, client: Any) -> None:
    """Nobody learns from the sign-in page whether an account exists."""
    create_staff(desk.settings, "the_moderator", "moderator", PASSWORD)
    errors = [
        re.findall(r'<div class="wrong".*?</div>', _post_login(client, name, "wrong").content.decode(), re.DOTALL)
        for name in ("the_moderator", "someone_else")
    ]
    assert errors[0] == errors[1] != []


def test_sign_in_is_limited(desk: Any, client: Any) -> None:
    """After five wrong passwords even the right one has to wait."""
    create_staff(desk.settings, "limited", "moderator", PASSWORD)
    for _turn in range(5):
        _post_login(client, "limited", "wrong")
    answer = _post_login(client, "limited", PASSWORD)
    assert answer.status_code != 302
    assert "Too many failed" in answer.content.decode()


def test_sign_in_sign_out_and_no_open_redirect(desk: Any, client: Any) -> None:
    """A member of staff signs in with a password kept under Argon2, is led on only within this site, and out again."""
    from django.contrib.auth.models import User

    create_staff(desk.settings, "the_moderator", "moderator", PASSWORD)
    assert User.objects.get(username="the_moderator").password.startswith("argon2$")
    answer = client.post(
        "/staff/login/", {"login": "the_moderator", "password": PASSWORD, "next": "https://evil.example/"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/console/")
    cookie = answer.cookies["evenhand_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert client.get(DAY).status_code == 200
    client.post("/staff/logout/")
    assert client.get(DAY).status_code == 302


def test_there_is_no_public_sign_up(client: Any) -> None:
    """Sign-up, password reset by mail and e-mail pages do not exist."""
    for path in ("/staff/signup/", "/staff/password/reset/", "/staff/email/"):
        assert client.get(path).status_code == 404


def test_forms_from_elsewhere_are_refused(desk: Any) -> None:
    """A sign-in form without our token gets 403."""
    from django.test import Client

    stranger = Client(enforce_csrf_checks=True, headers={"host": "localhost"}, **{"evenhand.desk": desk})
    assert _post_login(stranger, "the_moderator", PASSWORD).status_code == 403


def test_second_factor_from_enrolment_to_sign_in(desk: Any, client: Any) -> None:
    """Enrol with the shown secret; from then on the password alone is not enough; the secret is stored encrypted."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
    from django.core.cache import cache

    def code(secret: str) -> str:
        return format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1]))

    create_staff(desk.settings, "careful", "legal", PASSWORD)
    _post_login(client, "careful", PASSWORD)
    assert b"no second factor yet" in client.get(DAY).content
    asked = client.get("/staff/second-factor/enrol/")
    assert asked["Location"].startswith("/staff/again/")
    assert client.post(asked["Location"], {"password": PASSWORD}).status_code == 302
    page = client.get("/staff/second-factor/enrol/").content.decode()
    found = re.search(r'id="secret"[^>]*>([A-Z2-7]+)<', page)
    assert found
    assert 'src="data:image/svg' in page
    assert client.post("/staff/second-factor/enrol/", {"code": code(found[1])}).status_code == 302
    stored = Authenticator.objects.get(user__username="careful", type="totp")
    assert found[1] not in str(stored.data)
    assert b"no second factor yet" not in client.get(DAY).content
    client.post("/staff/logout/")
    cache.clear()  # the code was used a moment ago; the next one would be half a minute away
    answer = _post_login(client, "careful", PASSWORD)
    assert answer["Location"] == "/staff/second-factor/code/"
    assert client.get(DAY).status_code == 302
    assert client.post("/staff/second-factor/code/", {"code": "000000"}).status_code == 200
    cache.clear()
    assert client.post("/staff/second-factor/code/", {"code": code(found[1])}).status_code == 302
    assert client.get(DAY).status_code == 200


def test_administrators_of_a_real_desk_must_enrol(desk: Any) -> None:
    """Outside a local demonstration an administrator without a second factor is led to enrolment, wherever they go."""
    from django.test import Client

    real = replace(desk, settings=replace(desk.settings, public_url="https://localhost.example"))
    admin = _person(desk, Client(headers={"host": "localhost"}, **{"evenhand.desk": real}), "admin")
    assert admin.get(DAY)["Location"] == "/staff/second-factor/"


def test_creating_staff_twice_changes_no_password(desk: Any, tmp_path: Path) -> None:
    """A second `create_staff` moves the role and keeps the password; wrong input names its field."""
    from django.contrib.auth.models import User

    create_staff(desk.settings, "mover", "analyst", PASSWORD)
    create_staff(desk.settings, "mover", "legal", "another password entirely")
    user = User.objects.get(username="mover")
    assert user.check_password(PASSWORD)
    assert [group.name for group in user.groups.all()] == ["legal"]
    for name, role, password, field in (
        ("mover", "king", PASSWORD, "role"),
        ("a b", "legal", PASSWORD, "name"),
        ("new", "legal", "short", "password"),
    ):
        with pytest.raises(InputError) as caught:
            create_staff(desk.settings, name, role, password)
        assert caught.value.field == field
    other = replace(desk.settings, data=tmp_path)
    prepare_accounts(other)
    assert not User.objects.filter(username="mover").exists()
    prepare_accounts(desk.settings)
    assert User.objects.filter(username="mover").exists()
    assert (tmp_path / "keys" / "django.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "accounts.sqlite3").stat().st_mode & 0o777 == 0o600
