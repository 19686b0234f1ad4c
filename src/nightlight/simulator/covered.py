"""How much of the rules, the write path, the worker and the doors made-up nights go through, by line and by branch.

python -m nightlight.simulator.covered [--first N] [--seeds N]

A process of its own, so that what is read of a module as it is imported counts as well. Needs the package
`coverage`, which is for developing only.
"""

import json
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

PACKAGES = ("engine", "store", "worker", "intake")
LEAST = 20
"""So many of the least covered modules are named."""
SMALL_STATEMENTS = 5
"""Modules shorter than this say nothing."""


def _share(of: Iterable[Mapping[str, Any]], covered: str, there: str) -> float:
    figures = list(of)
    went, all_of_them = (sum(int(f[what]) for f in figures) for what in (covered, there))
    return 100 * went / max(all_of_them, 1)


def _figures(of: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    summaries = list(of)
    return {
        "statements": sum(f["num_statements"] for f in summaries),
        "lines": round(_share(summaries, "covered_lines", "num_statements"), 1),
        "branches": round(_share(summaries, "covered_branches", "num_branches"), 1),
    }


def summed_up(files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Shares by package, in percent, and the modules of which least is gone through; of what `coverage` says by file."""
    modules = {_module(name): each["summary"] for name, each in files.items()}
    packages = {
        package: _figures(each for name, each in modules.items() if name.startswith(f"{package}."))
        for package in PACKAGES
    }
    long = {name: each for name, each in modules.items() if each["num_statements"] >= SMALL_STATEMENTS}
    least = sorted(long, key=lambda name: (_figures([long[name]])["lines"], name))[:LEAST]
    return {
        "packages": packages,
        "together": _figures(modules.values()),
        "least": [{"module": name, **_figures([long[name]])} for name in least],
    }


def _module(path: str) -> str:
    """`store.outbox` of the path of its file."""
    parts = Path(path).with_suffix("").parts
    first = len(parts) - 1 - parts[::-1].index("nightlight")
    return ".".join(parts[first + 1 :])


def live_through(seeds: Iterable[int]) -> dict[str, Any]:
    """Live through *seeds* in this process, and say what of the packages they went through."""
    import coverage  # noqa: PLC0415  (for developing only)

    recorded = coverage.Coverage(
        data_file=None,
        config_file=False,
        branch=True,
        source_pkgs=[f"nightlight.{package}" for package in PACKAGES],
        omit=["*/migrations/*"],
    )
    recorded.start()
    from nightlight.simulator import database  # noqa: PLC0415  (only now, so that imports count)

    database.prepare()
    from nightlight.simulator.run import Run  # noqa: PLC0415  (after Django is set up)

    lived, broken = 0, []
    for seed in seeds:
        if Run(seed).go().violations:
            broken.append(seed)
        lived += 1
        if lived % 10 == 0:
            sys.stderr.write(f"{lived} nights\n")
    recorded.stop()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        recorded.json_report(outfile=str(report))
        files = json.loads(report.read_text())["files"]
    return {"seeds": lived, "broken": broken, **summed_up(files)}


def main(arguments: list[str] | None = None) -> int:
    """Print what was gone through as JSON; 1 when a promise was broken meanwhile."""
    parser = ArgumentParser(prog="python -m nightlight.simulator.covered", description=__doc__)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--seeds", type=int, default=100, help="how many nights")
    wanted = parser.parse_args(arguments)
    report = live_through(range(wanted.first, wanted.first + wanted.seeds))
    sys.stdout.write(json.dumps(report) + "\n")
    return int(bool(report["broken"]))


if __name__ == "__main__":
    sys.exit(main())
