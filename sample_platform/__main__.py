"""Django's command line for this project: `python -m sample_platform migrate`, `createsuperuser`, `shell` ..."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"{__package__}.settings")
execute_from_command_line(sys.argv)
