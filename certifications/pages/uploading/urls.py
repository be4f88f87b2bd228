"""Addresses of the pages of uploads, for whichever side puts them among its own, by the rights that it asks for."""

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import URLPattern, path

from certifications.people.permissions import Permission, requires
from portal.limits import exports, searches

from . import acts, listing, views


def upload_paths(*rights: Permission) -> list[URLPattern]:
    """The addresses below `uploads/`; one of the rights opens them."""

    def one(address: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        return path(f"uploads/{address}", requires(*rights)(view), name=name)

    return [
        one("", searches(listing.index), "uploads"),
        one("csv/", exports("uploads")(listing.export), "uploads-csv"),
        one("new/", views.new, "upload-new"),
        one("columns/<str:kind>/", views.memory, "upload-memory"),
        one("workbook/<str:kind>.xlsx", acts.template, "upload-workbook"),
        one("<str:number>/", views.detail, "upload"),
        one("<str:number>/columns/", views.columns, "upload-columns"),
        one("<str:number>/rows/", views.rows, "upload-rows"),
        one("<str:number>/again/", acts.again, "upload-again"),
        one("<str:number>/mend/", acts.mend, "upload-mend"),
        one("<str:number>/commit/", acts.commit, "upload-commit"),
        one("<str:number>/cancel/", acts.cancel, "upload-cancel"),
        one("<str:number>/undo/", acts.undo, "upload-undo"),
        one("<str:number>/answers.csv", acts.answers, "upload-answers"),
        one("<str:number>/rejected.<str:form>", acts.rejected, "upload-rejected"),
    ]
