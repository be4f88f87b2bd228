"""Release: what is ready, each row shown with what keeps it back, if anything; a person releases one or many."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from certifications.declarations.models import Declaration
from certifications.declarations.queries import others_named
from certifications.declarations.queries_enduser import assurances
from certifications.flow import release as flow
from certifications.ledger.listed import listed
from certifications.ledger.moves import NotAllowed
from certifications.letters.models import Letter
from certifications.pages.factor import factor_of
from certifications.parties.queries import display
from certifications.people.factors import FactorRefused, begin
from certifications.people.models import User
from certifications.people.permissions import Permission, requires

MOST = 100


@requires(Permission.RELEASE)
def release(request: HttpRequest) -> HttpResponse:
    """GET: the rows. POST step=choose: the chosen rows and their digest. POST step=release: with a second factor."""
    user: User = request.user  # type: ignore[assignment]
    ready = list(
        Declaration.objects.filter(status=Declaration.Status.READY)
        .select_related("organisation__party", "customer__party")
        .order_by("created_at")[:MOST]
    )
    heard = assurances(ready)
    rows = [
        {
            "declaration": d,
            "version": (version := flow.current_version(d)),
            "name": display(d.customer.party),
            "others": others_named(version),
            "problem": flow.problem_with(d),
            "assurance": heard[d.pk],
        }
        for d in ready
    ]
    context: dict[str, object] = {"rows": rows, "releasable": sum(not row["problem"] for row in rows)}
    context["letters"] = Letter.objects.filter(status=Letter.Status.WAITING).count()
    issuing = Declaration.objects.filter(status__in=["issuing", "pending_timestamp"]).select_related("organisation")
    context["issuing"] = issuing.order_by("created_at")[:MOST]
    status = 200
    if request.method == "POST":
        numbers = request.POST.getlist("number")[:MOST]
        chosen = [row["declaration"] for row in rows if row["declaration"].number in numbers]
        context |= {"chosen": [row for row in rows if row["declaration"].number in numbers]}
        if not chosen:
            context["error"] = _("Choose at least one declaration to release.")
            status = 422
        elif request.POST.get("step") == "release":
            try:
                made = flow.release(
                    declarations=chosen,
                    by=user,
                    digest=request.POST.get("digest", ""),
                    **factor_of(request),
                )
            except (NotAllowed, FactorRefused) as error:
                context["error"] = str(error)
                status = 422
            else:
                messages.success(
                    request, _("Released: %(n)s. The workers write and seal them now.") % {"n": listed(d.number for d in chosen)}
                )
                assert len(made) == len(chosen)  # noqa: S101 - all or none
                return redirect("compliance:release")
        if chosen:
            context["digest"] = flow.release_digest(chosen)
            context["passkey"] = begin(user, flow.release_digest(chosen), request.session)
    return render(request, "compliance/release.html", context, status=status)
