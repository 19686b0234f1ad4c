"""What a browser cannot know of a sample house: a session that is open, and the code that a message carries.

`python -m tests.browser.inside DATA session PERSON` prints the token of a fresh session, `… code ADDRESS`
the code in the newest message that proves the way with this address, `… start ""` a link that begins an account,
`… own SUPPORTER` and `… practice SUPPORTER` the addresses of their own page and of their newest practice,
`… morning PERSON` lets the morning after their call be now, and `… note PERSON` is the address of their newest note.

`… ways PERSON` gives somebody a text and a mail that are proven. `… due PERSON` and `… over PERSON` let the time of
their check-in begin, and end, now; `… reminded PERSON` prints the address in the newest reminder that went out.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from nightlight.cli.django_setup import load_django
from tests.servers.processes import wait_until


def session_in(data: Path, person: str) -> str:
    """The token of a fresh session of *person* in the house whose data lies in *data*."""
    return _run(data, "session", person)


def code_in(data: Path, address: str) -> str:
    """The code that was sent to *address* last, in the house whose data lies in *data*."""
    return _run(data, "code", address)


def started_in(data: Path) -> str:
    """The address of a link of the host's that begins an account in the house whose data lies in *data*."""
    return _run(data, "start", "")


def own_page_in(data: Path, supporter: str) -> str:
    """The address of a fresh page of *supporter*'s own in the house whose data lies in *data*."""
    return _run(data, "own", supporter)


def practice_in(data: Path, supporter: str) -> str:
    """The address in the newest practice message to *supporter* in the house whose data lies in *data*."""
    return _run(data, "practice", supporter)


def morning_in(data: Path, person: str) -> None:
    """The morning after the call of *person* is now, in the house whose data lies in *data*: they wake at this hour."""
    _run(data, "morning", person)


def note_in(data: Path, person: str) -> str:
    """The address of the newest note that went to *person* in the house whose data lies in *data*; empty for none."""
    return _run(data, "note", person)


def ways_for(data: Path, person: str) -> None:
    """Let *person* be reached by text and by mail, in the house whose data lies in *data*."""
    _run(data, "ways", person)


def let_check_in_be(data: Path, person: str, what: str) -> None:
    """Let the check-in of *person* be `due` now or, once the worker has begun its time, let that be `over`."""
    wait_until(lambda: _run(data, what, person) == "1", f"a check-in whose time can be {what}")


def reminded_in(data: Path, person: str) -> str:
    """The address in the newest reminder that went out to *person*; empty while none did."""
    return _run(data, "reminded", person)


def _run(data: Path, what: str, whose: str) -> str:
    command = [sys.executable, "-m", "tests.browser.inside", str(data), what, whose]
    # The key of the tests themselves would not open what is sealed in there.
    around = {name: value for name, value in os.environ.items() if not name.startswith("NIGHTLIGHT_")}
    done = subprocess.run(command, env=around, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _session(person: str) -> str:
    from nightlight.store.dbclock import database_now  # noqa: PLC0415  (once Django is set up)
    from nightlight.store.models import Account  # noqa: PLC0415
    from nightlight.store.sessions import new_session  # noqa: PLC0415

    now = database_now()
    account, _ = Account.objects.get_or_create(
        person_id=person, defaults={"id": f"account-{person}", "created_at": now}
    )
    return new_session(account.pk, now)


def _start() -> str:
    from nightlight.store.dbclock import database_now  # noqa: PLC0415  (once Django is set up)
    from nightlight.store.starting import new_start_link  # noqa: PLC0415

    return f"/start/{new_start_link(database_now())}"


def _own(supporter: str) -> str:
    from nightlight.store.dbclock import database_now  # noqa: PLC0415  (once Django is set up)
    from nightlight.store.supporting import new_supporter_link  # noqa: PLC0415

    return f"/s/{new_supporter_link(supporter, database_now())}"


def _practice(supporter: str) -> str:
    from nightlight.store.models import Notice  # noqa: PLC0415  (once Django is set up)
    from nightlight.store.sealing import unseal  # noqa: PLC0415

    sent = Notice.objects.filter(purpose="practice", person=supporter)
    return f"/p/{unseal(sent.latest('created_at').token_sealed)}"


def _morning(person: str) -> str:
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from nightlight.store.dbclock import database_now  # noqa: PLC0415  (once Django is set up)
    from nightlight.store.models import (  # noqa: PLC0415
        AfterHelping,
        Afterwards,
        ContactMethod,
        FollowUp,
        Person,
    )
    from nightlight.store.sealing import ADDRESS, look_up_hash, seal  # noqa: PLC0415

    now, owner = database_now(), Person.objects.get(pk=person)
    number = "+447700900100"
    ContactMethod.objects.get_or_create(
        id=f"phone-{person}",
        defaults={
            "person": owner,
            "channel": "sample-text",
            "address_sealed": seal(number),
            "address_hash": look_up_hash(number, ADDRESS),
            "position": 0,
            "proven_at": now,
        },
    )
    hour = now.astimezone(ZoneInfo(owner.time_zone)).time().replace(minute=0, second=0, microsecond=0)
    Afterwards.objects.update_or_create(circle_id=person, defaults={"wakes_at": hour})
    first = FollowUp.objects.filter(circle=person, ended_at=None).earliest("due")
    FollowUp.objects.filter(pk=first.pk).update(due=now)
    AfterHelping.objects.filter(circle=person, asked_at=None).update(due=now)
    return ""


def _note(person: str) -> str:
    from nightlight.store.models import Notice  # noqa: PLC0415
    from nightlight.store.sealing import unseal  # noqa: PLC0415

    sent = Notice.objects.filter(purpose="follow_up", person=person).order_by("created_at").last()
    return f"/f/{unseal(sent.token_sealed)}" if sent else ""


def _ways(person: str) -> str:
    from nightlight.store.dbclock import database_now  # noqa: PLC0415  (once Django is set up)
    from nightlight.store.models import ContactMethod  # noqa: PLC0415
    from nightlight.store.sealing import ADDRESS, look_up_hash, seal  # noqa: PLC0415

    for place, (kind, to) in enumerate(
        (("sample-text", "+447700900100"), ("sample-mail", f"{person}@example.org"))
    ):
        ContactMethod.objects.get_or_create(
            id=f"{person}-{kind}",
            defaults={
                "person_id": person,
                "channel": kind,
                "address_sealed": seal(to),
                "address_hash": look_up_hash(to, ADDRESS),
                "position": place,
                "proven_at": database_now(),
            },
        )
    return ""


def _check_in(person: str, what: str) -> str:
    from datetime import timedelta  # noqa: PLC0415

    from nightlight.store.dbclock import database_now  # noqa: PLC0415  (once Django is set up)
    from nightlight.store.models import CheckIn  # noqa: PLC0415

    now = database_now()
    moved = (
        {"window_due": now, "next_due": now + timedelta(days=1)}
        if what == "due"
        else {"window_deadline": now}
    )
    has_begun = {} if what == "due" else {"window_began__isnull": False}
    own = CheckIn.objects.filter(circle=person, on_since__isnull=False, **has_begun)
    return str(own.update(looks_at=now, **moved))


def _reminded(person: str) -> str:
    from nightlight.store.models import Notice  # noqa: PLC0415  (once Django is set up)
    from nightlight.store.sealing import unseal  # noqa: PLC0415

    sent = Notice.objects.filter(
        purpose="check_in", person=person, status__in=("accepted", "delivered", "queued")
    )
    newest = sent.order_by("created_at").last()
    return f"/c/{unseal(newest.token_sealed)}" if newest else ""


def _code(address: str) -> str:
    from nightlight.store.models import Notice  # noqa: PLC0415
    from nightlight.store.sealing import ADDRESS, look_up_hashes, unseal  # noqa: PLC0415

    sent = Notice.objects.exclude(code_sealed="").filter(
        contact_method__address_hash__in=look_up_hashes(address, ADDRESS)
    )
    return unseal(sent.latest("created_at").code_sealed)


if __name__ == "__main__":
    _, folder, what, whose = sys.argv
    load_django(Path(folder))
    asked: dict[str, Callable[[str], str]] = {
        "session": _session,
        "code": _code,
        "own": _own,
        "practice": _practice,
        "morning": _morning,
        "note": _note,
        "ways": _ways,
        "due": partial(_check_in, what="due"),
        "over": partial(_check_in, what="over"),
        "reminded": _reminded,
    }
    sys.stdout.write(asked[what](whose) if what in asked else _start())
