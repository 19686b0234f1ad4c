"""An address to listen on: read, bound, and handed to whoever serves."""

import socket

import click

LISTEN_DEFAULT = "127.0.0.1:8000"
BACKLOG = 512


class Address(click.ParamType[tuple[str, int]]):
    """HOST:PORT on a command line."""

    name = "HOST:PORT"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """The host and the port; an IPv6 host stands in brackets."""
        if isinstance(value, tuple):
            return value
        host, _, port = str(value).rpartition(":")
        if not host or not port.isdigit() or not 0 <= int(port) <= 65535:
            self.fail(f"{value!r} is not HOST:PORT; write it like {LISTEN_DEFAULT}", param, ctx)
        return host.strip("[]"), int(port)


class CannotListen(Exception):
    """The address cannot be listened on; the message says why and what would be right."""


def bind(address: tuple[str, int]) -> socket.socket:
    """A socket that listens on *address* and may be inherited. Raises `CannotListen`."""
    host, port = address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        # A port that only lingers from a process just ended is free.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listening.close()
        why = getattr(error, "strerror", None) or str(error)
        raise CannotListen(
            f"cannot listen on {host}:{port} ({why}); stop what uses it, or choose another with --listen"
        ) from error
    listening.set_inheritable(True)
    return listening


def shown(listening: socket.socket) -> str:
    """The address of *listening* as a browser wants it."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
