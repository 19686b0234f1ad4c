"""The days after a call, on pages: what comes to Ana, what she writes back and who reads it, and how Sam is."""

import re

import pytest

from nightlight.channels.wording_follow_ups import READY
from nightlight.intake.channels import kinds_on
from nightlight.store import member_notes
from nightlight.store.access import new_host_link
from nightlight.store.follow_ups import notes_ahead, wishes_of
from nightlight.store.models import AfterHelping, FollowUp, Host, MemberNote, Notice, Person, WordBack
from nightlight.store.notices import NoticePurpose
from nightlight.store.sealing import seal, unseal
from nightlight.worker.caring import CARES
from tests.factories import a_member, a_person, a_way
from tests.people import ANA, BO, KIT, NOA, SAM
from tests.web.house import House, everything, words
from tests.web.supporters import circle_page, member, page_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HELLO = "Good morning from the harbour."


@pytest.fixture
def morning(house: House) -> House:
    """Ana called, Sam had it, it is over; the next morning his words went out, and at ten he was asked how he is."""
    a_way(ANA, "sms")
    member_notes.add_notes(ANA, SAM, [HELLO], house.now)
    house.ana_calls()
    house.says(SAM, "yes")
    house.does(house.own_page(), "resolve")
    for _ in range(44):
        house.pass_time(minutes=30)
        care(house)
    assert FollowUp.objects.filter(sent_at__isnull=False).count() == 1
    assert AfterHelping.objects.get().asked_at is not None
    return house


def care(house: House) -> None:
    for each in CARES:
        for one in each.due(house.now, 100):
            each.do(one, house.now, kinds_on())


def note_page() -> str:
    """The page the note leads to."""
    row = Notice.objects.filter(purpose=NoticePurpose.FOLLOW_UP).order_by("created_at").last()
    assert row is not None
    return f"/f/{unseal(row.token_sealed)}"


def desk(house: House) -> None:
    house.browser.post(f"/desk/{new_host_link(house.now)}")


# ------------------------------------------------------------------------------------- when it is over


def test_the_page_says_who_writes_and_when(house: House) -> None:
    member_notes.add_notes(ANA, SAM, [HELLO], house.now)
    house.ana_calls()
    own = house.own_page()
    page = house.does(own, "resolve")

    assert re.search(r"Sam writes to you: <time [^>]*>Sun 22 Nov, 09:00</time>", page)
    assert f'href="{own}/after"' in page


def test_sam_is_asked_once_whether_notes_may_bear_his_name(house: House) -> None:
    house.ana_calls()
    house.says(SAM, "yes")
    link = house.link(SAM)
    house.does(house.own_page(), "resolve")

    assert "May we send Ana a few short notes in your name?" in house.shows(link)
    ready = house.shows(f"{link}/notes")
    assert READY[0] in ready.replace("&#x27;", "'")
    assert "Choose or write something first" in words(
        house.browser.post(f"{link}/notes", {"do": "choose"}), 422
    )
    assert "in your name, one at a time" in words(
        house.browser.post(f"{link}/notes", {"do": "choose", "ready": ["0", "2"]})
    )
    assert {note.author for note in notes_ahead(ANA)} == {"Sam"}
    assert "in your name" not in house.shows(link)


def test_no_is_a_full_answer_and_bo_who_had_nothing_is_not_asked(house: House) -> None:
    house.ana_calls()
    house.next_timer()
    house.says(BO, "no")
    house.says(SAM, "yes")
    sams, bos = house.link(SAM), house.link(BO)
    house.does(house.own_page(), "resolve")

    assert "in your name" not in house.shows(bos)
    house.shows(f"{bos}/notes", status=404)
    assert "Nothing goes out in your name" in words(house.browser.post(f"{sams}/notes", {"do": "no"}))
    assert "in your name" not in house.shows(sams)
    house.shows(f"{sams}/notes", status=404)
    assert not MemberNote.objects.exists()


def test_before_it_is_over_nobody_is_asked(house: House) -> None:
    house.ana_calls()
    house.says(SAM, "yes")
    house.shows(f"{house.link(SAM)}/notes", status=404)


# ------------------------------------------------------------------------------------------ the note


def test_looking_at_a_note_changes_nothing_and_shows_who_it_is_from(morning: House) -> None:
    before = everything()
    page = morning.shows(note_page())

    assert "A few words from Sam" in page
    assert HELLO in page
    assert "It needs no answer." in page
    assert everything() == before
    morning.shows("/f/" + "x" * 32, status=404)
    morning.pass_time(days=31)
    morning.shows(note_page(), status=404)


def test_what_ana_writes_back_reaches_sam_and_she_sees_that_he_has_it(morning: House) -> None:
    page = note_page()
    said = words(morning.browser.post(page, {"do": "write", "text": "Thank you. <b>It</b> was hard."}))
    assert "It waits for Sam. Nobody has read it yet." in said
    assert Notice.objects.filter(purpose=NoticePurpose.WROTE_BACK, person=SAM).exists()

    sams = page_of(morning)
    shown = morning.shows(sams)
    assert "&lt;b&gt;It&lt;/b&gt; was hard." in shown
    assert "It was hard" not in morning.shows(page_of(morning, BO))
    word = WordBack.objects.get()
    assert "Somebody has it already" in words(
        morning.browser.post(f"{page_of(morning, BO)}/words", {"do": "take", "word": word.pk})
    )
    assert "It is with you now" in words(
        morning.browser.post(f"{page_of(morning)}/words", {"do": "take", "word": word.pk})
    )
    assert "Sam has read it." in morning.shows(page)
    assert "Sam has read it." in morning.shows(morning.own_page())


def test_nobody_took_it_in_four_hours_so_the_desk_reads_it_too(morning: House) -> None:
    morning.browser.post(note_page(), {"do": "write", "text": "I am not so well."})
    desk(morning)
    assert "I am not so well." not in morning.shows("/desk")
    morning.pass_time(hours=4)
    shown = morning.shows("/desk")
    assert "Ana wrote to Sam, who has not read it." in shown
    assert "I am not so well." in shown

    word = WordBack.objects.get()
    taken = words(morning.browser.post("/desk/words", {"do": "take", "word": word.pk}))
    assert "Nothing waits for you." in taken
    assert "Harbour House has read it." in morning.shows(note_page())
    assert "I am not so well." not in morning.shows("/desk")


def test_the_desk_is_shut_to_others_and_takes_nothing_that_is_not_its_own(morning: House) -> None:
    morning.browser.post(note_page(), {"do": "write", "text": "For Sam alone."})
    word = WordBack.objects.get()
    take = {"do": "take", "word": word.pk}
    assert morning.browser.post("/desk/words", take).status_code == 403
    desk(morning)
    assert "already" in words(morning.browser.post("/desk/words", take))
    word.refresh_from_db()

    assert word.taken_at is None
    assert "not understand" in words(morning.browser.post("/desk/words", {"do": "x"}), 422)


def test_an_answer_to_the_host_is_at_the_desk_at_once(morning: House) -> None:
    FollowUp.objects.update(author=None)
    page = note_page()
    assert "It waits for Harbour House" in words(
        morning.browser.post(page, {"do": "write", "text": "Thank you all."})
    )
    desk(morning)
    assert "Thank you all." in morning.shows("/desk")


def test_enough_is_enough(morning: House) -> None:
    page = note_page()
    assert "No more notes come." in words(morning.browser.post(page, {"do": "enough"}))
    assert notes_ahead(ANA) == ()
    assert "Enough of these" not in morning.shows(page)
    assert not WordBack.objects.exists()


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_nothing_and_too_much_are_not_sent(morning: House, text: str) -> None:
    said = words(morning.browser.post(note_page(), {"do": "write", "text": text}), 422)

    assert "Nothing was sent" in said
    assert not WordBack.objects.exists()


# ---------------------------------------------------------------------------------- how Ana wants it


@pytest.fixture(params=["/home", "link"])
def after(request: pytest.FixtureRequest, morning: House) -> str:
    """The page, by either door."""
    if request.param == "link":
        return f"{morning.own_page()}/after"
    morning.browser = morning.signs_in()
    return "/after"


def test_it_shows_what_comes_from_whom_and_when(morning: House, after: str) -> None:
    page = morning.shows(after)

    assert page.count("From Sam") == 9
    assert HELLO in page
    assert "Notes come at 09:00." in page
    for question in ("wakes", "often", "own", f"note={notes_ahead(ANA)[0].id}"):
        before = everything()
        asked = morning.shows(f"{after}?{question}")
        assert asked.count("<h1") == 1
        assert everything() == before


def test_ana_changes_it(morning: House, after: str) -> None:
    def does(do: str, status: int = 200, **more: object) -> str:
        return words(morning.browser.post(after, {"do": do, **more}), status)

    does("wakes_at", at="11:15")
    assert wishes_of(ANA).wakes_at.hour == 11
    assert "We need an hour" in does("wakes_at", 422, at="eleven")
    does("often", series="denser")
    assert "Choose one day at least" in does("often", 422, series="own")
    does("often", series="own", moment=["7d", "1m"])
    assert [note.moment for note in notes_ahead(ANA)] == ["7d", "1m"]
    first = notes_ahead(ANA)[0]
    assert "That is over already" in does("move", 422, note=first.id, day="2026-11-01")
    does("move", note=first.id, day="2026-12-24")
    assert notes_ahead(ANA)[1].at.day == 24 or notes_ahead(ANA)[0].at.day == 24
    assert "That one does not come." in does("remove", note=first.id)
    assert "not planned any more" in does("remove", note=first.id)
    does("not_this")
    assert notes_ahead(ANA) == ()
    assert "No more notes come." in does("stop")
    assert "Notes come again." in does("start")
    assert "did not understand" in does("x", 422)


def test_ana_writes_back_from_her_own_page(morning: House, after: str) -> None:
    came = FollowUp.objects.get(sent_at__isnull=False)
    assert "Write back" in morning.shows(f"{after}?write={came.pk}")
    sent = {"do": "write", "note": came.pk, "text": "Thank you."}
    assert "It waits for Sam." in words(morning.browser.post(after, sent))
    assert WordBack.objects.get().owner_id == SAM


def test_noa_changes_and_reads_nothing_of_it(morning: House) -> None:
    a_person(NOA)
    a_member(KIT, of=NOA)
    noa = morning.signs_in(NOA)
    note = notes_ahead(ANA)[0].id
    came = FollowUp.objects.get(sent_at__isnull=False).pk
    before = everything()
    for sent in (
        {"do": "remove", "note": note},
        {"do": "move", "note": note, "day": "2027-01-01"},
        {"do": "write", "note": came, "text": "Hello"},
    ):
        assert not re.search(r"\b(Ana|Sam)\b", words(noa.post("/after", sent)))
    for question in (f"note={note}", f"write={came}"):
        assert not re.search(r"\b(Ana|Sam)\b", words(noa.get(f"/after?{question}")))
    assert everything() == before


# ---------------------------------------------------------------------------------------- for later


def test_sam_writes_words_for_later_and_takes_them_away(house: House) -> None:
    page = f"{circle_page(page_of(house))}/notes"

    def does(do: str, status: int = 200, **more: object) -> str:
        return words(house.browser.post(page, {"do": do, **more}), status)

    assert "locked phone" in house.shows(page)
    assert HELLO in does("write", text=HELLO)
    assert "too long" in does("write", 422, text="x" * 301)
    for link in ("Look at https://example.org", "see www.example.org", "example.com"):
        assert "web addresses" in does("write", 422, text=link)
    assert "Choose or write something" in does("choose", 422, ready=["99", "x", "-1"])
    does("choose", ready=["1"])
    assert MemberNote.objects.count() == 2
    own = MemberNote.objects.order_by("pk")[0]
    does("remove", note=own.pk)
    does("remove", 422, note="x")
    assert MemberNote.objects.count() == 1
    assert HELLO not in str(list(MemberNote.objects.values()))


def test_nobody_takes_away_anothers_words(house: House) -> None:
    member_notes.add_notes(ANA, SAM, [HELLO], house.now)
    note = MemberNote.objects.get().pk
    bos = f"{circle_page(page_of(house, BO), BO)}/notes"
    assert HELLO not in house.shows(bos)
    words(house.browser.post(bos, {"do": "remove", "note": note}))
    sams_number = circle_page(page_of(house, BO), SAM)

    assert MemberNote.objects.count() == 1
    house.shows(f"{sams_number}/notes", status=404)


def test_ready_words_are_in_the_language_of_the_reader(house: House) -> None:
    Person.objects.filter(pk=ANA).update(language="pt")
    page = f"{circle_page(page_of(house))}/notes"

    assert "Choose some" in house.shows(page)
    assert "Só a pensar em ti." in house.shows(page)


# -------------------------------------------------------------------------------------- how Sam is


def test_sam_says_that_he_is_fine_and_nobody_hears_of_it(morning: House) -> None:
    page = page_of(morning)
    assert "You were there for Ana. Thank you." in morning.shows(page)
    assert "Good to hear." in words(morning.browser.post(f"{page}/how", {"do": "fine"}))
    assert "And how are you?" not in morning.shows(page)
    desk(morning)
    assert "Sam" not in morning.shows("/desk")
    assert "Nothing to say just now." in morning.shows(f"{page_of(morning, BO)}/how")
    words(morning.browser.post(f"{page_of(morning, BO)}/how", {"do": "fine"}), 422)


def test_it_was_a_lot_brings_a_rest_the_lines_and_somebody_to_talk_to(morning: House) -> None:
    page = page_of(morning)
    shown = words(morning.browser.post(f"{page}/how", {"do": "a_lot"}))
    assert "The Evening Line" in shown
    assert "Not tonight" in shown
    assert "Somebody of Harbour House may ring me" in shown
    desk(morning)
    assert "Sam" not in morning.shows("/desk")

    asked = words(morning.browser.post(f"{page}/how", {"do": "ring"}))
    words(morning.browser.post(f"{page}/how", {"do": "ring"}))
    assert "Harbour House sees that you would like to talk." in asked
    assert "Sam helped somebody and would like one of you to get in touch." in morning.shows("/desk")
    word = WordBack.objects.get()
    morning.browser.post("/desk/words", {"do": "take", "word": word.pk})
    assert AfterHelping.objects.get().host_did_at == morning.now
    assert "Sam" not in morning.shows("/desk")


def test_whoever_carries_much_is_told_gently_and_sees_no_number(morning: House) -> None:
    page = page_of(morning)
    assert "You carry a lot" not in morning.shows(page)
    for _ in range(2):
        morning.ana_calls()
        morning.says(SAM, "yes")
        morning.does(morning.own_page(), "resolve")
        morning.pass_time(hours=2)
    shown = morning.shows(page)

    assert "You carry a lot" in shown
    assert "A circle of my own" in shown
    carries = shown[shown.index("You carry a lot") :][:400]
    assert not re.search(r"\b(3|three|30)\b", carries)
    morning.pass_time(days=40)
    assert "You carry a lot" not in morning.shows(page)


def test_without_a_host_it_still_makes_sense(morning: House) -> None:
    Host.objects.update(name="", emergency_number="", lines=[], ways_sealed=seal("[]"))
    page = page_of(morning)
    words(morning.browser.post(f"{page}/how", {"do": "a_lot"}))
    shown = words(morning.browser.post(f"{page}/how", {"do": "ring"}))

    assert "That makes sense. It was a lot." in shown
    assert "stays at the desk" in shown


def test_words_wait_no_longer_for_a_member_who_left(morning: House) -> None:
    morning.browser.post(note_page(), {"do": "write", "text": "Thank you."})
    page = page_of(morning)
    morning.browser.post(page, {"do": "leave", "circle": member().pk})

    assert "Thank you." not in morning.shows(page)
    morning.pass_time(hours=4, minutes=1)
    desk(morning)
    assert "Thank you." in morning.shows("/desk")
