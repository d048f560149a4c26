"""The web doors as a Django application: templates, words, and one table of staff's areas."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Names the application."""

    name = "evenhand.doors.web"
    label = "web"
