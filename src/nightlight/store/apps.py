"""How Django finds the store."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created

from nightlight.store.letting_go import ask_to_let_go


class StoreConfig(AppConfig):
    """The one application that has tables."""

    name = "nightlight.store"
    label = "store"

    def ready(self) -> None:
        """From now on every connection is told what we wish of the server."""
        connection_created.connect(ask_to_let_go)
