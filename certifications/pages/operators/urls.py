"""Addresses of the people who keep the installation running; the lists are open to leads and auditors too."""

from django.urls import path

from . import views_health, views_lists

app_name = "operators"
urlpatterns = [
    path("", views_health.health, name="health"),
    path("jobs/<str:job_id>/retry/", views_health.retry_job, name="retry"),
    path("lists/", views_lists.index, name="lists"),
    path("lists/<str:code>/", views_lists.detail, name="list"),
    path("lists/<str:code>/import/", views_lists.import_file, name="list-import"),
    path("lists/<str:code>/in-force/", views_lists.in_force, name="list-in-force"),
]
