"""The couriers: what leaves the house, each lane on a clock of its own."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from evenhand.couriers.eu_database import EuDatabase
from evenhand.couriers.smtp import SmtpRelay, open_relay
from evenhand.couriers.webhook import WebhookCourier
from evenhand.doors.clock.ticking import Clock, Ticking
from evenhand.flow.action_delivery import deliver
from evenhand.flow.action_reports import chase
from evenhand.flow.calls import page_by_hook, page_by_mail, pager_for
from evenhand.flow.keyring import keep_key
from evenhand.flow.outbox import CALL_HOOK, CALL_MAIL
from evenhand.flow.post import deliver_mail
from evenhand.flow.statement_made import read_wordings
from evenhand.flow.transparency import deliver_statements
from evenhand.main.process import leave
from evenhand.settings import Settings
from evenhand.store.sql_store import SqlStore


def call_by(settings: Settings) -> tuple[str, ...]:
    """Return the lanes by which a person is called; the console's list is there in any case."""
    lanes = ((CALL_MAIL, settings.page_address), (CALL_HOOK, settings.page_url))
    return tuple(lane for lane, where in lanes if where)


@contextmanager
def couriers(settings: Settings, docket: SqlStore) -> Iterator[None]:
    """Let each courier go at its own pace: none waits for another's other side, and the desk for none."""
    relay = open_relay(settings)
    rounds = (
        _platform_jobs(settings, docket),
        _mail_jobs(settings, docket, relay),
        _call_jobs(settings, docket, relay),
        _database_jobs(settings, docket),
    )
    with ExitStack() as at_work:
        for jobs in rounds:
            if jobs:
                at_work.enter_context(Clock(jobs, on_fatal=leave, patience_s=5))
        yield


def _platform_jobs(settings: Settings, docket: SqlStore) -> tuple[Ticking, ...]:
    """Return what brings decisions to the platform and chases them; without a webhook it asks for them."""
    if not settings.webhook_url:
        return (Ticking(name="chase actions", every_s=60, job=lambda now: chase(docket, None, now)),)
    secret = keep_key(settings.data / "keys" / "webhook.key", 32)
    send = WebhookCourier(settings.webhook_url, secret).send
    return (
        Ticking(name="deliver actions", every_s=1, job=lambda now: deliver(docket, send, now)),
        Ticking(name="chase actions", every_s=60, job=lambda now: chase(docket, send, now)),
    )


def _mail_jobs(settings: Settings, docket: SqlStore, relay: SmtpRelay | None) -> tuple[Ticking, ...]:
    """Return what posts letters; without a relay they wait."""
    if relay is None:
        return ()
    send = lambda now: deliver_mail(docket, relay, settings.contacts, now)  # noqa: E731 - a job
    return (Ticking(name="deliver letters", every_s=1, job=send),)


def _call_jobs(settings: Settings, docket: SqlStore, relay: SmtpRelay | None) -> tuple[Ticking, ...]:
    jobs = []
    if settings.page_address and relay is not None:
        pager = pager_for(settings, read_wordings(settings.data))
        by_mail = lambda now: page_by_mail(docket, relay, pager, now)  # noqa: E731 - a job
        jobs.append(Ticking(name="call by mail", every_s=1, job=by_mail))
    if settings.page_url:
        secret = keep_key(settings.data / "keys" / "page.key", 32)
        hook = WebhookCourier(settings.page_url, secret, setting="page_url").send
        by_hook = lambda now: page_by_hook(docket, hook, now)  # noqa: E731 - a job
        jobs.append(Ticking(name="call by webhook", every_s=1, job=by_hook))
    return tuple(jobs)


def _database_jobs(settings: Settings, docket: SqlStore) -> tuple[Ticking, ...]:
    if not settings.eu_database_url:
        return ()
    database = EuDatabase(settings.eu_database_url, settings.data / "keys" / "eu-database.token")
    send = lambda now: deliver_statements(docket, database, now)  # noqa: E731 - a job
    return (Ticking(name="deliver statements", every_s=1, job=send),)
