"""`nightlight simulate --coverage`: how much of the product made-up nights go through."""

import importlib.util
import json
import subprocess
import sys
from typing import Any

import click

from nightlight.cli.output import show, show_json


def live(seeds: int, first: int, *, as_json: bool) -> int:
    """Live through *seeds* nights from *first* on in a process of its own; how many broke a promise."""
    if importlib.util.find_spec("coverage") is None:
        raise click.UsageError("--coverage needs the package coverage; install it with: pip install coverage")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "nightlight.simulator.covered"),
            *("--first", str(first), "--seeds", str(seeds)),
        ],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if not done.stdout:
        raise click.ClickException("the nights ended early; what went wrong stands above")
    report = json.loads(done.stdout)
    if as_json:
        show_json(report)
    else:
        _tell(report)
    return len(report["broken"])


def _tell(report: dict[str, Any]) -> None:
    show(f"What {report['seeds']} nights went through, in percent:")
    show(f"{'lines':>7} {'branches':>9}")
    for package, figures in report["packages"].items():
        show(_line(package, figures))
    show(_line("together", report["together"]))
    show(f"\nThe {len(report['least'])} modules of which they went through least:")
    for each in report["least"]:
        show(_line(each["module"], each))
    for seed in report["broken"]:
        show(f"BROKEN: seed {seed}; the whole story: nightlight simulate --seed {seed}")


def _line(name: str, figures: dict[str, Any]) -> str:
    return (
        f"{figures['lines']:7.1f} {figures['branches']:9.1f}  {name} ({figures['statements']:,} statements)"
    )
