"""Staff's areas and what they have looked at."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes the table."""

    dependencies = (migrations.swappable_dependency(settings.AUTH_USER_MODEL),)
    operations = (
        migrations.CreateModel(
            name="StaffArea",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                (
                    "user",
                    models.OneToOneField(on_delete=models.CASCADE, related_name="area", to=settings.AUTH_USER_MODEL),
                ),
                ("queues", models.JSONField(default=list)),
                ("categories", models.JSONField(default=list)),
                ("regions", models.JSONField(default=list)),
                ("languages", models.JSONField(default=list)),
                ("grave_a_day", models.PositiveIntegerField(default=40)),
                ("rest_every_min", models.PositiveIntegerField(default=60)),
                ("seen_day", models.DateField(null=True)),
                ("grave_seen", models.PositiveIntegerField(default=0)),
                ("working_since", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(null=True)),
            ],
        ),
    )
