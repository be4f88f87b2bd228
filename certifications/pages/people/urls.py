"""Addresses about people: one's organisation, invitations, and the demonstration's helpers."""

from django.urls import path

from . import views, views_demo

app_name = "people"
urlpatterns = [
    path("people/", views.people, name="own"),
    path("people/invite/", views.invite, name="invite"),
    path("people/invitations/<str:pk>/revoke/", views.revoke, name="revoke"),
    path("people/memberships/<str:pk>/end/", views.end, name="end"),
    path("welcome/<str:token>/", views.welcome, name="welcome"),
    path("mailbox/", views_demo.mailbox, name="mailbox"),
    path("demo/codes/", views_demo.codes, name="demo-codes"),
]
