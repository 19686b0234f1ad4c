"""Every address there is. None ends with a slash."""

from django.urls import path

from nightlight.web.views import (
    answer,
    api,
    caller,
    circle,
    desk,
    errors,
    health,
    here,
    home,
    hooks,
    invitation,
    inviting,
    keeping_away,
    ladder,
    metrics,
    now,
    practice,
    proving,
    seen,
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
    path("home", home.home),
    path("home/now", home.home_now),
    path("circle", circle.circle),
    path("circle/members/<int:number>", circle.member),
    path("ladder", ladder.ladder),
    path("never", keeping_away.never),
    path("here", here.here),
    path("seen", seen.seen),
    path("p/<token>", proving.proof),
    path("practice", practice.practice),
    path("i/<token>", invitation.invitation),
    path("i/<token>/ways", invitation.ways),
    path("circle/invite", inviting.inviting),
    path("circle/invitations/<call:id>", inviting.invitation),
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
