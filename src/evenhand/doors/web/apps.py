"""The web doors as a Django application: it has templates and words, and no tables."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Names the application."""

    name = "evenhand.doors.web"
    label = "web"
