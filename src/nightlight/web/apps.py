"""The Django app of the pages. It has no tables."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages, HTTP and webhooks."""

    name = "nightlight.web"
    label = "web"
