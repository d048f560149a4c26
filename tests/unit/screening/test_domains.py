"""Domains in texts: found however they are written, innocent dots left alone."""

import numpy as np
import polars as pl
import pytest

from evenhand.screening.domains import a_label_host, count_domains, find_hosts, is_domain, suffixes
from evenhand.screening.exact import ExactTable
from evenhand.screening.normalise import as_joined, compatible, join


def hosts(*texts: str) -> pl.DataFrame:
    """Return the hosts found in texts."""
    return find_hosts(as_joined(compatible(join(pl.Series(texts)))))


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("see http://example.com/x", "example.com"),
        ("HTTPS://WWW.Example.COM", "www.example.com"),
        ("example.com", "example.com"),
        ("go to bit.ly/2xYz now", "bit.ly"),
        ("t.me/joinchat", "t.me"),
        ("hxxp://bad.example.org/a", "bad.example.org"),
        ("hxxps[:]//bad[.]top", "bad.top"),
        ("http://%62ad%2Etop/x", "bad.top"),
        ("see hxxp://b%61d.example.org", "bad.example.org"),
        ("https://bad%E3%80%82top", "bad.top"),
        ("https://me:pw%40x@bad%2etop:80/", "bad.top"),
        ("http://ba%E2%80%8Bd.top", "bad.top"),
        ("http://%D0%BF%D1%80%D0%B8%D0%BC%D0%B5%D1%80.%D1%80%D1%84", "xn--e1afmkfd.xn--p1ai"),
        ("h**p://bad.top", "bad.top"),
        ("bad[.]co[.]uk", "bad.co.uk"),
        ("bad (dot) com", "bad.com"),
        ("bad{DOT}com", "bad.com"),
        ("пример[точка]рф", "xn--e1afmkfd.xn--p1ai"),
        ("xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai"),
        ("münchen.de", "xn--mnchen-3ya.de"),
        ("请访问example.com谢谢", "example.com"),
        ("例子.中国", "xn--fsqu00a.xn--fiqs8s"),
        ("http://google.com@evil.top/x", "evil.top"),
        ("exa\u200bmple.com", "example.com"),
        ("ｅｘａｍｐｌｅ．ｃｏｍ", "example.com"),
        ("http://10.1.2.3:8080/x", "10.1.2.3"),
        ("a-b.c-d.example.com.", "a-b.c-d.example.com"),
        ("http://nosuchsuffix.example1", "nosuchsuffix.example1"),
        ("see evil.example now", "evil.example"),  # endings kept for tests and examples, RFC 2606
        ("evil(dot)test", "evil.test"),
        ("www.win.win", "www.win.win"),
        ("(see foo.github.io)", "foo.github.io"),
    ],
)
def test_links_are_found(text: str, host: str) -> None:
    """One link, its host in lower-case A-labels."""
    found = hosts(text).filter("link")
    assert found["host"].to_list() == [host]


@pytest.mark.parametrize(
    "text",
    ["", "3.14", "v1.2.3", "e.g. this", "Wait...what", "end.Next one", "ok.lar", "U.S.A.", "name.surname",
     "a..com", "10.1.2.3",
     "i am.so tired", "5.30pm", "nosuchsuffix.example1", "你好。大家好", "@user.com", "me@example.com"],
)  # fmt: skip
def test_what_is_no_link_is_not_counted(text: str) -> None:
    """Numbers, abbreviations, sentences without a space and mail addresses are no links."""
    assert hosts(text).filter("link")["host"].to_list() == []


def listed(entries: list[str], *texts: str) -> list[int]:
    """Return the hits of one list of domains in each text."""
    table = ExactTable(pl.Series([a_label_host(e) for e in entries]), np.zeros(len(entries), np.int64))
    return count_domains(hosts(*texts), table, len(texts), 1)[:, 0].tolist()


def test_a_listed_parent_hits_its_subdomains_alone() -> None:
    """The domain or a parent is listed; a sibling, a longer word or the suffix is not."""
    texts = [
        "bad.top",
        "http://a.b.bad.top/x",
        "notbad.top",
        "bad.top.example.com",
        "good.top",
        "bad.top and x.bad.top bad.top",
    ]
    assert listed(["bad.top"], *texts) == [1, 1, 0, 0, 0, 2]
    assert listed(["пример.рф"], "пример.рф/x", "xn--e1afmkfd.xn--p1ai", "other.рф") == [1, 1, 0]


def test_bare_words_that_are_no_links_still_hit_lists() -> None:
    """A listed domain is found even where it could be two sentences, or stands in a mail address."""
    assert listed(["win.now"], "you can win.now or never", "mail x@win.now") == [1, 1]


def test_two_lists_may_hold_one_domain() -> None:
    """Each list that holds it gets its hit."""
    table = ExactTable(pl.Series(["bad.top", "bad.top", "x.bad.top"]), np.array([0, 1, 1]))
    assert count_domains(hosts("x.bad.top"), table, 1, 2).tolist() == [[1, 1]]


def test_suffix_rules() -> None:
    """Plain, wildcard and exception rules of the public suffix list."""
    names = ["example.com", "a.b.co.uk", "a.b.ck", "www.ck", "x.www.ck", "a.github.io", "nonsense.zzzz", "com"]
    found = suffixes(pl.Series(names))
    by_host = dict(zip(found["host"], zip(found["suffix_labels"], found["registrable"], strict=True), strict=True))
    assert [by_host[name] for name in names] == [
        (1, "example.com"), (2, "b.co.uk"), (2, "a.b.ck"), (1, "www.ck"), (1, "www.ck"), (2, "a.github.io"),
        (0, "nonsense.zzzz"), (1, "com"),
    ]  # fmt: skip


def test_entries_that_look_like_domains() -> None:
    """What a list of domains is guessed from."""
    entries = pl.Series(["bad.top", "*.bad.co.uk", "пример.рф", "bad", "two words.com", "p.o.s", "http://x.com/"])
    assert is_domain(entries).to_list() == [True, True, True, False, False, False, False]
