"""What the scripts of the plan's pages send, read the careful way; and what they are told when it cannot be done.

What is wrong is said as problem+json: 422 with what would be right, 404 for what is not theirs or not
there, 409 for what is in the way, 412 when another phone was first. Nothing is changed then.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Literal, ParamSpec, TypeVar

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import register_converter

from nightlight.store.plan_files import (
    HALF_BYTES_MAX,
    LABEL_CHARACTERS_MAX,
    NOTE_BYTES_MAX,
    PART_BYTES_MAX,
    SLOT_BYTES_MAX,
    read,
    written,
)
from nightlight.store.plans import InTheWay, NoPlan, NotThere, Overtaken, Refused, Slot
from nightlight.web.views.errors import problem

VERSION_MAX = 2**31 - 1
"""What a column of the database holds."""

_FILE = r"\A[A-Za-z0-9_-]+\Z"


class OwnId:
    """An id in an address that a browser drew. What is not like one is not looked for."""

    regex = "[0-9a-f]{32}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(OwnId, "own")


def _letters(byte_count: int) -> int:
    """How many letters so many bytes take, as base64 without padding."""
    return (byte_count * 4 + 2) // 3


OwnIdIn = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{32}\Z")]
Recipient = Annotated[str, msgspec.Meta(pattern=r"\Aage1[02-9ac-hj-np-z]{58}\Z")]
Bytes32 = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_-]{43}\Z")]
Label = Annotated[str, msgspec.Meta(max_length=LABEL_CHARACTERS_MAX)]
Proof = Annotated[str, msgspec.Meta(pattern=_FILE, max_length=128)]
PartFile = Annotated[str, msgspec.Meta(pattern=_FILE, max_length=_letters(PART_BYTES_MAX))]
SlotFile = Annotated[str, msgspec.Meta(pattern=_FILE, max_length=_letters(SLOT_BYTES_MAX))]
HalfFile = Annotated[str, msgspec.Meta(pattern=_FILE, max_length=_letters(HALF_BYTES_MAX))]
NoteFile = Annotated[str, msgspec.Meta(pattern=_FILE, max_length=_letters(NOTE_BYTES_MAX))]
Revision = Annotated[int, msgspec.Meta(ge=0, le=VERSION_MAX - 1)]
Version = Annotated[int, msgspec.Meta(ge=1, le=VERSION_MAX)]


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is sent as JSON; anything else in it is a mistake."""


class SlotWanted(Body, frozen=True, kw_only=True):
    """A way of opening the plan, whose id stands in the address."""

    kind: Literal["A", "B", "C", "E"]
    label: Label
    body: SlotFile

    def slot(self, own_id: str) -> Slot:
        """As it is kept. Raises `Refused`."""
        return Slot(id=own_id, kind=self.kind, label=clean(self.label), body=file(self.body, "body"))


class SlotWithId(SlotWanted, frozen=True, kw_only=True):
    """The same with its id."""

    id: OwnIdIn


_Wanted = TypeVar("_Wanted", bound=Body)
_Rest = ParamSpec("_Rest")


def wanted(request: HttpRequest, kind: type[_Wanted]) -> _Wanted:
    """The body of *request*. Raises `Refused`."""
    if request.content_type != "application/json":
        raise Refused("the body must be JSON, sent as application/json")
    try:
        return msgspec.convert(json.loads(request.body), kind)
    except msgspec.ValidationError as error:
        raise Refused(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise Refused("the body is not JSON") from error


def file(line: str, name: str) -> bytes:
    """The bytes of a sealed file, sent as the field *name*. Raises `Refused`."""
    try:
        return read(line)
    except ValueError as error:
        raise Refused(f"$.{name} is not base64url without padding") from error


def clean(text: str) -> str:
    """A text without white space around it and without what no database can hold. Raises `Refused`."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Refused("half of a letter is missing in a text") from error
    return text.replace("\0", "").strip()


def done() -> HttpResponse:
    """It is as it was wanted."""
    return JsonResponse({"done": True})


def for_scripts(view: Callable[_Rest, HttpResponse]) -> Callable[_Rest, HttpResponse]:
    """Let *view* answer a script, also when it cannot be done."""

    @wraps(view)
    def answered(*args: _Rest.args, **kwargs: _Rest.kwargs) -> HttpResponse:
        try:
            return view(*args, **kwargs)
        except Refused as error:
            return problem(422, str(error))
        except NoPlan:
            return problem(404, "there is no plan; begin one first")
        except NotThere:
            return problem(404, "there is nothing of this id")
        except InTheWay as error:
            return problem(409, str(error))
        except Overtaken as error:
            body = None if error.body is None else written(error.body)
            return JsonResponse({"revision": error.revision, "body": body}, status=412)

    return answered
