"""Names of the countries that forms offer, by their ISO 3166 code."""

from typing import Any

from django.utils.translation import gettext_lazy as _

COUNTRIES: dict[str, Any] = {
    "CN": _("China"), "HK": _("Hong Kong"), "MO": _("Macao"), "TW": _("Taiwan"), "SG": _("Singapore"), "MY": _("Malaysia"),
    "TH": _("Thailand"), "VN": _("Viet Nam"), "KR": _("Korea"), "JP": _("Japan"), "IN": _("India"), "KZ": _("Kazakhstan"),
    "AE": _("United Arab Emirates"), "DE": _("Germany"), "FR": _("France"), "CH": _("Switzerland"), "GB": _("United Kingdom"),
    "US": _("United States"),
}  # fmt: skip
# Where owners are at home besides.
FURTHER: dict[str, Any] = {
    "VG": _("British Virgin Islands"), "KY": _("Cayman Islands"), "BM": _("Bermuda"), "LU": _("Luxembourg"), "NL": _("Netherlands"),
    "IE": _("Ireland"), "CA": _("Canada"), "AU": _("Australia"), "RU": _("Russia"),
}  # fmt: skip
