"""What a web server runs."""

from django.core.wsgi import get_wsgi_application

from nightlight import config
from nightlight.store.postgresql import ANSWER_SECONDS, answer_within

config.name_django_settings()
answer_within(ANSWER_SECONDS)
_all_others = get_wsgi_application()

from nightlight.web.machine_door import with_machine_door  # noqa: E402  (reads tables, so Django comes first)
from nightlight.web.numbers import numbers  # noqa: E402  (likewise)

application = with_machine_door(_all_others)

# Known from the start, should the database go away before the first page is shown.
numbers()
