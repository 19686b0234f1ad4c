"""Planted faults of the modelled shell about phones that ring and that nobody answers; see `mutants_rules`."""

from nightlight.engine.events import Acknowledged
from nightlight.simulator.modelled_outbox import At
from nightlight.simulator.modelled_senders import Settled, Shell, State, with_row


class MissedIsOnlyNoted(Shell):
    """That nobody answered a phone is filed; had the provider not accepted the call."""

    def missed(self, state: State, person: int, way: int) -> Settled:
        after, _ = super().missed(state, person, way)
        return after, None


class MissedIsTheEnd(Shell):
    """A phone that nobody answered rings no second time."""

    def missed(self, state: State, person: int, way: int) -> Settled:
        after, event = super().missed(state, person, way)
        row = after.people[person].rows[way]
        return with_row(after, person, way, row._replace(at=At.SETTLED)), event


class RingsUntilSomebodyAnswers(Shell):
    """A phone that nobody answers rings and rings."""

    def missed(self, state: State, person: int, way: int) -> Settled:
        after, event = super().missed(state, person, way)
        row = after.people[person].rows[way]
        return with_row(after, person, way, row._replace(at=At.PLANNED)), event


class PickedUpIsAYes(Shell):
    """A call that a voicemail took is taken for a yes."""

    def missed(self, state: State, person: int, way: int) -> Settled:
        after, _ = super().missed(state, person, way)
        return after, Acknowledged(person=self.names[person])
