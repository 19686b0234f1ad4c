"""The scripts of the sealed plan: the same bytes from each build, and few of them over the wire."""

import gzip
import json
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.test import Client

from tests.docs.project import ROOT, SRC

BUILT = SRC / "web" / "static" / "sealed"
SECONDS_MAX = 60


def build_into(folder: Path) -> dict[str, str]:
    """The name and hash of every file of a fresh build."""
    command = ["node", "build.mjs", str(folder)]
    subprocess.run(command, cwd=ROOT / "frontend", check=True, capture_output=True, timeout=SECONDS_MAX)
    return hashes(folder)


def hashes(folder: Path) -> dict[str, str]:
    return {each.name: sha256(each.read_bytes()).hexdigest() for each in sorted(folder.iterdir())}


def test_two_builds_give_the_same_bytes_and_these_are_what_is_served(tmp_path: Path) -> None:
    first, second = build_into(tmp_path / "one"), build_into(tmp_path / "two")

    assert "plan.js" in first
    assert first == second
    assert first == hashes(BUILT), "`make bundle` makes them anew"


def test_what_a_phone_keeps_is_every_script_there_is() -> None:
    kept = json.loads((BUILT / "files.json").read_text())
    scripts = sorted(each.name for each in BUILT.glob("*.js"))

    assert kept["files"] == [f"sealed/{name}" for name in scripts]
    assert len(kept["version"]) == 16


def test_every_script_is_sent_compressed_to_whoever_takes_that() -> None:
    assert (BUILT / "plan.js.gz").exists()
    for packed in BUILT.glob("*.js.gz"):
        script = packed.with_suffix("")
        assert packed.stat().st_size < script.stat().st_size
        plain: Any = Client().get(f"/static/sealed/{script.name}")
        small: Any = Client().get(f"/static/sealed/{script.name}", headers={"Accept-Encoding": "gzip, br"})

        assert b"".join(plain.streaming_content) == script.read_bytes()
        assert small["Content-Encoding"] == "gzip"
        assert small["Vary"] == "Accept-Encoding"
        assert small["Content-Type"].startswith("text/javascript")
        assert gzip.decompress(b"".join(small.streaming_content)) == script.read_bytes()


def test_no_script_can_run_text_or_is_fetched_from_elsewhere() -> None:
    for script in [*BUILT.glob("*.js"), *(SRC / "web" / "static").glob("*.js")]:
        source = script.read_text()
        for sink in (
            "eval(",
            "new Function",
            ".innerHTML=",
            ".innerHTML =",
            "document.write",
            "importScripts",
        ):
            assert sink not in source, (script.name, sink)
        if script.name != "trusted.js":
            assert "serviceWorker.register" not in source, script.name
            assert "DOMParser" not in source, script.name
