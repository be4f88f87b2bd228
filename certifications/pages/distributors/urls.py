"""Addresses of a distributor's people."""

from django.urls import path

from . import views_customers, views_declarations, views_enduser, views_home, views_resellers, views_rights, views_sign

app_name = "distributors"
urlpatterns = [
    path("", views_home.home, name="home"),
    path("customers/", views_customers.index, name="customers"),
    path("customers/new/", views_customers.new, name="customer-new"),
    path("customers/export/", views_customers.export, name="customers-export"),
    path("customers/<str:pk>/", views_customers.detail, name="customer"),
    path("customers/<str:pk>/edit/", views_customers.edit, name="customer-edit"),
    path("declarations/", views_declarations.index, name="declarations"),
    path("declarations/new/", views_declarations.new, name="declaration-new"),
    path("declarations/export/", views_declarations.export, name="declarations-export"),
    path("declarations/<str:number>/", views_declarations.detail, name="declaration"),
    path("declarations/<str:number>/edit/", views_declarations.edit, name="declaration-edit"),
    path("declarations/<str:number>/withdraw/", views_declarations.withdraw, name="declaration-withdraw"),
    path("declarations/<str:number>/reopen/", views_declarations.reopen, name="declaration-reopen"),
    path("declarations/<str:number>/sign/", views_sign.sign, name="declaration-sign"),
    path("declarations/<str:number>/objection/", views_sign.objection, name="declaration-objection"),
    path("declarations/<str:number>/receipt.<str:kind>", views_sign.receipt, name="receipt"),
    path("declarations/<str:number>/attestation.pdf", views_sign.attestation, name="attestation"),
    path("declarations/<str:number>/end-user/", views_enduser.detail, name="end-user"),
    path("declarations/<str:number>/end-user/ask/", views_enduser.ask, name="end-user-ask"),
    path("declarations/<str:number>/end-user/revoke/", views_enduser.revoke, name="end-user-revoke"),
    path("declarations/<str:number>/end-user/print/", views_enduser.print_statement, name="end-user-print"),
    path("declarations/<str:number>/end-user/statement.pdf", views_enduser.statement, name="end-user-statement"),
    path("declarations/<str:number>/end-user/scan/", views_enduser.file_scan, name="end-user-scan"),
    path("declarations/<str:number>/end-user/scan/<str:pk>/check/", views_enduser.check, name="end-user-check"),
    path("declarations/<str:number>/end-user/scan/<str:pk>/<str:position>/", views_enduser.scan, name="end-user-file"),
    path("questions/<str:pk>/", views_home.question, name="question"),
    path("attestations/", views_home.attestations, name="attestations"),
    path("rights/", views_rights.index, name="rights"),
    path("rights/nominate/", views_resellers.new, name="nominate"),
    path("rights/nominations/<str:number>/", views_resellers.detail, name="nomination"),
    path("rights/nominations/<str:number>/accept/", views_resellers.accept, name="nomination-accept"),
    path("rights/nominations/<str:number>/paper/", views_resellers.file_paper, name="nomination-file"),
    path("rights/nominations/<str:number>/withdraw/", views_resellers.withdraw, name="nomination-withdraw"),
    path("rights/<str:number>/", views_rights.detail, name="right"),
]
