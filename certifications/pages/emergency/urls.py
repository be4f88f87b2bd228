"""Addresses of emergency access, the same for who asks, who agrees, and who is told."""

from django.urls import path

from . import views

app_name = "emergency"
urlpatterns = [
    path("", views.index, name="list"),
    path("new/", views.new, name="new"),
    path("<str:pk>/", views.detail, name="access"),
    path("<str:pk>/agree/", views.agree, name="agree"),
    path("<str:pk>/void/", views.void, name="void"),
    path("<str:pk>/close/", views.close, name="close"),
    path("<str:pk>/look/", views.look, name="look"),
]
