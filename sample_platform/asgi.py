"""The application for an ASGI server.

Over WSGI, Django would collect a stream before it sends any of it; `runserver` is WSGI.
"""

from __future__ import annotations

import os

from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"{__package__}.settings")

# The files of the page and of the admin come from the application itself, so that there is nothing to deploy.
application = ASGIStaticFilesHandler(get_asgi_application())
