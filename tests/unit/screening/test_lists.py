"""Lists as files: kinds, headers, names, editions, and what is refused with file and line."""

from pathlib import Path

import pytest
from tests.realdata import real_data
from tests.unit.screening.test_signals import POST, table

from evenhand.screening.lists import load_lists, read_list
from evenhand.vocabulary.errors import InputError


def write(directory: Path, name: str, content: str | bytes) -> Path:
    """Write one file and return its path."""
    directory.mkdir(exist_ok=True)
    path = directory / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("content", "kind", "entries"),
    [
        ("# a comment\n\nBuy now\r\n  cheap pills  \n", "phrases", ["Buy now", "cheap pills"]),
        ("bad.top\n*.worse.co.uk\nпример.рф\n", "domains", ["bad.top", "worse.co.uk", "xn--e1afmkfd.xn--p1ai"]),
        ("AB" * 32 + "\n" + "0" * 32, "hashes", ["ab" * 32, "0" * 32]),
        ("# kind: phrases\nbad.top\n", "phrases", ["bad.top"]),
        ("# kind: domains\nserver.internal\n", "domains", ["server.internal"]),
        ("\\#hashtag\n#comment\n", "phrases", ["#hashtag"]),
        ("", "phrases", []),
        ("bad.top\nbad words\n", "phrases", ["bad.top", "bad words"]),
        (b"\xef\xbb\xbfx", "phrases", ["x"]),
    ],
)
def test_kinds_are_given_or_guessed(tmp_path: Path, content: str, kind: str, entries: list[str]) -> None:
    """A header decides; without one, the content does."""
    found = read_list(write(tmp_path, "a-list.txt", content))
    assert (found.name, found.kind, found.entries.to_list()) == ("a-list", kind, entries)


def test_words_stand_for_dots_only_where_a_list_asks(tmp_path: Path) -> None:
    """A host counts once for its list, and what is written with dots as well."""
    write(tmp_path, "asks.txt", "# kind: domains\n# dots: words\nevil.com\n")
    write(tmp_path, "plain.txt", "# kind: domains\nevil.com\n")
    texts = [
        "see www dot EVIL dot com now",
        "evil.com or evil dot com",
        "",
        "dot com",
        "a точка evil punkt com",
        "evil dots com",
    ]
    found = table([{**POST, "text": text} for text in texts], load_lists(tmp_path))
    assert found["asks"].to_list() == [1, 1, 0, 0, 1, 0]
    assert found["plain"].to_list() == [0, 1, 0, 0, 0, 0]
    assert found["link_count"].to_list() == [0, 1, 0, 0, 0, 0]


def test_match_is_words_unless_the_header_says_anywhere(tmp_path: Path) -> None:
    """The header counts before the first entry only."""
    assert read_list(write(tmp_path, "a", "# match: anywhere\nx")).match == "anywhere"
    assert read_list(write(tmp_path, "b", "x\n# match: anywhere\n")).match == "words"


@pytest.mark.parametrize(
    ("name", "content", "where", "reason"),
    [
        ("a.txt", b"good\n\xff\xfe\n", "a.txt:2", "UTF-8"),
        ("a.txt", "x\n" + "y" * 257, "a.txt:2", "longer"),
        ("a.txt", "# kind: words\nx", "a.txt:1", "phrases or domains or hashes"),
        ("a.txt", "\n# match: all\nx", "a.txt:2", "words or anywhere"),
        ("a.txt", "# kind: domains\nbad.top\nhttp://x.com/y", "a.txt:3", "without scheme"),
        ("a.txt", "# kind: hashes\n" + "g" * 32, "a.txt:2", "hex"),
        ("a.txt", "x\n\u200b\u200b\n", "a.txt:2", "no character"),
        ("spam_score.txt", "x", "spam_score.txt", "built-in"),
        ("KIND.txt", "x", "KIND.txt", "built-in"),
        ('a"b.txt', "x", 'a"b.txt', "printable"),
        ("a\nb.txt", "x", "b.txt", "printable"),
        ("n" * 65 + ".txt", "x", ".txt", "64"),
    ],
)
def test_bad_lists_name_file_and_line(tmp_path: Path, name: str, content: str | bytes, where: str, reason: str) -> None:
    """A list that cannot be used is refused with its place and what was meant."""
    write(tmp_path, name, content)
    with pytest.raises(InputError) as refusal:
        load_lists(tmp_path)
    assert refusal.value.field.endswith(where)
    assert reason in refusal.value.reason


def test_names_that_differ_in_case_alone_are_refused(tmp_path: Path) -> None:
    """Some of the databases that rules are written for do not tell case apart."""
    write(tmp_path, "Bad.txt", "x")
    write(tmp_path, "bad.txt", "x")
    with pytest.raises(InputError, match="same name"):
        load_lists(tmp_path)
    with pytest.raises(InputError, match="no directory"):
        load_lists(tmp_path / "nowhere")


def test_later_directories_replace_lists_by_name(tmp_path: Path) -> None:
    """Names are sorted, README and hidden files are no lists, and the edition follows the contents."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for name, content in (
        ("b.txt", "one"),
        ("a.txt", "two"),
        ("README", "no list"),
        (".hidden", "no list"),
        ("x.md", ""),
    ):
        write(ours, name, content)
    write(theirs, "b.txt", "three")
    both = load_lists(ours, theirs)
    assert both.names == ("a", "b")
    assert both.lists[1].entries.to_list() == ["three"]
    assert len(both.edition) == 16
    assert both.edition == load_lists(ours, theirs).edition
    assert both.edition != load_lists(ours).edition
    assert load_lists().names == ()


def test_the_real_word_lists_load() -> None:
    """All 27 lists are lists of phrases."""
    lists = load_lists(real_data("ldnoobw"))
    assert len(lists.names) == 27
    assert {each.kind for each in lists.lists} == {"phrases"}
