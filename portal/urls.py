"""Every address of the portal, by audience."""

from django.urls import include, path

urlpatterns = [
    path("account/", include("allauth.urls")),
]
