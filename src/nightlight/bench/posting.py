"""Posting to the service over kept connections, as cheaply as this machine can: the service is to be measured."""

import asyncio
import time
from collections.abc import Sequence

from nightlight.bench.processes import BenchFailed

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length:"


def post_all(ports: Sequence[int], paths: Sequence[str], connections: int) -> tuple[float, list[int]]:
    """POST each of *paths* once, over *connections* kept connections spread over *ports*.

    Gives the seconds it took and the statuses of all answers. Raises `BenchFailed` when a connection breaks.
    """
    return asyncio.run(_post_all(ports, paths, connections))


async def _post_all(ports: Sequence[int], paths: Sequence[str], connections: int) -> tuple[float, list[int]]:
    left = iter(paths)
    statuses: list[int] = []
    opened = [
        await asyncio.open_connection("127.0.0.1", ports[place % len(ports)]) for place in range(connections)
    ]

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for path in left:
            writer.write(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n".encode())
            statuses.append(await read_status(reader))
        writer.close()

    began = time.monotonic()
    try:
        await asyncio.gather(*(converse(*each) for each in opened))
    except (OSError, asyncio.IncompleteReadError) as error:
        raise BenchFailed(f"a connection broke after {len(statuses)} answers: {error}") from error
    return time.monotonic() - began, statuses


async def read_status(reader: asyncio.StreamReader) -> int:
    """The status of one answer, read to its end. Raises `IncompleteReadError` when it breaks off."""
    head = await reader.readuntil(_END_OF_HEAD)
    lines = head.split(b"\r\n")
    lengths = [line for line in lines if line.lower().startswith(_LENGTH)]
    if lengths:
        await reader.readexactly(int(lengths[0].split(b":")[1]))
    return int(lines[0].split(b" ")[1])
