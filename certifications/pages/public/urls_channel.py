"""Addresses for anybody who meets the channel from outside, under /channel/."""

from django.urls import path

from . import views_check, views_tips

app_name = "channel"
urlpatterns = [
    path("check/", views_check.check, name="check"),
    path("tip/", views_tips.tip, name="tip"),
    path("tip/again/", views_tips.again, name="tip-again"),
]
