"""The tables: columns and constraints, no behaviour.

What ends in `_sealed` is text encrypted under the host key, and what ends in `_hash` is a keyed
hash beside it for look-ups; both come from `store.sealing`, and a `token_hash` is a plain one.
Ids that the engine speaks of are opaque strings. Times are aware, in UTC.
"""

from nightlight.store.models.access import ApiToken, HostLink, HostSession, IdempotencyKey, PersonLink
from nightlight.store.models.accounts import (
    Account,
    AccountSession,
    Challenge,
    Passkey,
    SignIn,
    SignInHow,
    StartLink,
)
from nightlight.store.models.afterwards import (
    AfterHelping,
    Afterwards,
    FollowUp,
    ListLine,
    MemberNote,
    Promise,
    Quiet,
    Stay,
    Talk,
    Thought,
    WordBack,
)
from nightlight.store.models.alerts import Alert, EventRow, KeptReply, ReplyTry, TimelineEntry, WaitingEvent
from nightlight.store.models.checkins import CheckIn, CheckInWindow
from nightlight.store.models.circles import (
    CallWish,
    Concern,
    Drill,
    HereNote,
    Invitation,
    Keeping,
    Notice,
    SupporterLink,
)
from nightlight.store.models.host import ChannelTest, Heartbeat, Host
from nightlight.store.models.outbox import (
    Attempt,
    ListenerPlace,
    Notification,
    NotificationStatus,
    SeenCallback,
)
from nightlight.store.models.people import (
    Circle,
    ContactMethod,
    LadderPlace,
    LadderStep,
    Membership,
    NeverContact,
    Person,
)

__all__ = [
    "Account",
    "AccountSession",
    "AfterHelping",
    "Afterwards",
    "Alert",
    "ApiToken",
    "Attempt",
    "CallWish",
    "Challenge",
    "ChannelTest",
    "CheckIn",
    "CheckInWindow",
    "Circle",
    "Concern",
    "ContactMethod",
    "Drill",
    "EventRow",
    "FollowUp",
    "Heartbeat",
    "HereNote",
    "Host",
    "HostLink",
    "HostSession",
    "IdempotencyKey",
    "Invitation",
    "Keeping",
    "KeptReply",
    "LadderPlace",
    "LadderStep",
    "ListLine",
    "ListenerPlace",
    "MemberNote",
    "Membership",
    "NeverContact",
    "Notice",
    "Notification",
    "NotificationStatus",
    "Passkey",
    "Person",
    "PersonLink",
    "Promise",
    "Quiet",
    "ReplyTry",
    "SeenCallback",
    "SignIn",
    "SignInHow",
    "StartLink",
    "Stay",
    "SupporterLink",
    "Talk",
    "Thought",
    "TimelineEntry",
    "WaitingEvent",
    "WordBack",
]
