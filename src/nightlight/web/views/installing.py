"""What a phone needs in order to keep the service beside its other things, under a neutral name.

And what it shows of it while there is no network.
"""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils import translation

from nightlight import config
from nightlight.engine.needs import Need
from nightlight.web import kept
from nightlight.web.rendering import Page, render
from nightlight.web.requests import methods
from nightlight.web.views.caller import Doing

ROOM_LIGHT = "#f6f1e6"
ICON_SIZES = (192, 512)


@methods("GET", "HEAD")
def manifest(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The web app manifest. It opens on the person's own first page."""
    name = config.current().name
    shown = {
        "name": name,
        "short_name": name,
        "id": "/home",
        "start_url": "/home",
        "scope": "/",
        "display": "standalone",
        "background_color": ROOM_LIGHT,
        "theme_color": ROOM_LIGHT,
        "icons": [
            {
                "src": static(f"icon-{size}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for size in ICON_SIZES
            for purpose in ("any", "maskable")
        ],
    }
    return HttpResponse(json.dumps(shown), content_type="application/manifest+json")


@methods("GET", "HEAD")
def service_worker(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The program a browser keeps: for our messages, and for a night without a network. At the root, for all pages."""
    return HttpResponse(kept.program(), content_type="text/javascript; charset=utf-8")


@methods("GET", "HEAD")
def offline(request: HttpRequest) -> HttpResponse:
    """What stands in for a page of the person's while there is no network. Nothing personal is in it.

    It is the same for everybody who reads `?language=…`; without that, what the browser asks for.
    """
    wanted = request.GET.get("language", "")
    language = wanted if wanted in dict(settings.LANGUAGES) else translation.get_language()
    with translation.override(language):
        page = Page(template="offline.html", context={"do": Doing.RAISE, "after": "", "needs": tuple(Need)})
        return kept.may_be_kept(render(page))
