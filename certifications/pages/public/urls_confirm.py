"""The address behind an end user's one-time link, under /confirm/."""

from django.urls import path

from . import views_confirm

app_name = "enduser"
urlpatterns = [path("<str:token>/", views_confirm.confirm, name="confirm")]
