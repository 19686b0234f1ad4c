"""What a night met, read from what is kept of it at the end."""

from collections.abc import Iterator

from nightlight.store.models import Attempt, Notification, TimelineEntry


def met() -> Iterator[str]:
    """What is worth counting, each once."""
    for what in TimelineEntry.objects.values_list("what", flat=True).distinct():
        yield f"timeline: {what}"
    for outcome in Attempt.objects.exclude(outcome="").values_list("outcome", flat=True).distinct():
        yield f"outcome: {outcome}"
    if Attempt.objects.filter(reason="lapsed").exists():
        yield "a lease lapsed"
    if Notification.objects.filter(merged__isnull=False).exists() or _were_merged():
        yield "two people, one telephone, one message"
    if Notification.objects.filter(message__lt=0, purpose="ask").exists():
        yield "a call in trouble was asked for by the fixed road"


def _were_merged() -> bool:
    tokens = list(Attempt.objects.values_list("lease_token", flat=True))
    return len(tokens) != len(set(tokens))
