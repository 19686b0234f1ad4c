"""Every address there is. None ends with a slash."""

from django.urls import path

from nightlight.web.views import (
    answer,
    api,
    caller,
    desk,
    errors,
    health,
    hooks,
    metrics,
    now,
    own_ways,
    supporter,
    supporter_more,
    trying,
)

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
    path("a/<token>", answer.answer),
    path("a/<token>/now", now.answer),
    path("m/<token>", caller.caller),
    path("m/<token>/now", now.caller),
    path("s", supporter.ask),
    path("s/<token>", supporter.page),
    path("s/<token>/circles/<int:id>", supporter.circle),
    path("s/<token>/circles/<int:id>/thinking", supporter.thinking),
    path("s/<token>/ways", own_ways.ways),
    path("s/<token>/night", supporter_more.night),
    path("s/<token>/kept", supporter_more.kept),
    path("s/<token>/kept/data", supporter_more.kept_data),
    path("s/<token>/own", supporter_more.own_circle),
    path("s/<token>/about", supporter_more.about_me),
    path("me/ways", own_ways.my_ways),
    path("desk", desk.desk),
    path("desk/calls/<call:id>", desk.call),
    path("desk/<token>", desk.open_desk),
    path("try", trying.wall),
    path("try/now", trying.wall_now),
    path("hooks/<channel>/<provider>/<secret>", hooks.hook),
    path("api/v1/calls", api.calls),
    path("api/v1/calls/<call:id>", api.call),
]

handler400 = errors.bad_request
handler404 = errors.not_found
handler500 = errors.server_error
