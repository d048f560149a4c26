"""Addresses of the public site, staff sign-in and console. /log/, /static/ and /healthz are answered in `wsgi`."""

from contextlib import suppress
from datetime import date

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.urls import path, register_converter
from django.views.generic import RedirectView

from evenhand.doors.web import authorities, conduct, console, contact, contract, downloads, errors, legal, public
from evenhand.doors.web.assets import asset_url


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
    path("held", conduct.held, name="held"),
    path("contact", contact.contact, name="contact"),
    path("contact.json", contact.contact_json, name="contact_json"),
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
    path("console/", console.console, name="console"),
    path("console/days/<day:day>/", console.console_day, name="console_day"),
    path("console/decisions/<int:number>/", console.console_decision, name="console_decision"),
    path("console/find/", console.console_find, name="console_find"),
    path("console/cases/", console.console_cases, name="console_cases"),
    path("console/legal/", legal.queue, name="console_legal"),
    path("console/legal/accounts/", legal.thaw_account, name="console_legal_thaw"),
    path("console/legal/enrolments/", legal.decide_enrolment_page, name="console_legal_enrolment"),
    path("console/legal/letters/", legal.letter, name="console_legal_letter"),
    path("console/legal/<slug:reference>/", legal.matter, name="console_legal_matter"),
    path("console/legal/<slug:reference>/raw/<int:number>", legal.raw, name="console_legal_raw"),
    path("staff/login/", account.login, name="account_login"),
    path("staff/logout/", account.logout, name="account_logout"),
    path("staff/inactive/", account.account_inactive, name="account_inactive"),
    path("staff/again/", account.reauthenticate, name="account_reauthenticate"),
    path("staff/password/", account.password_change, name="account_change_password"),
    path("staff/second-factor/", mfa.index, name="mfa_index"),
    path("staff/second-factor/code/", mfa.authenticate, name="mfa_authenticate"),
    path("staff/second-factor/again/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("staff/second-factor/enrol/", totp.activate_totp, name="mfa_activate_totp"),
    path("staff/second-factor/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("staff/recovery-codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("staff/recovery-codes/new/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("staff/recovery-codes/file/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
]
