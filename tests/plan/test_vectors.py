"""The format of the sealed plan, held from both sides to the same figures."""

import subprocess
from collections import Counter

import pytest

from tests.docs.project import ROOT
from tests.plan.vectors import CHECKS, Vector, holds, published

SECONDS_MAX = 60

VECTORS = published()
SAYS = {
    "secret": "recipient",
    "halves": "second",
    "page": "body",
    "slot": "secret",
    "part": "content",
    "share": "content",
    "note": "content",
    "kept": "text",
    "typed": "passphrase",
    "drawn": "words",
    "compared": "words",
    "list": "count",
}
"""In each kind of vector, one of the fields that say what comes of it."""


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['check']}: {vector['name']}")
def test_the_vector_holds_in_python(vector: Vector) -> None:
    assert holds(vector)


def test_every_vector_holds_in_the_browsers_own_code() -> None:
    done = subprocess.run(
        ["npm", "run", "--silent", "vectors"],
        cwd=ROOT / "frontend",
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == f"{len(VECTORS)} vectors hold in JavaScript"


def test_every_kind_of_check_has_vectors_and_every_seal_is_also_refused() -> None:
    checks = Counter(vector["check"] for vector in VECTORS)
    assert set(checks) == set(CHECKS)
    refused = {(vector["check"], vector["refused"]) for vector in VECTORS if "refused" in vector}
    assert refused == {
        ("page", "tampered"),
        *(("slot", reason) for reason in ("not_opened", "other_vault", "tampered")),
        *(("part", reason) for reason in ("not_opened", "older", "tampered")),
        *(("note", reason) for reason in ("not_opened", "tampered")),
        *(("kept", reason) for reason in ("not_opened", "tampered")),
        *(("share", reason) for reason in ("not_opened", "older", "swapped", "tampered")),
    }


@pytest.mark.parametrize("check", sorted(CHECKS))
def test_a_vector_that_says_something_else_does_not_hold(check: str) -> None:
    """The checks themselves can fail."""
    vector = next(each for each in VECTORS if each["check"] == check and "refused" not in each)
    told = SAYS[check]

    assert holds(vector)
    assert not holds(vector | {told: "something else"})
    assert not holds(vector | {"refused": "tampered"})
