#!/usr/bin/env python
"""Django's command line, with this project's settings."""

import io
import os
import sys

from segmind_site.env import hide_secrets

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmind_site.settings")
    # runserver starts itself again, with this environment. It hides them then, in wsgi.py.
    if "runserver" not in sys.argv:
        hide_secrets()
    # A terminal may lack the letters of a name.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
