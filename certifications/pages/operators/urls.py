"""Addresses of the people who keep the installation running; the lists are open to leads and auditors too."""

from django.urls import path

from . import views_exceptions, views_health, views_lists, views_own, views_rescreening

app_name = "operators"
urlpatterns = [
    path("", views_health.health, name="health"),
    path("jobs/<str:job_id>/retry/", views_health.retry_job, name="retry"),
    path("rescreening/", views_rescreening.index, name="rescreenings"),
    path("rescreening/new/", views_rescreening.start, name="rescreening-new"),
    path("rescreening/<str:pk>/cancel/", views_rescreening.cancel, name="rescreening-cancel"),
    path("lists/", views_lists.index, name="lists"),
    path("lists/new/", views_own.new, name="list-new"),
    path("lists/<str:code>/", views_lists.detail, name="list"),
    path("lists/<str:code>/import/", views_lists.import_file, name="list-import"),
    path("lists/<str:code>/in-force/", views_lists.in_force, name="list-in-force"),
    path("lists/<str:code>/review/", views_own.review, name="list-review"),
    path("lists/<str:code>/csv/", views_own.download, name="list-csv"),
    path("lists/<str:code>/versions/<str:pk>/", views_exceptions.version, name="list-version"),
    path("lists/<str:code>/versions/<str:pk>/propose/", views_exceptions.propose, name="list-propose"),
    path("lists/<str:code>/versions/<str:pk>/agree/", views_exceptions.agree, name="list-agree"),
    path("lists/<str:code>/versions/<str:pk>/void/", views_exceptions.void, name="list-void"),
]
