"""A call as JSON: what `GET /api/v1/calls/{id}` answers and `status --json` prints (design §8)."""

from datetime import UTC, datetime
from typing import Any

from nightlight.engine.effects import What
from nightlight.store.queries import AlertView, Line


def alert_json(view: AlertView) -> dict[str, Any]:
    """The promised object, of plain JSON values; times in UTC."""
    taker, following = view.acknowledged_by, view.next
    return {
        "id": view.id,
        "person": view.person.id,
        "status": view.status.value,
        "need": view.need,
        "raised_at": _time(view.raised_at),
        "acknowledged_by": {"id": taker.id, "name": taker.name} if taker else None,
        "next": {"at": _time(following.at), "what": str(following.what), "who": following.who or None}
        if following
        else None,
        "timeline": [
            {
                "at": _time(line.at),
                "what": line.what,
                "who": _who(view, line),
                "channel": line.channel or None,
            }
            for line in view.timeline
        ],
    }


def _who(view: AlertView, line: Line) -> str | None:
    # The first line names nobody, because it can only be about whose call it is.
    return line.who or (view.person.id if line.what == What.RAISED else None)


def _time(moment: datetime) -> str:
    # Milliseconds, because the next way follows a refused one within a second.
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
