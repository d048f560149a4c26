"""The web doors' settings module for Django."""

import django

DJANGO_VERSION = django.VERSION
