"""Addresses about people: one's organisation, invitations, and the demonstration's helpers."""

from django.urls import path

from . import views, views_appointments, views_delegations, views_demo, views_leave

app_name = "people"
urlpatterns = [
    path("people/", views.people, name="own"),
    path("people/invite/", views.invite, name="invite"),
    path("people/invitations/<str:pk>/revoke/", views.revoke, name="revoke"),
    path("people/memberships/<str:pk>/end/", views.end, name="end"),
    path("people/appointments/", views_appointments.index, name="appointments"),
    path("people/appointments/<str:pk>/agree/", views_appointments.agree, name="appointment-agree"),
    path("people/appointments/<str:pk>/void/", views_appointments.void, name="appointment-void"),
    path("people/delegations/", views_delegations.index, name="delegations"),
    path("people/delegations/export/", views_delegations.export, name="delegations-csv"),
    path("people/delegations/new/", views_delegations.new, name="delegation-new"),
    path("people/delegations/<str:number>/", views_delegations.detail, name="delegation"),
    path("people/delegations/<str:number>/paper/", views_delegations.paper, name="delegation-paper"),
    path("people/delegations/<str:number>/accept/", views_delegations.accept, name="delegation-accept"),
    path("people/delegations/<str:number>/agree/", views_delegations.agree, name="delegation-agree"),
    path("people/delegations/<str:number>/void/", views_delegations.void, name="delegation-void"),
    path("people/delegations/<str:number>/end/", views_delegations.end, name="delegation-end"),
    path("people/leave/", views_leave.index, name="leave"),
    path("people/leave/new/", views_leave.new, name="leave-new"),
    path("people/leave/<str:pk>/end/", views_leave.end, name="leave-end"),
    path("welcome/<str:token>/", views.welcome, name="welcome"),
    path("mailbox/", views_demo.mailbox, name="mailbox"),
    path("demo/codes/", views_demo.codes, name="demo-codes"),
]
