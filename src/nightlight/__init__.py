"""Nightlight helps a person organise, and reach, the people who agreed to support them."""

__version__ = "0.1.0"
