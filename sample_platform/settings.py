"""The project's settings; what differs between deployments comes from the environment."""

from __future__ import annotations

import os

import dj_database_url
from django.core.management.utils import get_random_secret_key

from foundation.default_ports import CHATBOT, on_loopback
from platform_client import environment

PACKAGE = __name__.rpartition(".")[0]

# The chatbot, as the contract names it.

CHATBOT_DEEP_STREAM_URL = (
    environment.chatbot_url(os.environ) or f"http://{on_loopback(CHATBOT)}/api/v1/stream"
)

CHATBOT_POLL_INTERVAL = environment.poll_interval(os.environ)
"""Seconds between the polls of a job."""

MAX_POLL_TIMEOUT_SECONDS = environment.max_poll_time(os.environ)
"""Seconds until polling ends."""

CHAT_HEARTBEAT_SECONDS = environment.positive(os.environ, "CHAT_HEARTBEAT_SECONDS", 120.0)
"""Seconds without an event after which the page gets a heartbeat."""

CHAT_QUEUE_SIZE = 100
"""Events that wait for a page that reads slowly."""

CHAT_QUEUE_BYTES = 4 << 20
"""Bytes that those events have together."""

CHAT_LIMIT = 200
"""Chats that run at once, a thread each; who asks for another is told to come back."""

# Django.

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY") or get_random_secret_key()
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *os.environ.get("DJANGO_ALLOWED_HOSTS", "").split()]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    f"{PACKAGE}.analytics",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = f"{PACKAGE}.urls"
ASGI_APPLICATION = f"{PACKAGE}.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": dj_database_url.config(default="sqlite:///platform.sqlite3")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Many chats end at once: writers wait for each other instead of failing, and readers wait for none.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LOGIN_REDIRECT_URL = "assistant"
LOGOUT_REDIRECT_URL = "assistant"

STATIC_URL = "static/"
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": f"{PACKAGE}.logs.PlatformLogFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        name: {"level": os.environ.get("DJANGO_LOG_LEVEL", "INFO")}
        for name in ("analytics", "platform_client")
    }
    # Django's own handlers would write each line a second time.
    | {"django": {"handlers": [], "level": "WARNING"}},
}
