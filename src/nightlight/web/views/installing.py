"""What a phone needs to know in order to keep the service beside its other things, under a neutral name."""

import json
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static

from nightlight import config
from nightlight.web.requests import methods

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
    """The program a browser keeps, to show our messages while no page is open. At the root, for all pages."""
    found = finders.find("sw.js")
    assert isinstance(found, str)
    return HttpResponse(Path(found).read_bytes(), content_type="text/javascript; charset=utf-8")
