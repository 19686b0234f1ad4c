"""What is kept of Sam outside his calls: how he signs in, his practice, the days around calls, and sealed plans."""

from datetime import timedelta

from nightlight.engine.ids import PersonId
from nightlight.store.models import (
    Account,
    AccountSession,
    AfterHelping,
    Afterwards,
    CallCard,
    CallWish,
    Challenge,
    ChannelTest,
    CheckInWindow,
    Circle,
    Concern,
    ContactMethod,
    Drill,
    FollowUp,
    HereNote,
    Invitation,
    Keeping,
    ListenerPlace,
    ListLine,
    MemberNote,
    Membership,
    Notice,
    Passkey,
    PlanOpening,
    PlanPairing,
    PlanPart,
    PlanShare,
    PlanSlot,
    PlanVault,
    Promise,
    Quiet,
    SealedNote,
    SeenCallback,
    SignIn,
    SignInHow,
    StartLink,
    Stay,
    SupporterKey,
    SupporterLink,
    Talk,
    Thought,
    WordBack,
)
from nightlight.store.sealing import seal
from tests.factories import a_check_in, a_circle, a_person
from tests.people import ANA, BO, NOON, SAM


def sam_signs_in() -> None:
    later = NOON + timedelta(hours=1)
    account = Account.objects.create(
        id="account", person=a_person(SAM), sign_in_name="sam", created_at=NOON, passphrase_hash="x"
    )
    Passkey.objects.create(credential="key", account=account, name="Sam's phone", created_at=NOON)
    AccountSession.objects.create(
        token_hash="1" * 64, account=account, created_at=NOON, seen_at=NOON, expires_at=later
    )
    SignIn.objects.create(account=account, at=NOON, how=SignInHow.PASSKEY, accepted=True)
    ListenerPlace.objects.create(name="imap", position="7:1", heard_at=NOON)
    SeenCallback.objects.create(key_hash="0" * 64, at=NOON)
    ChannelTest.objects.create(channel="smtp", began_at=NOON)
    StartLink.objects.create(token_hash="2" * 64, person=a_person(SAM), created_at=NOON, expires_at=later)
    Challenge.objects.create(token_hash="3" * 64, challenge="c", account=account, expires_at=later)


def sam_and_ana_outside_any_call(alert: str) -> None:
    later, of_sam, of_ana = NOON + timedelta(hours=1), a_circle(SAM), a_circle(ANA)
    Invitation.objects.create(
        id="invitation",
        circle=of_ana,
        person=a_person(SAM),
        token_hash="4" * 64,
        name="Sam",
        words_sealed=seal("Dear Sam"),
        created_at=NOON,
        expires_at=later,
    )
    SupporterLink.objects.create(token_hash="5" * 64, person=a_person(SAM), created_at=NOON)
    drill = Drill.objects.create(id="drill", circle=of_ana, person=a_person(SAM), began_at=NOON)
    Concern.objects.create(id="concern", circle=of_ana, person=a_person(SAM), at=NOON)
    note = HereNote.objects.create(
        id="note", circle=of_sam, text_sealed=seal("Sam is at home"), created_at=NOON, expires_at=later
    )
    note.readers.add(a_person(BO))
    CallWish.objects.create(alert_id=alert, place="theirs")
    Keeping.objects.create(circle=of_ana, person=a_person(SAM), asked_at=NOON, look_on=NOON.date())
    Notice.objects.create(
        id="notice",
        purpose="practice",
        person=a_person(SAM),
        contact_method=ContactMethod.objects.filter(person_id=SAM)[0],
        circle=of_ana,
        drill=drill,
        status="planned",
        created_at=NOON,
        expires_at=later,
    )


def sam_and_ana_before_and_after(alert: str, own: str) -> None:
    """Check-ins of both; Sam wrote, promised, opened his door, and put a talk off; his own call has a list."""
    of_ana, of_sam, sam = a_circle(ANA), a_circle(SAM), a_person(SAM)
    hers = a_check_in(told=(SAM,), noted=(SAM,))
    his = a_check_in(SAM, told=(BO,))
    for check_in in (hers, his):
        window = CheckInWindow.objects.create(
            check_in=check_in, on=NOON.date(), due=NOON, ended_at=NOON, came="missed"
        )
        window.told.add(sam)
    Membership.objects.filter(circle=of_ana, person=sam).update(own_word_sealed=seal("Sam: hold on, otter"))
    Circle.objects.filter(pk=SAM).update(call_word_sealed=seal("Sam is calling"))
    Afterwards.objects.create(circle=of_sam)
    MemberNote.objects.create(circle=of_ana, person=sam, text_sealed=seal("Sam here."), at=NOON)
    for name, (call, circle) in {"hers": (alert, of_ana), "his": (own, of_sam)}.items():
        FollowUp.objects.create(
            id=f"note-{name}",
            circle=circle,
            alert_id=call,
            moment="day3",
            author=sam,
            words_sealed=seal("Sam again."),
            due=NOON,
            planned_at=NOON,
        )
        WordBack.objects.create(
            id=f"back-{name}", circle=circle, writer=sam, owner=sam, text_sealed=seal("Sam says."), at=NOON
        )
        Promise.objects.create(
            id=f"promise-{name}",
            circle=circle,
            alert_id=call,
            person=sam,
            what="morning",
            words_sealed=seal("Sam rings."),
            due=NOON + timedelta(days=1),
            made_at=NOON,
        )
        Stay.objects.create(
            alert_id=call, circle=circle, person=sam, offered_at=NOON, words_sealed=seal("At Sam's.")
        )
        Talk.objects.create(id=f"talk-{name}", circle=circle, person=sam, on=NOON.date(), made_at=NOON)
        Thought.objects.create(circle=circle, person=sam, at=NOON)
        AfterHelping.objects.create(circle=circle, person=sam, alert_id=call, due=NOON)
    ListLine.objects.create(alert_id=own, position=0, text_sealed=seal("Ring Sam's school."))
    ListLine.objects.create(alert_id=alert, position=0, text_sealed=seal("Charger."), ticked_by=sam)
    Quiet.objects.create(person=sam, since=NOON, by="host", reason_sealed=seal("Sam asked."))


def a_plan_of(person: PersonId, reader: PersonId, alert: str) -> None:
    """A sealed plan of *person*, of which *reader* was shown a part in the call *alert*."""
    later, circle = NOON + timedelta(minutes=10), a_circle(person)
    vault = PlanVault.objects.create(
        person=a_person(person), recipient=f"age1{person[0]}", verify_key="v", made_at=NOON
    )
    slot = PlanSlot.objects.create(
        vault=vault,
        own_id="1" * 32,
        kind="A",
        label_sealed=seal(f"the phone of {person}"),
        body=b"age-encryption.org/v1 slot",
        made_at=NOON,
    )
    part = PlanPart.objects.create(
        vault=vault, own_id="2" * 32, body=b"age-encryption.org/v1 part", changed_at=NOON
    )
    key = SupporterKey.objects.create(
        id=f"key-{circle.pk[0]}", circle=circle, person=a_person(reader), recipient="age1r", made_at=NOON
    )
    PlanShare.objects.create(
        vault=vault,
        own_id="3" * 32,
        part=part,
        key=key,
        version=1,
        body=b"age-encryption.org/v1 share",
        half=b"age-encryption.org/v1 half",
        kept_sealed=seal("our half"),
        made_at=NOON,
    )
    PlanOpening.objects.create(vault=vault, supporter=a_person(reader), alert_id=alert, at=NOON)
    CallCard.objects.create(circle=circle, text_sealed=seal(f"{person} likes to be rung."), changed_at=NOON)
    SealedNote.objects.create(
        circle=circle,
        writer=a_person(reader),
        own_id="4" * 32,
        body=b"age-encryption.org/v1 note",
        made_at=NOON,
    )
    PlanPairing.objects.create(
        token_hash=person[0] * 64,
        vault=vault,
        made_at=NOON,
        expires_at=later,
        asker_hash="5" * 64,
        recipient="age1p",
        proof="p",
        label_sealed=seal(f"the other phone of {person}"),
        slot=slot,
    )
