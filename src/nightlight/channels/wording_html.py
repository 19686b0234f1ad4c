"""The words of a mail as a simple page: the same words, nothing to load from anywhere, light and dark."""

import html
import re

from nightlight.channels.wording import translations

MAIL_KINDS = frozenset({"smtp"})
"""The kinds of way that can show a page."""

_LINK = re.compile(r"https?://\S+")

_PAGE = """\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{subject}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0 auto; padding: 1rem; max-width: 34rem; font: 1.0625rem/1.5 system-ui, sans-serif; }}
p {{ margin: 0 0 1rem; overflow-wrap: anywhere; }}
a {{ color: #1a4f8b; font-weight: 600; }}
@media (prefers-color-scheme: dark) {{ a {{ color: #9cc4f2; }} }}
</style>
</head>
<body>
{paragraphs}
</body>
</html>
"""


def as_page(subject: str, text: str, language: str) -> str:
    """*text* as a page: a paragraph for each of its paragraphs, its links ready to be tapped.

    Whatever stands in *text* stays text, for names in it are written by people.
    """
    paragraphs = [part for part in re.split(r"\n\s*\n", text.strip()) if part.strip()]
    # Words without a translation are English, whatever the reader speaks.
    spoken = translations(language).info().get("language", "en").replace("_", "-") or "en"
    return _PAGE.format(
        language=html.escape(spoken),
        subject=html.escape(subject),
        paragraphs="\n".join(f"<p>{_lines(part)}</p>" for part in paragraphs),
    )


def _lines(paragraph: str) -> str:
    return "<br>\n".join(_with_links(line) for line in paragraph.split("\n"))


def _with_links(line: str) -> str:
    made, end = [], 0
    for link in _LINK.finditer(line):
        shown = html.escape(link.group())
        made += [html.escape(line[end : link.start()]), f'<a href="{shown}">{shown}</a>']
        end = link.end()
    return "".join([*made, html.escape(line[end:])])
