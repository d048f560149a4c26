"""What couriers are told by the settings: wrong values stop the start, with the setting's name."""

from pathlib import Path

import pytest

from evenhand.couriers.smtp import open_relay
from evenhand.flow.post import sender_for
from evenhand.settings import Contact, Settings, load_settings
from evenhand.vocabulary.errors import InputError

WRONG = [
    {"MAIL_RELAY": "mail.desk.example"},
    {"MAIL_RELAY": "mail.desk.example:0"},
    {"MAIL_RELAY": ":25"},
    {"MAIL_SECURITY": "ssl"},
    {"MAIL_RELAY": "m:25", "MAIL_SECURITY": "plain", "MAIL_USER": "desk"},
    {"PAGE_ADDRESS": "oncall@desk.example"},
    {"MAIL_RELAY": "m:25", "PAGE_ADDRESS": "on call"},
    {"PAGE_URL": "ftp://x/"},
    {"EU_DATABASE_URL": "transparency.example"},
]


def test_a_hunts_limit_is_a_number_in_either_spelling(tmp_path: Path) -> None:
    """A number in the file, digits in a variable; nothing else."""
    (tmp_path / "e.toml").write_text("hunt_limit = 25\n")
    assert load_settings(tmp_path / "e.toml", environ={}).hunt_posts_max == 25
    assert load_settings(environ={"EVENHAND_HUNT_LIMIT": "0"}).hunt_posts_max == 0
    for wrong in ("-1", "many", "1e3", "٣"):
        with pytest.raises(InputError, match="hunt_limit"):
            load_settings(environ={"EVENHAND_HUNT_LIMIT": wrong})


@pytest.mark.parametrize("values", WRONG)
def test_wrong_values_stop_the_start(values: dict[str, str]) -> None:
    """Each names the setting that is wrong."""
    with pytest.raises(InputError) as caught:
        load_settings(environ={f"EVENHAND_{name}": value for name, value in values.items()})
    assert caught.value.field in {name.lower() for name in values}


def test_the_relay_is_what_the_settings_say(tmp_path: Path) -> None:
    """None without one; a user needs the password's file, and its last line feed is no part of the password."""
    assert open_relay(Settings(data=tmp_path)) is None
    settings = Settings(data=tmp_path, mail_relay="[::1]:465", mail_security="tls", mail_user="desk")
    with pytest.raises(InputError, match=r"mail\.password"):
        open_relay(settings)
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "mail.password").write_text("pa ss\n")
    relay = open_relay(settings)
    assert relay is not None
    assert (relay.host, relay.port, relay.security, relay.user, relay.password) == ("::1", 465, "tls", "desk", "pa ss")
    assert "pa ss" not in repr(relay)


def test_letters_come_from_the_right_contact() -> None:
    """Where a contact is missing, from the first; an authority is never written to from an address that is not ours."""
    contacts = Settings().contacts
    assert sender_for(contacts, "tell.authority") == "authorities@desk.example"
    assert sender_for(contacts, "tell.notifier") == "people@desk.example"
    assert sender_for((Contact(purpose="press", email="p@desk.example"),), "tell.notifier") == "p@desk.example"
    assert sender_for((), "tell.notifier") == ""
