"""Addresses of public verification, under /verify/."""

from django.urls import path

from . import views

app_name = "public"
urlpatterns = [
    path("", views.verify, name="verify"),
    path("<str:number>/", views.verify_number, name="verify-number"),
]
