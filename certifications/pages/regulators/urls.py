"""Addresses of regulators, under /r/. None of them changes anything."""

from django.urls import path

from . import views

app_name = "regulators"
urlpatterns = [
    path("", views.attestations, name="attestations"),
    path("export/", views.export, name="export"),
    path("lookups/", views.lookups, name="lookups"),
    path("<str:number>/", views.attestation, name="attestation"),
    path("<str:number>/pdf/", views.pdf, name="pdf"),
]
