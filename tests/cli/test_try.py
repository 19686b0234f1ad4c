"""`nightlight try` as a newcomer has it: one link, four phones, and a call that falls, is taken, and goes on."""

import re
from pathlib import Path

import pytest

from tests.servers.processes import wait_until
from tests.servers.sample import running

pytestmark = pytest.mark.servers


def test_a_newcomer_sees_a_call_fall_be_answered_go_quiet_and_be_taken_up_again(tmp_path: Path) -> None:
    with running(tmp_path) as tried:
        first, *_ = [line for line in tried.printed().splitlines() if "/try" in line]
        assert first.startswith(f"{tried.base}/try ")

        assert "Press “I need someone” on Ana's phone." in tried.page()
        page = tried.press("raise", need="talk")
        assert "The text to Sam was refused, so a sample email went out at once." in page
        page = tried.press("next")
        assert "No answer from Sam, so Bo is asked too." in page
        page = tried.press("yes", person="bo")
        assert "Bo has it, and nobody else is asked." in page
        assert "Someone else has it now. You can rest." in page
        page = tried.press("quiet", person="bo")
        assert "No word from Bo, so Kit is asked." in page
        assert "It is open again." in page
        page = tried.press("yes", person="kit")
        assert "Kit has it now. Press “We are in touch” on Ana's phone." in page
        page = tried.press("in_contact")
        assert "Kit is with you." in page
        page = tried.press("resolve")
        assert "It is over, and everyone who was told has heard it." in page
        wait_until(lambda: "It is over: Ana said so." in tried.printed(), "what happens to be printed")
        assert "Press “I need someone” on Ana's phone." in tried.press("start_over")
        # Once, when it began; no stride was so long that the worker took it for an outage of ours.
        assert tried.printed().count("waits begin anew") <= 1


def test_a_second_tap_on_next_lets_no_more_time_pass(tmp_path: Path) -> None:
    with running(tmp_path) as tried:
        tried.press("raise", need="talk")
        [until] = re.findall(r'name="until" value="([^"]+)"', tried.fetch("/try"))

        assert "Bo is asked too" in tried.press("next", until=until)
        assert "Bo is asked too" in tried.press("next", until=until)
        assert "Kit is asked too" not in tried.page()


def test_a_faster_clock_brings_the_next_person_by_itself(tmp_path: Path) -> None:
    with running(tmp_path) as tried:
        tried.press("raise", need="talk")
        assert "It runs 60 times as fast." in tried.press("speed", speed="60")

        wait_until(lambda: "Bo is asked." in tried.page(), "Bo to be asked after five minutes", seconds=60)
        assert "times as fast." not in tried.press("speed", speed="1")


def test_the_story_is_told_on_the_terminal_and_the_wall_is_as_it_began(tmp_path: Path) -> None:
    with running(tmp_path, "--story", "--fast") as tried:
        wait_until(
            lambda: tried.printed().count(f"{tried.base}/try") == 2, "the end of the story", seconds=60
        )

        story = tried.printed()
        for sentence in (
            "Question to Sam, by sample text: did not go out",
            "Bo has it.",
            "Bo has gone quiet.",
            "Kit has it.",
            "It is over: Ana said so.",
        ):
            assert sentence in story
        assert "Press “I need someone” on Ana's phone." in tried.page()


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    with running(tmp_path) as tried:
        assert list(tmp_path.glob("nightlight-try-*"))

    assert tried.server.process.returncode == 0
    assert not list(tmp_path.glob("nightlight-try-*"))
