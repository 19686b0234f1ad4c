"""Holds the format, written once more in Python, to every published vector: `python -m tests.plan.vectors`.

Prints each vector's name and ends with 1 at the first that differs.
"""

import hashlib
import json
import sys
from collections.abc import Callable
from typing import Any

from tests.docs.project import ROOT
from tests.plan import sealed_format as sealed

VECTORS = ROOT / "docs" / "reference" / "plan-vectors.json"

Vector = dict[str, Any]
Both = tuple[object, object]
"""What the vector says came of it, and what comes of it here."""


def published() -> list[Vector]:
    """Every vector, in the order of the file."""
    found = json.loads(VECTORS.read_text())
    assert found["format"] == 1
    return list(found["vectors"])


def _secret(vector: Vector) -> Both:
    vault = sealed.vault_of(sealed.read(vector["secret"]))
    said = (vector["identity"], vector["recipient"], vector["verify_key"])
    return said, (vault.identity, vault.recipient, sealed.written(vault.verify_key))


def _halves(vector: Vector) -> Both:
    key, first = sealed.read(vector["key"]), sealed.read(vector["first"])
    second = sealed.join(key, first)
    identity = sealed.identity_of(sealed.join(first, second), "nightlight share open 1")
    said = (vector["second"], vector["identity"], vector["recipient"])
    return said, (sealed.written(second), identity, sealed.recipient_of(identity))


def _page(vector: Vector) -> Both:
    body = sealed.unpack(vector["use"], sealed.read(vector["page"]), sealed.read(vector["verify_key"]))
    if "secret" not in vector:
        return "a refusal", body
    signing = sealed.vault_of(sealed.read(vector["secret"])).signing
    again = sealed.pack(vector["use"], vector["body"].encode(), signing)
    return (vector["body"], vector["page"]), (body.decode(), sealed.written(again))


def _slot(vector: Vector) -> Both:
    file = sealed.read(vector["file"])
    if "passphrase" in vector:
        inside = sealed.opened_by_passphrase(file, vector["passphrase"])
    else:
        inside = sealed.opened_by_identity(file, vector["identity"])
    secret = sealed.secret_in_slot(vector["kind"], inside, vector["vault"])
    return vector.get("secret"), sealed.written(secret)


def _part(vector: Vector) -> Both:
    vault = sealed.vault_of(sealed.read(vector["secret"]))
    content = sealed.opened_part(vector["id"], sealed.read(vector["file"]), vault, vector["seen"])
    return vector.get("content"), content


def _share(vector: Vector) -> Both:
    content = sealed.opened_share(vector["id"], vector)
    return vector.get("content"), content


def _note(vector: Vector) -> Both:
    identity = sealed.vault_of(sealed.read(vector["secret"])).identity
    return vector.get("content"), sealed.opened_note(sealed.read(vector["file"]), identity)


def _kept(vector: Vector) -> Both:
    return vector.get("text"), sealed.opened_kept(sealed.read(vector["file"]), vector["words"])


def _typed(vector: Vector) -> Both:
    passphrase = sealed.passphrase_of(vector["typed"])
    unknown = [word for word in passphrase.split() if word not in sealed.words()]
    return (vector["passphrase"], vector["unknown"]), (passphrase, unknown)


def _drawn(vector: Vector) -> Both:
    return vector["words"], sealed.drawn_words(sealed.read(vector["bytes"]))


def _compared(vector: Vector) -> Both:
    return vector["words"], sealed.compared_words(vector["keys"])


def _list(vector: Vector) -> Both:
    total = hashlib.sha256(sealed.LIST.read_bytes()).hexdigest()
    return (vector["count"], vector["sha256"]), (len(sealed.words()), total)


CHECKS: dict[str, Callable[[Vector], Both]] = {
    "secret": _secret,
    "halves": _halves,
    "page": _page,
    "slot": _slot,
    "part": _part,
    "share": _share,
    "note": _note,
    "kept": _kept,
    "typed": _typed,
    "drawn": _drawn,
    "compared": _compared,
    "list": _list,
}


def holds(vector: Vector) -> bool:
    """Whether *vector* comes out as it says, or is refused for the reason it says."""
    try:
        said, came = CHECKS[vector["check"]](vector)
    except sealed.RefusedError as refused:
        return bool(refused.args == (vector.get("refused"),))
    return "refused" not in vector and said == came


def main() -> int:
    """Look at all of them. The exit code."""
    vectors = published()
    for vector in vectors:
        is_held = holds(vector)
        sys.stdout.write(f"{'ok     ' if is_held else 'DIFFERS'} {vector['check']}: {vector['name']}\n")
        if not is_held:
            return 1
    sys.stdout.write(f"{len(vectors)} vectors hold in Python\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
