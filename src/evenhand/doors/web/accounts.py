"""Staff accounts: their file and their making. Needs no configured Django until it is called."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from evenhand.doors.web.config import accounts_file, configure
from evenhand.settings import Settings
from evenhand.vocabulary.actor import Role
from evenhand.vocabulary.errors import InputError

AREAS = ("queues", "categories", "regions", "languages")
PASSWORD_CHARS_MIN = 12
_EMAIL_CHARS_MAX = 254


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of staff as the accounts file has them.

    Attributes:
        id: The opaque id by which records name them.
        areas: Names of AREAS → what they are limited to; empty: everything.
    """

    name: str
    id: str
    roles: tuple[str, ...]
    active: bool
    second_factor: bool
    areas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def prepare_accounts(settings: Settings) -> None:
    """Create or migrate the accounts file and its groups; a second call changes nothing."""
    configure(settings)
    from django.contrib.auth.models import Group
    from django.core.management import call_command

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
    from django.contrib.auth.models import User

    _refuse_roles([role])
    if not name.isidentifier() or len(name) > 150:
        raise InputError("name", "must be letters, digits and underscores")
    if len(password) < PASSWORD_CHARS_MIN:
        raise InputError("password", f"must have {PASSWORD_CHARS_MIN} characters or more")
    user, new = User.objects.get_or_create(username=name)
    if new:
        user.set_password(password)
        user.save()
    _give_roles(user, [role])


def change_staff(
    settings: Settings,
    name: str,
    *,
    roles: Iterable[str] = (),
    areas: Mapping[str, Iterable[str]] | None = None,
    active: bool | None = None,
    password: str = "",
    email: str | None = None,
) -> Member:
    """Change what is given and leave the rest; sessions of a closed account end at once.

    Args:
        settings: The desk's.
        name: Who.
        roles: All of theirs from now on; none: as they were.
        areas: Names of AREAS → what they are limited to from now on; an empty list: everything.
        active: Close or open the account.
        password: A new one.
        email: By which an OpenID provider's verified word finds them; a new one unbinds the subject, "" ends it.

    Raises:
        InputError: Nobody of this name, or no such role.
    """
    prepare_accounts(settings)
    from evenhand.doors.web.models import StaffArea

    user, wanted = _user(name), list(roles)
    _refuse_roles(wanted)
    if wanted:
        _give_roles(user, wanted)
    if areas:
        area, _new = StaffArea.objects.get_or_create(user=user)
        for kind, values in areas.items():
            setattr(area, kind, sorted(set(values)))
        area.save()
    if password:
        user.set_password(password)
    if active is not None:
        user.is_active = active
    if email is not None:
        _bind(user, email.strip())
    user.save()
    return _member(user)


def list_staff(settings: Settings) -> list[Member]:
    """Return everybody who has an account, by name."""
    prepare_accounts(settings)
    from django.contrib.auth.models import User

    return [_member(user) for user in User.objects.order_by("username")]


def _bind(user: Any, email: str) -> None:
    """Give somebody the address by which a provider finds them; what was bound to the old one is bound no more."""
    from allauth.socialaccount.models import SocialAccount
    from django.contrib.auth.models import User

    if email and (email.count("@") != 1 or len(email) > _EMAIL_CHARS_MAX or any(c.isspace() for c in email)):
        raise InputError("email", "must be an e-mail address")
    if email and User.objects.filter(email__iexact=email).exclude(pk=user.pk).exists():
        raise InputError("email", "belongs to somebody else")
    SocialAccount.objects.filter(user=user).delete()
    user.email = email


def _refuse_roles(roles: Iterable[str]) -> None:
    for role in roles:
        if role not in set(Role):
            raise InputError("role", f"is one of {', '.join(Role)}")


def _give_roles(user: Any, roles: Iterable[str]) -> None:
    from django.contrib.auth.models import Group

    user.groups.set(Group.objects.filter(name__in=list(roles)))


def _user(name: str) -> Any:
    from django.contrib.auth.models import User

    user = User.objects.filter(username=name).first()
    if user is None:
        raise InputError("name", "nobody of this name has an account")
    return user


def _member(user: Any) -> Member:
    from allauth.mfa.utils import is_mfa_enabled

    from evenhand.doors.web.models import StaffArea
    from evenhand.doors.web.staff import staff_id

    area = StaffArea.objects.filter(user_id=user.pk).first()
    return Member(
        name=user.username,
        id=staff_id(user),
        roles=tuple(sorted(user.groups.values_list("name", flat=True))),
        active=user.is_active,
        second_factor=is_mfa_enabled(user),
        areas={kind: tuple(getattr(area, kind)) for kind in AREAS} if area else {},
    )
