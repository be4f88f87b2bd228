"""Addresses of an organisation's programs and of the addresses that are told of changes."""

from django.urls import path

from . import views

app_name = "programs"
urlpatterns = [
    path("", views.index, name="list"),
    path("new/", views.new_client, name="client-new"),
    path("<str:pk>/revoke/", views.revoke, name="client-revoke"),
    path("webhooks/new/", views.new_webhook, name="webhook-new"),
    path("webhooks/<str:pk>/", views.webhook, name="webhook"),
    path("webhooks/<str:pk>/remove/", views.remove, name="webhook-remove"),
    path("webhooks/<str:pk>/enable/", views.enable, name="webhook-enable"),
]
