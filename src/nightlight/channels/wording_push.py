"""The words on the buttons that some apps show beside a message. A press on one is an answer."""

from nightlight.channels.wording import translations


def answer_labels(language: str) -> tuple[str, str]:
    """What stands on the button for yes and on the one for no."""
    _ = translations(language).gettext
    return _("Yes, I can"), _("Not now")
