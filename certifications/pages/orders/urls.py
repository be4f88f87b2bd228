"""Addresses of orders, for the order desk, distributors and compliance alike: each sees its own."""

from django.urls import path

from . import views, views_csv

app_name = "orders"
urlpatterns = [
    path("", views.index, name="list"),
    path("check/", views.check, name="check"),
    path("export/", views_csv.export, name="export"),
    path("upload/", views.upload, name="upload"),
    path("<str:pk>/", views.detail, name="line"),
    path("<str:pk>/act/", views.act, name="act"),
]
