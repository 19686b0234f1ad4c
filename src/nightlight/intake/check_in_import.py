"""The check-ins of the host's file become check-ins, and run. Stop 2 of the road.

Importing one is the host's word that the person agreed to it; without the day on which she did it stays off.
"""

from functools import partial

from nightlight.intake.checkin import replan, switch_off_within, switch_on_within
from nightlight.store import check_in_files
from nightlight.store.check_in_files import Brought, Then
from nightlight.store.circles import Change, ChangeKind, Import
from nightlight.store.entries import CheckInEntry, CircleEntry


def import_check_ins(entry: CircleEntry, run: Import) -> list[Change]:
    """What *entry* says of check-ins, inside a transaction the caller has open."""
    if not check_in_files.takes_check_ins(entry.person):
        # Undone by the person; or a dry run, in which the circle is gone again already.
        return [_change(ChangeKind.STAYS, entry, each, "") for each in entry.check_ins]
    changes = [change for each in entry.check_ins for change in _import_one(entry, each, run)]
    for check_in, key in check_in_files.not_in_file(
        entry.person, [each.id for each in entry.check_ins]
    ).items():
        changes.append(_absent(entry, check_in, key, run))
    if any(change.kind is not ChangeKind.STAYS for change in changes):
        check_in_files.shown_again(entry.person, run.now)
    return changes


def _import_one(circle: CircleEntry, entry: CheckInEntry, run: Import) -> list[Change]:
    brought = check_in_files.bring(circle.person, entry, run.now)
    _go_on(brought, run)
    if brought.stays:
        return [_change(ChangeKind.STAYS, circle, entry, f" {brought.stays}")]
    if brought.is_new:
        is_off = "" if entry.agreed_on else ", off until she switches it on"
        return [_change(ChangeKind.ADDED, circle, entry, is_off)]
    return (
        [_change(ChangeKind.CHANGED, circle, entry, f": {', '.join(brought.changed)}")]
        if brought.changed
        else []
    )


def _go_on(brought: Brought, run: Import) -> None:
    then = {
        Then.SWITCH_ON: partial(switch_on_within, brought.check_in, run.now),
        Then.SWITCH_OFF: partial(switch_off_within, brought.check_in, run.now),
        Then.PLAN_ANEW: partial(replan, brought.check_in, run.now),
    }
    if brought.then in then:
        then[brought.then]()


def _absent(circle: CircleEntry, check_in: str, key: str, run: Import) -> Change:
    name = f"check-in {key} of {circle.person}"
    if not run.prune:
        return Change(kind=ChangeKind.STAYS, what=f"{name} is not in the file; --prune would switch it off")
    check_in_files.end_agreement(check_in)
    switch_off_within(check_in, run.now)
    return Change(kind=ChangeKind.ENDED, what=name)


def _change(kind: ChangeKind, circle: CircleEntry, entry: CheckInEntry, more: str) -> Change:
    return Change(kind=kind, what=f"check-in {entry.id} of {circle.person}{more}")
