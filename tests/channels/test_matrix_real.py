"""Chat through a real Synapse."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from nightlight.channels.base import (
    Message,
    PermanentFailure,
    ProviderMisconfigured,
    ReceiptStatus,
    Reply,
    TemporaryFailure,
)
from nightlight.channels.matrix import MatrixChannel, read_matrix_url
from tests.channels.stories import LINK, text_to_sam
from tests.servers.processes import MissingServer
from tests.servers.synapse import ChatUser, Synapse, synapse

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def server() -> Iterator[Synapse]:
    try:
        with synapse() as running:
            yield running
    except MissingServer as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def account(server: Synapse) -> ChatUser:
    return server.sign_up("nightlight")


def channel_of(account: ChatUser, *, secret: bytes = b"of the tests") -> MatrixChannel:
    url = read_matrix_url(account.server.url(account), "NIGHTLIGHT_MATRIX_URL")
    return MatrixChannel(provider="matrix-1", server=url, secret=secret, service_name="Harbour House")


def message(to: ChatUser, notification: str = "n1", **changes: str) -> Message:
    return text_to_sam(to=to.id, notification=f"{notification}{to.id}", **changes)


def test_a_first_message_only_asks_them_in_and_says_so(server: Synapse, account: ChatUser) -> None:
    sam = server.sign_up("sam")
    channel = channel_of(account)
    assert channel.send(message(sam)).status is ReceiptStatus.QUEUED

    [room] = sam.come_in()
    [read] = sam.reads(room)
    assert read == {"msgtype": "m.text", "body": text_to_sam().text}
    assert LINK in read["body"].splitlines()
    assert channel.send(message(sam, "n2")).status is ReceiptStatus.ACCEPTED


def sent(channel: MatrixChannel, what: Message) -> str:
    """*what* sent as a sender sends it: tried again while the conversation is still being made."""
    for _ in range(20):
        try:
            return channel.send(what).reference
        except TemporaryFailure:
            continue
    raise AssertionError("the conversation is never ready")


def test_one_reader_has_one_conversation_whoever_writes_and_however_often(
    server: Synapse, account: ChatUser
) -> None:
    bo = server.sign_up("bo")
    workers = [channel_of(account) for _ in range(4)]
    with ThreadPoolExecutor(8) as hands:
        # Each with words of its own, as with us: what is alike in everything, down to the millisecond, has one id.
        asks = [message(bo, f"n{n}", text=f"Reply 5182{n:02}") for n in range(12)]
        events = list(hands.map(lambda n: sent(workers[n % 4], asks[n]), range(12)))
    [room] = bo.come_in()
    assert len(bo.reads(room)) == len(set(events)) == 12


def test_the_same_message_twice_is_shown_once(server: Synapse, account: ChatUser) -> None:
    kit = server.sign_up("kit")
    channel = channel_of(account)
    first = channel.send(message(kit))
    assert channel_of(account).send(message(kit, attempt="another", text="(again)")) == first
    [room] = kit.come_in()
    assert len(kit.reads(room)) == 1


def test_what_is_written_back_is_heard_and_what_machines_and_we_say_is_not(
    server: Synapse, account: ChatUser
) -> None:
    ana = server.sign_up("ana")
    channel = channel_of(account)
    channel.send(message(ana))
    [room] = ana.come_in()
    place = channel.listen("", 1).position

    assert channel.listen(place, 0.2).replies == ()
    asked = channel.send(message(ana, "n2")).reference
    said = ana.says(room, "518204")
    quoting = {"m.relates_to": {"m.in_reply_to": {"event_id": asked}}}
    answered = ana.says(room, "> <@nightlight> Reply 518204\n> more\n\nOn my way", **quoting)
    ana.says(room, "a machine", msgtype="m.notice")
    ana.says(room, "* 518205", **{"m.relates_to": {"rel_type": "m.replace", "event_id": said}})
    heard = channel_of(account).listen(place, 5)

    assert heard.replies == (
        Reply(sender=ana.id, text="518204", reference=said),
        Reply(sender=ana.id, text="On my way", reference=answered),
    )
    assert channel.listen(heard.position, 0.2).replies == ()


def test_whoever_left_the_conversation_is_not_asked_back_in(server: Synapse, account: ChatUser) -> None:
    noa = server.sign_up("noa")
    channel = channel_of(account)
    channel.send(message(noa))
    [room] = noa.come_in()
    noa.leave(room)
    for fresh in (channel, channel_of(account)):
        with pytest.raises(PermanentFailure, match="left_the_room"):
            fresh.send(message(noa, "n2"))
    member = account.ask("GET", f"/rooms/{quote(room)}/state/m.room.member/{quote(noa.id)}")
    assert member["membership"] == "leave"


def test_the_name_of_a_conversation_tells_nobody_else_who_is_written_to(
    server: Synapse, account: ChatUser
) -> None:
    eve, sam = server.sign_up("eve"), server.sign_up("sam.two")
    channel_of(account).send(message(sam))
    [room] = sam.come_in()
    aliases = sam.ask("GET", f"/rooms/{room}/aliases")["aliases"]
    assert [alias for alias in aliases if "sam" in alias] == []
    assert eve.ask("GET", "/publicRooms")["chunk"] == []
    # Another host's secret makes other names of the same reader.
    assert channel_of(account, secret=b"another").send(message(sam, "n9")).status is ReceiptStatus.QUEUED


def test_what_is_ours_to_mend_says_so(server: Synapse, account: ChatUser) -> None:
    lee = server.sign_up("lee")
    url = server.url(account)
    for wrong, failure, reason in (
        (url.replace(account.token, "wrong"), ProviderMisconfigured, "token_refused"),
        (url.replace("//nightlight:", "//somebody:"), ProviderMisconfigured, "token_of_another_user"),
    ):
        broken = MatrixChannel(
            provider="matrix-1",
            server=read_matrix_url(wrong, "NIGHTLIGHT_MATRIX_URL"),
            secret=b"x",
            service_name="Harbour House",
        )
        with pytest.raises(failure, match=reason):
            broken.send(message(lee))
        with pytest.raises(failure, match=reason):
            broken.listen("", 1)


def test_a_conversation_that_the_account_itself_left_fails_at_once_so_that_the_next_way_goes(
    server: Synapse, account: ChatUser
) -> None:
    max_ = server.sign_up("max")
    channel = channel_of(account)
    channel.send(message(max_))
    [room] = max_.come_in()
    account.leave(room)
    with pytest.raises(TemporaryFailure, match="room_lost"):
        channel.send(message(max_, "n2"))


def test_a_place_the_server_does_not_know_begins_anew(server: Synapse, account: ChatUser) -> None:
    channel = channel_of(account)
    assert channel.listen("no-such-place", 1).position == ""
    assert channel.listen("", 1).position


@pytest.mark.parametrize("host", ["nowhere.invalid", "chat.example.org:1"])
def test_a_reader_on_a_server_nobody_reaches_is_a_failure(account: ChatUser, host: str) -> None:
    with pytest.raises((TemporaryFailure, PermanentFailure)):
        channel_of(account).send(text_to_sam(to=f"@sam:{host}"))
