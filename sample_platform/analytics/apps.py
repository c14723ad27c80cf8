"""The application's configuration."""

from __future__ import annotations

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """The application under its own label, wherever its package is installed."""

    name = __name__.rpartition(".")[0]
    label = "analytics"
    verbose_name = "Analytics"
