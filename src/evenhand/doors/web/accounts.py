"""Staff accounts: their file, their making, their second factor. There is no public sign-up."""

import base64
from hashlib import sha256
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings as django_settings

from evenhand.doors.web.config import accounts_file, configure
from evenhand.settings import Settings
from evenhand.vocabulary.errors import InputError


def prepare_accounts(settings: Settings) -> None:
    """Create or migrate the accounts file and its groups; a second call changes nothing."""
    configure(settings)
    from django.contrib.auth.models import Group
    from django.core.management import call_command

    from evenhand.doors.web.roles import Role

    file = accounts_file(settings.data)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600, exist_ok=True)
    call_command("migrate", verbosity=0, interactive=False)
    for role in Role:
        Group.objects.get_or_create(name=role.value)


def create_staff(settings: Settings, name: str, role: str, password: str) -> None:
    """Create a member of staff, or give an existing one this role; an existing password stays.

    Raises:
        InputError: No such role, no name, or a password shorter than 12 characters.
    """
    prepare_accounts(settings)
    from django.contrib.auth.models import Group, User

    from evenhand.doors.web.roles import Role

    if role not in set(Role):
        raise InputError("role", f"is one of {', '.join(Role)}")
    if not name.isidentifier() or len(name) > 150:
        raise InputError("name", "must be letters, digits and underscores")
    if len(password) < 12:
        raise InputError("password", "must have 12 characters or more")
    user, new = User.objects.get_or_create(username=name)
    if new:
        user.set_password(password)
        user.save()
    user.groups.set([Group.objects.get(name=role)])


class StaffAccounts(DefaultAccountAdapter):
    """Sign-in for people whom an administrator has entered."""

    def is_open_for_signup(self, request: Any) -> bool:  # noqa: ARG002
        """Nobody signs up."""
        return False


class StaffSecondFactor(DefaultMFAAdapter):
    """Second factors, encrypted in the accounts file under a key that is not in it."""

    def encrypt(self, text: str) -> str:
        """Encrypt a secret for the accounts file."""
        return _cipher().encrypt(text.encode()).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """Read a secret from the accounts file."""
        return _cipher().decrypt(encrypted_text.encode("ascii")).decode()


def _cipher() -> Fernet:
    digest = sha256(b"evenhand second factor\n" + django_settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
