"""The same simulated world in which the worker is tested."""

from tests.worker.conftest import channels_on, world

__all__ = ["channels_on", "world"]
