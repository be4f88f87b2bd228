#!/usr/bin/env python3
"""Django's command line for the portal. `./dev manage ...` runs it with the servers it needs."""

import os
import sys

from portal.env import FILE_COMMANDS


def main() -> None:
    if sys.argv[1:2] and sys.argv[1] in FILE_COMMANDS:
        os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings_files"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
