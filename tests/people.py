"""The same people in every story.

Ana calls. Sam, Bo and Kit are her circle. Noa is in nobody's circle here and must see nothing of it.
Mira runs the service.
"""

from datetime import UTC, datetime
from typing import Final

from nightlight.engine.ids import PersonId

ANA: Final = PersonId("ana")
SAM: Final = PersonId("sam")
BO: Final = PersonId("bo")
KIT: Final = PersonId("kit")
NOA: Final = PersonId("noa")
MIRA: Final = PersonId("mira")

NOON: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)

NAMES: Final = {ANA: "Ana", SAM: "Sam", BO: "Bo", KIT: "Kit", NOA: "Noa", MIRA: "Mira"}
MAILS: Final = {person: f"{person}@example.org" for person in NAMES}
NUMBERS: Final = {person: f"+4477009001{digits:02}" for digits, person in enumerate(NAMES, start=1)}
