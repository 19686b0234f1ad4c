"""Evidence may come in any order and any number of times; what is known in the end is the same."""

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from nightlight.engine.receipts import Evidence, join

ANY = st.sampled_from(Evidence)


def test_the_ranks_are_the_ones_of_the_design() -> None:
    assert [e.value for e in Evidence] == ["unknown", "queued", "accepted", "failed", "delivered"]
    for weaker, stronger in zip(Evidence, list(Evidence)[1:], strict=False):
        assert join(weaker, stronger) is stronger


@given(ANY, ANY)
def test_order_does_not_matter(one: Evidence, other: Evidence) -> None:
    assert join(one, other) is join(other, one)


@given(ANY, ANY, ANY)
def test_grouping_does_not_matter(one: Evidence, two: Evidence, three: Evidence) -> None:
    assert join(join(one, two), three) is join(one, join(two, three))


@given(ANY)
def test_saying_it_twice_does_not_matter(evidence: Evidence) -> None:
    assert join(evidence, evidence) is evidence


@given(st.lists(ANY, min_size=1), st.randoms(use_true_random=False))
def test_any_order_and_repetition_of_reports_ends_the_same(reports: list[Evidence], chance: object) -> None:
    shuffled = [*reports, *reports]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert reduce(join, shuffled) is reduce(join, reports)
