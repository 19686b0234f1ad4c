"""Every address there is. None ends with a slash."""

from django.urls import path

from nightlight.web.views import (
    account,
    account_keys,
    answer,
    api,
    caller,
    desk,
    desk_people,
    errors,
    health,
    hooks,
    installing,
    leaving,
    metrics,
    now,
    signing_in,
    starting,
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
    path("desk", desk.desk),
    path("desk/calls/<call:id>", desk.call),
    path("desk/sign-in", desk_people.sign_in),
    path("desk/people", desk_people.people),
    path("desk/<token>", desk.open_desk),
    path("start", starting.open_start),
    path("start/<token>", starting.start),
    path("sign-in", signing_in.sign_in),
    path("sign-in/passkey", signing_in.passkey_options),
    path("sign-in/code", signing_in.code),
    path("sign-in/help", signing_in.way_on),
    path("sign-out", signing_in.sign_out),
    path("exit", leaving.leave),
    path("me", account.me),
    path("me/exit", account.about_exit),
    path("me/language", account.language),
    path("me/passphrase", account_keys.passphrase),
    path("me/passkeys", account_keys.passkeys),
    path("me/passkeys/<id>", account_keys.passkey),
    path("me/code", account_keys.code),
    path("me/sessions", account.sessions),
    path("manifest.webmanifest", installing.manifest),
    path("try", trying.wall),
    path("try/now", trying.wall_now),
    path("hooks/<channel>/<provider>/<secret>", hooks.hook),
    path("api/v1/calls", api.calls),
    path("api/v1/calls/<call:id>", api.call),
]

handler400 = errors.bad_request
handler404 = errors.not_found
handler500 = errors.server_error
