"""By Matrix: out, an answer in the conversation itself, and the stand-down; through a real Synapse."""

import re
from collections.abc import Callable

from tests.servers.processes import free_port, wait_until
from tests.servers.synapse import ChatUser, synapse
from tests.servers.trips.house import TripHouse, house


def trip(say: Callable[[str], None]) -> None:
    """Make the round trip, and *say* what was seen."""
    base_url = f"http://127.0.0.1:{free_port()}"
    with synapse() as server:
        account, sam, bo = (server.sign_up(name) for name in ("nightlight", "sam", "bo"))
        ways = {
            "sam": [{"channel": "matrix", "to": sam.id}],
            "bo": [{"channel": "matrix", "to": bo.id}],
        }
        with house(base_url, {"NIGHTLIGHT_MATRIX_URL": server.url(account)}, ways) as home:
            say(_there_and_back(home, sam, bo))


def _there_and_back(home: TripHouse, sam: ChatUser, bo: ChatUser) -> str:
    alert = home.call()
    # A first message asks them in: until they come it is only queued.
    home.until(alert, "queued", "sam", seconds=40)
    wait_until(lambda: bool(sam.invitations()), "Sam's invitation", seconds=40)
    wait_until(lambda: bool(bo.invitations()), "Bo's invitation", seconds=40)
    [sams], [bos] = sam.come_in(), bo.come_in()
    wait_until(lambda: bool(sam.reads(sams)), "Ana's ask in Sam's conversation", seconds=40)
    asked = sam.reads(sams)[0]["body"]
    code = re.search(r"Reply (\d{6})", asked)
    assert code, asked

    sam.says(sams, code.group(1))
    seconds = home.answered(alert, "sam", seconds=40)
    wait_until(lambda: _was_told(sam, sams, "you have it now"), "our word back to Sam", seconds=40)
    wait_until(lambda: _was_told(bo, bos, "You can rest"), "Bo's stand-down", seconds=40)
    return (
        "matrix: asked in and asked through Synapse, the code sent back in the conversation,"
        f" answered in {seconds:.1f} s, stood down"
    )


def _was_told(reader: ChatUser, room: str, words: str) -> bool:
    return any(words in message["body"] for message in reader.reads(room))
