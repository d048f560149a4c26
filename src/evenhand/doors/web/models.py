"""What the accounts file keeps of a member of staff beside name, password and roles."""

from django.conf import settings as django_settings
from django.db import models

GRAVE_A_DAY = 40
"""How many grave items a person looks at in a day, unless they ask for fewer."""
REST_EVERY_MIN = 60
"""After how many minutes of work a person is told to rest, unless they ask for it sooner."""


class StaffArea(models.Model):
    """Where a member of staff works, and how much of it they look at. Empty lists: everywhere.

    Attributes:
        queues, categories, regions, languages: As in `vocabulary.actor.Actor`.
        grave_a_day, rest_every_min: Limits that a person may lower for themselves.
        seen_day, grave_seen: How many grave items they have opened on that day (UTC).
        working_since, seen_at: When this stretch of work began, and their last page in it.
    """

    user = models.OneToOneField(django_settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="area")
    queues = models.JSONField(default=list)
    categories = models.JSONField(default=list)
    regions = models.JSONField(default=list)
    languages = models.JSONField(default=list)
    grave_a_day = models.PositiveIntegerField(default=GRAVE_A_DAY)
    rest_every_min = models.PositiveIntegerField(default=REST_EVERY_MIN)
    seen_day = models.DateField(null=True)
    grave_seen = models.PositiveIntegerField(default=0)
    working_since = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"area of staff-{self.user_id}"
