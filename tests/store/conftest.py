"""The same simulated world in which the worker is tested, and a rule that breaks."""

from tests.store.breaking import broken
from tests.worker.conftest import channels_on, world

__all__ = ["broken", "channels_on", "world"]
