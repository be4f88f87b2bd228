"""Compiles the loops of the name search ahead of the first query, for an image or an installation that starts at once."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from certifications.matching import Entry, build_index, match_many


class Command(BaseCommand):
    """Takes about a quarter of a minute the first time, and nothing where the code is kept already."""

    help = "Compile the loops of the name search ahead of the first query."
    requires_system_checks = ()

    def handle(self, *_args: object, **_options: Any) -> None:
        """Asks a small index for a company and a person in both scripts: every loop runs once."""
        names = ("博瑞生物科技有限公司", "Borui Biotech Co., Ltd."), ("李嘉诚", "Lee Ka-shing")
        index = build_index([Entry("company", "Company", names[0]), Entry("person", "Person", names[1])])
        list(match_many([name for some in names for name in some], index))
        self.stderr.write(_("The name search is compiled."))
