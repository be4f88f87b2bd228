"""Addresses for anybody who meets the channel from outside, under /channel/."""

from django.urls import path

from . import views_check

app_name = "channel"
urlpatterns = [path("check/", views_check.check, name="check")]
