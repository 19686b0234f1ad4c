"""How Django finds the store."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """The one application that has tables."""

    name = "nightlight.store"
    label = "store"
