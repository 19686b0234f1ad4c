"""What a web server runs."""

from django.core.wsgi import get_wsgi_application

from nightlight import config

config.name_django_settings()
application = get_wsgi_application()

from nightlight.web.numbers import numbers  # noqa: E402  (reads tables, so Django comes first)

# Known from the start, should the database go away before the first page is shown.
numbers()
