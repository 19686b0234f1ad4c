"""Times and lists of names, as sentences need them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from nightlight.channels.registry import page_word
from nightlight.web import channels_page

register = template.Library()


@register.simple_tag(takes_context=True)
def clock(context: dict[str, Any], at: datetime) -> SafeString:
    """The reader's own clock time of *at*; with the day when that is not today."""
    local = timezone.localtime(at)
    now = context.get("now")
    is_today = now is not None and timezone.localtime(now).date() == local.date()
    words = date_format(local, "H:i") if is_today else date_format(local, "D j M, H:i")
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), words)


@register.filter
def names(people: Iterable[str]) -> str:
    """One name, or several as a sentence lists them: Sam, Bo and Kit."""
    *most, last = list(people) or [""]
    if not most:
        return last
    return _("%(most)s and %(last)s") % {"most": ", ".join(most), "last": last}


@register.filter
def way_word(channel: str) -> str:
    """The page's word for a kind of way: text, email."""
    return page_word(channel)


@register.filter
def trouble_word(reason: str) -> str:
    """Which plain sentence a provider's code stands for."""
    return channels_page.trouble_word(reason)
