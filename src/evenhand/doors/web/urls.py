"""Addresses of the public site, staff sign-in and console. /log/, /static/ and /healthz are answered in `wsgi`."""

from contextlib import suppress
from datetime import date

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path, register_converter
from django.views.generic import RedirectView

from evenhand.doors.web import (
    approvals,
    authorities,
    casework,
    conduct,
    console,
    contact,
    contract,
    deliveries,
    desk_rules,
    downloads,
    errors,
    legal,
    matters,
    public,
    quality,
    queues,
    reporting,
    searching,
    together,
)
from evenhand.doors.web.assets import asset_url
from evenhand.doors.web.openid import views as openid


class DayConverter:
    """A day as YYYY-MM-DD; what is no day is no page."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """Return the day; a ValueError means: no such page."""
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        """Return the day as it stands in an address."""
        return value.isoformat()


with suppress(ValueError):  # registered already: the module was loaded twice
    register_converter(DayConverter, "day")

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.failed

urlpatterns = [
    path("", public.home, name="home"),
    path("days/", public.archive, name="days"),
    path("days/<day:day>/", public.day, name="day"),
    path("reports/daily/<day:day>.<slug:ending>", downloads.report, name="report"),
    path("data/", public.data, name="data"),
    path("data/daily.csv", downloads.series_csv, name="series_csv"),
    path("data/daily.json", downloads.series_json, name="series_json"),
    path("verify/", public.verify, name="verify"),
    path("principles", conduct.principles, name="principles"),
    path("rules", desk_rules.desk_rules, name="desk_rules"),
    path("held", conduct.held, name="held"),
    path("contact", contact.contact, name="contact"),
    path("contact.json", contact.contact_json, name="contact_json"),
    path("report", reporting.report, name="report_form"),
    path("follow/", matters.ask, name="follow"),
    path("follow/<str:reference>/", matters.matter, name="matter"),
    path("follow/<str:reference>/<slug:name>", matters.matter_file, name="matter_file"),
    path("matter/<str:reference>", matters.old_link, name="matter_link"),
    path("authorities/", authorities.portal, name="authorities"),
    path("authorities/submit/<slug:instrument>/", authorities.submit, name="authority_submit"),
    path("authorities/enrol/", authorities.enrol, name="authority_enrol"),
    path("authorities/vouch/<slug:reference>/<slug:secret>", authorities.vouch_page, name="authority_vouch"),
    path("authorities/follow/", authorities.find, name="authority_find"),
    path("authorities/follow/<slug:reference>", authorities.follow_page, name="authority_follow"),
    path("authorities/follow/<slug:reference>/receipt", authorities.receipts, name="authority_receipt"),
    path("favicon.ico", RedirectView.as_view(url=asset_url("mark.svg"))),
    path("sitemap.xml", downloads.sitemap, name="sitemap"),
    path("robots.txt", downloads.robots, name="robots"),
    path(".well-known/security.txt", downloads.security_txt, name="security_txt"),
    path("openapi.json", contract.openapi, name="openapi"),
    path("api/v1/", contract.api.urls),
    path("console/", queues.overview, name="console"),
    path("console/next/", queues.take_next, name="console_next"),
    path("console/queues/<slug:name>/", queues.queue, name="console_queue"),
    path("console/campaigns/", queues.campaigns, name="console_campaigns"),
    path("console/campaigns/<slug:name>/", queues.campaign, name="console_campaign"),
    path("console/search/", searching.find, name="console_search"),
    path("console/search/keep/", searching.keep, name="console_search_save"),
    path("console/together/", together.begin, name="console_bulk_begin"),
    path("console/together/<slug:name>/", together.bulk, name="console_bulk"),
    path("console/together/<slug:name>/<slug:what>/", together.act, name="console_bulk_act"),
    path("console/rest/", queues.rest, name="console_rest"),
    path("console/keys/", queues.keys, name="console_keys"),
    path("console/case/<str:reference>/", casework.case, name="console_case"),
    path("console/case/<str:reference>/open/", casework.open_for, name="console_open"),
    path("console/case/<str:reference>/decide/", casework.decide, name="console_decide"),
    path("console/case/<str:reference>/files/<int:number>/", casework.attachment, name="console_file"),
    path("console/case/<str:reference>/<slug:name>/", casework.act, name="console_act"),
    path("console/quality/", quality.quality, name="console_quality"),
    path("console/quality/known/", quality.hide_known, name="console_quality_known"),
    path("console/quality/double/", quality.draw, name="console_quality_double"),
    path("console/days/", console.console_days, name="console_days"),
    path("console/days/<day:day>/", console.console_day, name="console_day"),
    path("console/decisions/<int:number>/", console.console_decision, name="console_decision"),
    path("console/find/", console.console_find, name="console_find"),
    path("console/deliveries/", deliveries.overview, name="console_deliveries"),
    path("console/deliveries/<slug:what>/", deliveries.act, name="console_deliveries_act"),
    path("console/approvals/", approvals.queue, name="console_approvals"),
    path("console/approvals/<slug:reference>/", approvals.approval, name="console_approval"),
    path("console/approvals/<slug:reference>/bytes", approvals.draft, name="console_approval_bytes"),
    path("console/legal/", legal.queue, name="console_legal"),
    path("console/legal/accounts/", legal.thaw_account, name="console_legal_thaw"),
    path("console/legal/enrolments/", legal.decide_enrolment_page, name="console_legal_enrolment"),
    path("console/legal/letters/", legal.letter, name="console_legal_letter"),
    path("console/legal/<slug:reference>/", legal.matter, name="console_legal_matter"),
    path("console/legal/<slug:reference>/raw/<int:number>", legal.raw, name="console_legal_raw"),
    path("staff/login/", account.login, name="account_login"),
    path("staff/openid/<slug:provider_id>/", openid.begin, name="openid_connect_login"),
    path("staff/openid/<slug:provider_id>/back/", openid.back, name="openid_connect_callback"),
    path("staff/logout/", account.logout, name="account_logout"),
    path("staff/inactive/", account.account_inactive, name="account_inactive"),
    path("staff/again/", account.reauthenticate, name="account_reauthenticate"),
    path("staff/password/", account.password_change, name="account_change_password"),
    path("staff/second-factor/", mfa.index, name="mfa_index"),
    path("staff/second-factor/code/", mfa.authenticate, name="mfa_authenticate"),
    path("staff/second-factor/again/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("staff/second-factor/enrol/", totp.activate_totp, name="mfa_activate_totp"),
    path("staff/second-factor/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("staff/passkeys/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("staff/passkeys/add/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("staff/passkeys/again/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("staff/passkeys/sign-in/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("staff/passkeys/<int:pk>/remove/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
    path("staff/passkeys/<int:pk>/rename/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("staff/recovery-codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("staff/recovery-codes/new/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("staff/recovery-codes/file/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
]
