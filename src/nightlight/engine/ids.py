"""Names for the things an alert speaks of. All are opaque strings made outside the engine."""

from typing import NewType

AlertId = NewType("AlertId", str)
PersonId = NewType("PersonId", str)
ContactMethodId = NewType("ContactMethodId", str)
NotificationId = NewType("NotificationId", str)
