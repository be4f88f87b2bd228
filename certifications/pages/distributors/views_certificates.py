"""Certificates from before the programme: kept as a reference, never shown as attestations."""

from django.contrib import messages
from django.db.models import QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from certifications.files.actions import read
from certifications.flow import first_day as flow
from certifications.ledger.actions import opened
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.ledger.queries import history
from certifications.pages.first_day import certificate_rows, certificates_csv
from certifications.pages.rights import put
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.people.queries import told_to
from certifications.programme import queries
from certifications.programme.models import OldCertificate
from portal.bodies import takes
from portal.downloads import attachment
from portal.limits import exports, searches
from portal.lists import page_of

from .forms_first_day import CertificateForm, PaperForm, WhyForm
from .forms_lists import CertificatesForm

NAMES = ("customer__party__names", "named__names")


def _listed(user: User, request: HttpRequest) -> tuple[CertificatesForm, QuerySet[OldCertificate]]:
    """(what is asked for, the certificates that were found)"""
    form = CertificatesForm(request.GET)
    found = queries.search_certificates(queries.with_word(queries.certificates_visible_to(user), form.get("state")), form.get("q"))
    if form.get("since"):
        found = found.filter(dated_on__gte=form.get("since"))
    if form.get("until"):
        found = found.filter(dated_on__lte=form.get("until"))
    return form, found.select_related("customer__party", "blob")


@requires(Permission.SEE_OWN_DECLARATIONS)
@searches
def index(request: HttpRequest) -> HttpResponse:
    """The distributor's old certificates."""
    user: User = request.user  # type: ignore[assignment]
    form, found = _listed(user, request)
    listed = page_of(request, form, visible=queries.certificates_visible_to(user), found=found)
    prefetch_related_objects(listed.rows, *NAMES)
    context = {"listed": listed, "rows": certificate_rows(listed.rows), "may_edit": may(user, Permission.EDIT_CUSTOMERS)}
    return render(request, "distributors/certificates.html", context)


@requires(Permission.SEE_OWN_DECLARATIONS)
@exports("certificates")
def export(request: HttpRequest) -> HttpResponse:
    """The list as it is narrowed and sorted, as CSV."""
    user: User = request.user  # type: ignore[assignment]
    if user.organisation is not None:
        opened(what="export", obj=user.organisation, by=user, data={"of": "certificates"})
    form, found = _listed(user, request)
    return certificates_csv(form.ordered(found))


@requires(Permission.EDIT_CUSTOMERS)
@takes(12)
def new(request: HttpRequest) -> HttpResponse:
    """Keep one."""
    user: User = request.user  # type: ignore[assignment]
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = CertificateForm(*sent, user=user, initial={"form_key": new_ulid()})
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = flow.keep_certificate(
                by=user, data=form.data_given(), content=file.read(), name=file.name or "", form_key=form.cleaned_data["form_key"]
            )
        except NotAllowed as error:
            put(form, error)
        else:
            messages.success(request, _("Kept as a reference. It is no attestation, and nothing is released on it."))
            return redirect("distributors:certificate", pk=made.pk)
    return render(request, "distributors/certificate_form.html", {"form": form}, status=422 if form.is_bound else 200)


def _certificate(user: User, pk: str) -> OldCertificate:
    return get_object_or_404(queries.certificates_visible_to(user).select_related("customer__party", "blob", "recorded_by"), pk=pk)


@requires(Permission.SEE_OWN_DECLARATIONS)
@takes(12)
def detail(request: HttpRequest, pk: str) -> HttpResponse:
    """One certificate; POST files its paper, where that has not come."""
    user: User = request.user  # type: ignore[assignment]
    certificate = _certificate(user, pk)
    may_edit = may(user, Permission.EDIT_CUSTOMERS) and certificate.withdrawn_at is None
    wants_paper = may_edit and certificate.blob is None
    sent = (request.POST, request.FILES) if request.method == "POST" and wants_paper else (None, None)
    form = PaperForm(*sent)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            flow.file_certificate(certificate=certificate, by=user, content=file.read(), name=file.name or "")
        except NotAllowed as error:
            put(form, error)
        else:
            messages.success(request, _("The paper is filed. The certificate is a reference, and no attestation."))
            return redirect("distributors:certificate", pk=pk)
    context = {
        "row": certificate_rows([certificate])[0],
        "may_withdraw": may_edit,
        "form": form if wants_paper else None,
        "events": told_to(user, history(certificate)),
    }
    return render(request, "distributors/certificate.html", context, status=422 if form.errors else 200)


@requires(Permission.SEE_OWN_DECLARATIONS)
def file(request: HttpRequest, pk: str) -> HttpResponse:
    """The paper as it was kept."""
    user: User = request.user  # type: ignore[assignment]
    certificate = _certificate(user, pk)
    if certificate.blob is None:
        raise Http404
    opened(what="file", obj=certificate, by=user)
    return attachment(read(certificate.blob), name=certificate.blob.name, media_type=certificate.blob.media_type)


@requires(Permission.EDIT_CUSTOMERS)
def withdraw(request: HttpRequest, pk: str) -> HttpResponse:
    """Take one out of use."""
    user: User = request.user  # type: ignore[assignment]
    certificate = _certificate(user, pk)
    form = WhyForm(request.POST or None)
    if form.is_valid():
        try:
            flow.withdraw_certificate(certificate=certificate, by=user, reason=form.cleaned_data["reason"])
        except NotAllowed as error:
            put(form, error)
        else:
            messages.success(request, _("It is withdrawn, and stays on record."))
            return redirect("distributors:certificate", pk=pk)
    context = {
        "title": _("Withdraw the certificate"),
        "text": _("%(n)s is no reference any more. It stays on record with your reason.") % {"n": certificate.number},
        "form": form,
        "action": _("Withdraw the certificate"),
        "back_url": reverse("distributors:certificate", args=[pk]),
        "danger": True,
    }
    return render(request, "components/confirm.html", context, status=422 if form.errors else 200)
