"""Staff accounts: their file and their making. Needs no configured Django until it is called."""

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
