"""Addresses of the compliance team."""

from django.urls import path

from . import views_attestations, views_cases, views_declarations, views_evidence, views_queue, views_release

app_name = "compliance"
urlpatterns = [
    path("", views_queue.queue, name="queue"),
    path("declarations/<str:number>/", views_declarations.detail, name="declaration"),
    path("declarations/<str:number>/answer/", views_declarations.answer, name="declaration-answer"),
    path("cases/<str:number>/assign/", views_cases.assign, name="assign"),
    path("cases/<str:number>/decide/", views_cases.decide, name="decide"),
    path("cases/<str:number>/agree/", views_cases.agree, name="agree"),
    path("cases/<str:number>/disagree/", views_cases.disagree, name="disagree"),
    path("cases/<str:number>/ask/", views_cases.ask, name="ask"),
    path("cases/<str:number>/unask/", views_cases.unask, name="unask"),
    path("cases/<str:number>/reopen/", views_cases.reopen, name="reopen"),
    path("evidence/", views_evidence.index, name="evidence"),
    path("evidence/new/", views_evidence.new, name="evidence-new"),
    path("evidence/<str:number>/", views_evidence.detail, name="evidence-detail"),
    path("evidence/<str:number>/withdraw/", views_evidence.withdraw, name="evidence-withdraw"),
    path("evidence/<str:number>/source/", views_evidence.source, name="evidence-source"),
    path("release/", views_release.release, name="release"),
    path("attestations/", views_attestations.index, name="attestations"),
    path("attestations/<str:number>/", views_attestations.detail, name="attestation"),
    path("attestations/<str:number>/change/", views_attestations.propose, name="attestation-change"),
    path("attestations/<str:number>/agree/", views_attestations.agree, name="attestation-agree"),
    path("attestations/<str:number>/void/", views_attestations.void, name="attestation-void"),
    path("attestations/<str:number>/pdf/", views_attestations.pdf, name="attestation-pdf"),
]
