"""What only PostgreSQL can do to us: settings that lose, a second owner, answers that never arrive."""

import re
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import psycopg
import pytest
from made import DAY, commit, record

from evenhand.store import docket_server
from evenhand.store import migrate as migrate_module
from evenhand.store.committer import Committer
from evenhand.store.docket_server import check_server
from evenhand.store.migrate import migrations
from evenhand.store.postgres import _COLUMNS, PostgresStore
from evenhand.store.vault import Vault
from evenhand.vocabulary.commit import Commit, Done, Duplicate
from evenhand.vocabulary.errors import Fatal
from postgres import empty_docket

VAULT = Vault(bytes(32))
SOCKET = ".s.PGSQL.5432"


@pytest.fixture
def url(postgres_server: str) -> str:
    """URL of an empty docket."""
    return empty_docket(postgres_server)


class Wire:
    """A real connection's middle: passes bytes on, and cuts once, where COMMIT goes by.

    Attributes:
        cut: "": pass everything on; "before": COMMIT does not arrive; "after": its answer does not come back.
        refuse_after: Take no new connections after the cut, as a server that went away.
    """

    def __init__(self, directory: Path, server: str) -> None:
        self.cut, self.refuse_after, self.cuts = "", False, 0
        self._refuse = self._swallow = False
        self._server = server
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(directory / SOCKET))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._refuse:
                client.close()
                continue
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._server)
            for one, other, from_client in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._pass, args=(one, other), kwargs={"up": from_client}, daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, *, up: bool) -> None:
        try:
            while data := source.recv(1 << 16):
                if up and self.cut and b"COMMIT" in data:
                    self.cuts += 1
                    cut, self.cut = self.cut, ""
                    self._refuse = self.refuse_after
                    self._swallow = cut == "after"
                    if cut == "before":
                        break
                elif not up and self._swallow:
                    # The server has answered; nobody will hear it.
                    self._swallow = False
                    break
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            with closing(end):
                shut(end)


def shut(end: socket.socket) -> None:
    """Hang up; the other side may have done so already."""
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


@contextmanager
def wired(url: str) -> Iterator[tuple[Wire, str]]:
    """Yield a wire to the server, and the docket's URL through it."""
    asked = parse_qs(urlsplit(url).query)
    directory = Path(tempfile.mkdtemp(dir="/tmp"))
    wire = Wire(directory, f"{asked['host'][0]}/{SOCKET}")
    try:
        yield wire, f"postgresql://postgres@/postgres?host={directory}&options={quote(asked['options'][0])}"
    finally:
        wire.close()
        shutil.rmtree(directory)


def test_answer_lost_after_commit_is_found_by_its_key(url: str) -> None:
    """COMMIT was done and reported failed: who handed it in gets the true answer; nothing more is written."""
    with wired(url) as (wire, through), PostgresStore(through, VAULT) as store:
        assert isinstance(store.commit([commit("a")])[0], Done)
        wire.cut = "after"
        assert store.commit([commit("b"), commit("a"), commit("c")]) == [
            Done(act=2, decisions=(2,), entries=(1,)),
            Duplicate(act=1),
            Done(act=3, decisions=(3,), entries=(2,)),
        ]
        assert wire.cuts == 1
        for write in (
            lambda: store.commit([commit("d")]),
            lambda: store.set_signed_head(1, bytes(32)),
            lambda: store.erase_subject("author-1"),
        ):
            with pytest.raises(Fatal, match="must end"):
                write()
    with PostgresStore(url, VAULT) as store:
        assert store.commit([commit("b"), commit("c")]) == [Duplicate(act=2), Duplicate(act=3)]


def test_commit_that_did_not_arrive_is_not_acknowledged(url: str) -> None:
    """COMMIT was not done: Fatal, and the next start writes the same acts with the same numbers."""
    with wired(url) as (wire, through), PostgresStore(through, VAULT) as store:
        store.commit([commit("a")])
        wire.cut = "before"
        with pytest.raises(Fatal, match="could not be written"):
            store.commit([commit("b")])
        assert wire.cuts == 1
    with PostgresStore(url, VAULT) as store:
        assert store.commit([commit("a"), commit("b")])[1] == Done(act=2, decisions=(2,), entries=(1,))


@pytest.mark.parametrize("cut", ["before", "after"])
def test_unknown_outcome_is_nobodys_success(url: str, cut: str) -> None:
    """When the server stays away after a lost answer, nobody is acknowledged; the key tells at the next start."""
    with wired(url) as (wire, through), PostgresStore(through, VAULT) as store, Committer(store) as committer:
        assert isinstance(committer.submit(commit("a")).result(10), Done)
        wire.cut, wire.refuse_after = cut, True
        with pytest.raises(Fatal, match="not known"):
            committer.submit(commit("b")).result(20)
        with pytest.raises(Fatal):
            committer.submit(commit("c")).result(20)
    with PostgresStore(url, VAULT) as store:
        assert isinstance(store.commit([commit("b")])[0], Duplicate if cut == "after" else Done)


def test_lost_session_in_the_middle_of_a_group(url: str, postgres_server: str) -> None:
    """A session that the server ends between two groups fails the second; readers come back by themselves."""
    with PostgresStore(url, VAULT) as store:
        store.commit([commit("a")])
        with psycopg.connect(postgres_server, autocommit=True) as db:
            db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'evenhand%'")
        assert store.entry_count() == 1
        with pytest.raises(Fatal):
            store.commit([commit("b")])
        assert [row.number for row in store.decisions_on(DAY, before=None, limit=9)] == [1]


def test_second_owner_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is one committer a docket; another docket on the same server has its own."""
    monkeypatch.setattr(docket_server, "LOCK_WAIT_MS", 100)
    first = PostgresStore(url, VAULT)
    with pytest.raises(Fatal, match="in use"):
        PostgresStore(url, VAULT)
    first.close()
    PostgresStore(url, VAULT).close()


@pytest.mark.parametrize("setting", ["synchronous_commit = off", "synchronous_commit = local"])
def test_unsafe_session_is_refused(url: str, setting: str) -> None:
    """Settings are read back, not assumed; those of the role or the URL do not weaken the session."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("SET synchronous_commit = on")
        check_server(db)
        db.execute(f"SET {setting}".encode())
        with pytest.raises(Fatal, match="synchronous_commit"):
            check_server(db)
    PostgresStore(f"{url}{quote(' -csynchronous_commit=off')}", VAULT).close()


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_unsafe_server_is_refused(url: str, postgres_server: str, setting: str) -> None:
    """A server that does not flush is refused at the start."""
    with psycopg.connect(postgres_server, autocommit=True) as db:
        try:
            db.execute(f"ALTER SYSTEM SET {setting} = off".encode())
            reload(db, setting, "off")
            with pytest.raises(Fatal, match=setting):
                PostgresStore(url, VAULT)
        finally:
            db.execute(f"ALTER SYSTEM RESET {setting}".encode())
            reload(db, setting, "on")
    PostgresStore(url, VAULT).close()


def reload(db: psycopg.Connection[tuple[str]], setting: str, expected: str) -> None:
    """Have the server read its settings, and wait until it has."""
    db.execute("SELECT pg_reload_conf()")
    for _ in range(1000):
        if db.execute("SELECT current_setting(%s), pg_sleep(0.01)", (setting,)).fetchall()[0][0] == expected:
            return
    raise AssertionError(setting)


def test_no_server_is_told_in_one_line() -> None:
    """A server that does not answer, or an address that is none, is told without a traceback of the driver's."""
    for wrong in ("postgresql://localhost:1/nothing", "postgresql://localhost:nonsense/x"):
        with pytest.raises(Fatal, match="PostgreSQL does not take the docket"):
            PostgresStore(wrong, VAULT)


def test_changed_or_newer_migration_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A docket of another version is not touched."""
    PostgresStore(url, VAULT).close()
    released = migrations("postgres")
    monkeypatch.setattr(migrate_module, "migrations", lambda _: [(1, "-- changed", "0" * 64)])
    with pytest.raises(Fatal, match="has changed"):
        PostgresStore(url, VAULT)
    monkeypatch.setattr(migrate_module, "migrations", lambda _: [(n + 1, t, d) for n, t, d in released])
    with pytest.raises(Fatal, match="newer"):
        PostgresStore(url, VAULT)


def test_docket_of_an_earlier_version_is_brought_forward(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it holds is there afterwards; the table of cases, which nothing wrote to, is gone."""
    released = migrations("postgres")
    with monkeypatch.context() as earlier:
        earlier.setattr(migrate_module, "migrations", lambda _: released[:2])
        with PostgresStore(url, VAULT) as store:
            store.commit([commit("a")])
            assert store._rows("SELECT to_regclass('case_') IS NULL") == [(False,)]
    with PostgresStore(url, VAULT) as store:
        assert store.commit([commit("a"), commit("b")])[0] == Duplicate(act=1)
        assert store.decision(2) is not None
        assert store._rows("SELECT to_regclass('case_') IS NULL") == [(True,)]


def test_what_no_column_holds_is_the_callers(url: str) -> None:
    """A NUL, which PostgreSQL's texts cannot hold, is refused to who handed it in; the store goes on."""
    with PostgresStore(url, VAULT) as store:
        broken = Commit(key=commit("nul").key, tallies=(("open/\0", 1),))  # type: ignore[arg-type] # as Tally
        with pytest.raises(ValueError, match="NUL"):
            store.commit([commit("a"), broken])
        assert store.commit([commit("a")]) == [Done(act=1, decisions=(1,), entries=(0,))]


def test_private_parts_are_not_in_the_database(url: str) -> None:
    """Neither ids nor sentences of a person stand in any column; nor does the subject's name."""
    with PostgresStore(url, VAULT) as store:
        store.commit([commit("secretname"), Commit(key=commit("r").key, records=(record("secretname"),))])
        stored = b""
        for table in _COLUMNS:
            for row in store._rows(f"SELECT * FROM {table}"):  # noqa: S608
                stored += b"|".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
    assert b"KEYWORD_PHISHING" in stored
    for secret in (b"post-secretname", b"because secretname", b"author-1", b"secretname\0"):
        assert secret not in stored


def test_both_databases_have_the_same_tables() -> None:
    """Each migration has a twin with the same tables and columns, in the same order."""
    ours, theirs = migrations("postgres"), migrations("sqlite")
    assert [number for number, _, _ in ours] == [number for number, _, _ in theirs]
    for (_, text, _), (_, twin, _) in zip(ours, theirs, strict=True):
        assert columns(text) == columns(twin)


def columns(migration: str) -> dict[str, list[str]]:
    """Return the column names of each table that a migration makes."""
    plain = re.sub(r"--.*", "", migration).replace(" WITHOUT ROWID", "")
    tables = re.findall(r"CREATE TABLE (\w+) \((.*?)\);", plain, re.DOTALL)
    return {name: [part.split()[0] for part in body.split(",") if part.split()[1:]] for name, body in tables}
