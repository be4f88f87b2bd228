"""Addresses of the manufacturer's sales people."""

from django.urls import path

from . import views

app_name = "sales"
urlpatterns = [
    path("", views.index, name="distributors"),
    path("<str:pk>/", views.detail, name="distributor"),
    path("<str:pk>/export/", views.export, name="export"),
]
