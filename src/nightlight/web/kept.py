"""What a browser keeps for a night without a network: which files, and under which name.

A page is kept only when its answer says so itself (`may_be_kept`): it then has the same bytes for
everybody, and nothing personal in it. Everything else is fetched anew each time, or not shown.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.http import HttpResponse

import nightlight

_WEB = Path(__file__).parent
STATIC = _WEB / "static"
BUILT = "sealed/files.json"
"""Written by `make bundle`: the names of the plan's scripts, and a version that follows from their bytes."""
FILES = (
    "exit.js",
    "icon-192.png",
    "icon-512.png",
    "icon.svg",
    "keep.js",
    "live.js",
    "nightlight.css",
    "plan.css",
    "trusted.js",
)
"""What every page of the person's needs, besides the scripts of the plan."""
PROGRAM = "sw.js"
MAY_KEEP = "May-Keep"
"""The header by which the program that a browser keeps knows a page that it may keep."""


def may_be_kept(response: HttpResponse) -> HttpResponse:
    """*response*, whose page has nothing personal in it, marked so that a browser keeps it."""
    response[MAY_KEEP] = "yes"
    return response


def program(static: Path = STATIC) -> str:
    """The program itself, with the version and the files it keeps written on top.

    Its bytes change with everything it keeps, so that a browser notices. Without built scripts, as in
    a checkout before `make bundle`, it keeps the rest.
    """
    built = _built(static)
    files = [f"/static/{name}" for name in (*FILES, *built.files)]
    version = _version(static, built.version)
    head = f"const VERSION = {json.dumps(version)}, FILES = {json.dumps(files)};\n"
    return head + (static / PROGRAM).read_text(encoding="utf-8")


class _Built(NamedTuple):
    """What `make bundle` wrote down."""

    version: str
    files: tuple[str, ...]


def _built(static: Path) -> _Built:
    try:
        said = json.loads((static / BUILT).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _Built(version="", files=())
    return _Built(version=said["version"], files=tuple(said["files"]))


@lru_cache(maxsize=4)
def _version(static: Path, built: str) -> str:
    """Sixteen letters that change with the files, with the words of the pages and with the built scripts."""
    read = [static / name for name in (*FILES, PROGRAM)]
    read += sorted(path for path in (_WEB / "templates").rglob("*.html"))
    read += sorted(path for path in (_WEB.parent / "locale").rglob("*.mo"))
    whole = hashlib.sha256(f"{nightlight.__version__} {built}".encode())
    for path in read:
        whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()[:16]
