"""Faults planted by hand into rules, write path, outbox and worker. The simulator must find every one.

Each is a way in which engines of this kind have lost calls, woken people for nothing, or told the
caller what was not so. A proof that finds none of them would prove nothing.
"""

from nightlight.simulator import (
    mutants_check_ins,
    mutants_deciding,
    mutants_failover,
    mutants_reports,
    mutants_sending,
)
from nightlight.simulator.mutating import MUTANTS, Mutant

__all__ = [
    "MUTANTS",
    "Mutant",
    "mutants_check_ins",
    "mutants_deciding",
    "mutants_failover",
    "mutants_reports",
    "mutants_sending",
]
