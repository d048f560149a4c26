"""How allauth behaves at this desk: nobody signs up, and second factors are stored encrypted."""

import base64
from hashlib import sha256
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings as django_settings


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
