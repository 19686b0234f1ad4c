"""What every channel owes the sender, whatever its provider does. One suite for all of them."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from nightlight.channels.base import (
    OutcomeUnknown,
    PermanentFailure,
    ProviderMisconfigured,
    ReceiptStatus,
    SendFailure,
    TemporaryFailure,
)
from nightlight.channels.registry import KINDS
from tests.channels import contract_benches, contract_push
from tests.channels.contract import Bench, Trouble
from tests.channels.stories import text_to_sam

BENCHES = [*contract_benches.BENCHES, *contract_push.BENCHES]

EXPECTED: Mapping[Trouble, type[SendFailure]] = {
    Trouble.REFUSES: PermanentFailure,
    Trouble.NOT_NOW: TemporaryFailure,
    Trouble.MISCONFIGURED: ProviderMisconfigured,
    Trouble.GONE: TemporaryFailure,
    Trouble.HANGS_BEFORE: TemporaryFailure,
    Trouble.HANGS_AFTER: OutcomeUnknown,
    Trouble.DRIPS: OutcomeUnknown,
    Trouble.BREAKS_OFF_AFTER: OutcomeUnknown,
    Trouble.GARBAGE: OutcomeUnknown,
    Trouble.TOO_MANY: TemporaryFailure,
    Trouble.BREAKS: OutcomeUnknown,
    Trouble.WRONG_CERTIFICATE: ProviderMisconfigured,
}


def _marked(bench: Bench, *others: Trouble) -> object:
    name = "-".join([bench.maker or bench.kind, *(each.name.lower() for each in others)])
    return pytest.param(bench, *others, marks=[pytest.mark.servers] * bench.needs_programs, id=name)


each_bench = pytest.mark.parametrize("bench", [_marked(bench) for bench in BENCHES])
each_failure = pytest.mark.parametrize(
    ("bench", "trouble"),
    [_marked(bench, each) for bench in BENCHES for each in bench.troubles if each in EXPECTED],
)


@each_bench
def test_a_message_that_is_taken_is_accepted_and_nothing_more(bench: Bench, tmp_path: Path) -> None:
    """Accepted is the provider's word, not the phone's: `delivered` comes only in a report."""
    with bench.troubles[Trouble.NONE](tmp_path) as channel:
        assert channel.send(bench.message).status is ReceiptStatus.ACCEPTED


@pytest.mark.parametrize("bench", [b for b in BENCHES if Trouble.QUEUES in b.troubles], ids=lambda b: b.kind)
def test_a_message_that_is_only_queued_says_so(bench: Bench, tmp_path: Path) -> None:
    with bench.troubles[Trouble.QUEUES](tmp_path) as channel:
        assert channel.send(bench.message).status is ReceiptStatus.QUEUED


@each_failure
def test_each_failure_says_what_to_do_next(bench: Bench, trouble: Trouble, tmp_path: Path) -> None:
    """That a call returns at all, from a provider that hangs or drips, is its time being up."""
    with bench.troubles[trouble](tmp_path) as channel, pytest.raises(EXPECTED[trouble]) as caught:
        channel.send(bench.message)
    is_ours = isinstance(caught.value, ProviderMisconfigured)
    assert is_ours is (trouble in bench.ours)


@each_failure
def test_the_reason_of_a_failure_is_a_short_code(bench: Bench, trouble: Trouble, tmp_path: Path) -> None:
    """It is kept and shown to the host: no address, no password, nothing of the message."""
    with bench.troubles[trouble](tmp_path) as channel, pytest.raises(SendFailure) as caught:
        channel.send(bench.message)
    assert re.fullmatch("[a-z0-9_]{3,40}", caught.value.reason)
    assert str(caught.value) == caught.value.reason


@each_bench
@pytest.mark.parametrize(
    "text", ["", "\r\nX-Evil: 1\r\n\r\nevil", ".\r\n.\r\nMAIL FROM:<noa@example.org>", "\x00\x1b", "🙂" * 400]
)
def test_no_words_upset_a_channel(bench: Bench, text: str, tmp_path: Path) -> None:
    with bench.troubles[Trouble.NONE](tmp_path) as channel:
        odd = text_to_sam(to=bench.message.to, subject=text, text=text)
        assert channel.send(odd).status is ReceiptStatus.ACCEPTED


@each_bench
def test_a_channel_is_of_a_known_kind_and_its_provider_fits_into_an_address(
    bench: Bench, tmp_path: Path
) -> None:
    with bench.troubles[Trouble.NONE](tmp_path) as channel:
        assert channel.kind == bench.kind
        assert channel.kind in KINDS
        assert re.fullmatch("[a-z0-9-]+", channel.provider)
