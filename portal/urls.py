"""Every address of the portal, by audience."""

from django.urls import include, path

from certifications.api.app import urls as api_urls
from portal.health import healthz, readyz
from portal.preferences import set_language, set_theme
from portal.start import closed, landing, start

handler400 = "portal.errors.bad_request"
handler403 = "portal.errors.forbidden"
handler404 = "portal.errors.not_found"
handler500 = "portal.errors.failed"

urlpatterns = [
    path("", landing, name="landing"),
    path("start/", start, name="start"),
    path("theme/", set_theme, name="set-theme"),
    path("language/", set_language, name="set-language"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("api/", api_urls),
    path("d/", include("certifications.pages.distributors.urls")),
    path("verify/", include("certifications.pages.public.urls")),
    path("channel/", include("certifications.pages.public.urls_channel")),
    path("confirm/", include("certifications.pages.public.urls_confirm")),
    path("c/", include("certifications.pages.compliance.urls")),
    path("r/", include("certifications.pages.regulators.urls")),
    path("o/", include("certifications.pages.operators.urls")),
    path("emergency/", include("certifications.pages.emergency.urls")),
    path("s/", include("certifications.pages.sales.urls")),
    path("orders/", include("certifications.pages.orders.urls")),
    path("programs/", include("certifications.pages.machines.urls")),
    path("", include("certifications.pages.people.urls")),
    # Addresses are the administrator's to give: nobody adds or removes one alone.
    path("account/email/", closed, name="email-closed"),
    path("account/", include("allauth.urls")),
]
