"""Rules as files: what is wrong is refused with file, line and what was meant."""

from pathlib import Path

import pytest

from evenhand.flow import shipped
from evenhand.screening.built_in import BUILT_IN
from evenhand.screening.lists import load_lists
from evenhand.screening.rulefiles import load_rules, read_rule
from evenhand.screening.rules import last_word
from evenhand.screening.signals import signal_table
from evenhand.vocabulary.errors import InputError

RULE = '''# Somebody's comment
name = "spam-sure"
verdict = "remove"
when = """
spam_score >= 0.9
AND link_count > 0
"""
because = "The classifier gives it {spam_score}."
statement = "It is spam."

[policy]
ground = "DECISION_GROUND_INCOMPATIBLE_CONTENT"
category = "STATEMENT_CATEGORY_SCAMS_AND_FRAUD"
keyword = "KEYWORD_PHISHING"
reference = "Terms, 4.2"

[[must_match]]
text = "win now https://a.example"
signals = { spam_score = 0.95 }

[[must_not_match]]
text = "hello"
'''


def write(directory: Path, text: str, name: str = "spam-sure") -> Path:
    """Write a rule and return its path."""
    path = directory / f"{name}.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_rule_is_read_whole(tmp_path: Path) -> None:
    """Every part arrives; examples know their lines."""
    rule = read_rule(write(tmp_path, RULE), BUILT_IN)
    assert (rule.name, rule.verdict.value, rule.policy.keyword) == ("spam-sure", "remove", "KEYWORD_PHISHING")
    assert [(each.line, each.holds) for each in rule.examples] == [(17, True), (21, False)]
    assert rule.examples[0].signals == {"spam_score": 0.95}


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("spam_score >= 0.9\n", "spam_scor >= 0.9\n", 5, "did you mean spam_score?"),
        ("link_count > 0\n", "link_cout > 0\n", 6, "did you mean link_count?"),
        ("AND link_count > 0", "AND link_count > 'a'", 6, "cannot be compared with a TEXT"),
        ("AND link_count > 0", "AND", 6, "is not a SQL condition"),
        ('"remove"', '"delete"', 3, "'delete' is none of label, restrict, review, remove"),
        ('"remove"', '"allow"', 3, "none of label"),
        ("KEYWORD_PHISHING", "KEYWORD_FISHING", 14, "no code of the EU database"),
        ("{spam_score}", "{spam_scor}", 8, "no such signal"),
        ("{spam_score}", "{spam_score", 8, "brace that stands alone"),
        ('name = "spam-sure"', 'name = "spam-other"', 2, "they must agree"),
        ('name = "spam-sure"', 'name = "Spam sure"', 2, "lower-case"),
        ('statement = "It is spam."\n', "", 1, "statement: is required"),
        ('reference = "Terms, 4.2"\n', "", 11, "policy.reference: is required"),
        ('statement = "It is spam."', "statement = 3", 9, "statement: expected `str`, got `int`"),
        ("verdict =", "verdikt = 1\nverdict =", 3, "verdikt: is not a field"),
        ("reference =", "referenz = 1\nreference =", 15, "referenz: is not a field"),
        ("{ spam_score = 0.95 }", "{ spam_scor = 0.95 }", 17, "no signal spam_scor"),
        ('text = "hello"', "text = hello", 22, "is not TOML"),
        ('[[must_not_match]]\ntext = "hello"\n', "", 1, "must_not_match: is required"),
    ],
)
def test_refused_with_file_and_line(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    """One thing wrong in a good rule."""
    assert old in RULE
    path = write(tmp_path, RULE.replace(old, new, 1))
    with pytest.raises(InputError) as refused:
        load_rules([tmp_path], BUILT_IN)
    assert str(refused.value).startswith(f"{path}:{line}: "), str(refused.value)
    assert said in str(refused.value)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """With the line on which they stand."""
    (tmp_path / "spam-sure.toml").write_bytes(RULE.encode().replace(b"It is", b"It \xff is"))
    with pytest.raises(InputError, match=r":9: is not UTF-8"):
        load_rules([tmp_path], BUILT_IN)


def test_empty_and_missing_directories_are_refused(tmp_path: Path) -> None:
    """Nobody screens with no rules by accident."""
    with pytest.raises(InputError, match="holds no rules"):
        load_rules([tmp_path], BUILT_IN)
    with pytest.raises(InputError, match="is no directory"):
        load_rules([tmp_path / "nowhere"], BUILT_IN)


def test_version_follows_what_decides_and_is_said(tmp_path: Path) -> None:
    """Comments and examples leave a rule's version alone; its condition and sentences do not."""
    version = read_rule(write(tmp_path, RULE), BUILT_IN).version
    assert (
        read_rule(write(tmp_path, RULE.replace("Somebody", "Nobody").replace("hello", "hi")), BUILT_IN).version
        == version
    )
    for old, new in (("0.9\n", "0.91\n"), ("It is spam", "It was spam"), ("Terms, 4.2", "Terms, 4.3")):
        assert read_rule(write(tmp_path, RULE.replace(old, new)), BUILT_IN).version != version


def test_a_sentence_is_told_in_the_language_that_it_has(tmp_path: Path) -> None:
    """A translation is picked by language, another language reads what was written first; the version stays."""
    plain = read_rule(write(tmp_path, RULE), BUILT_IN)
    told = read_rule(
        write(tmp_path, RULE.replace("[policy]", '[statement_in]\nde = "Es ist Spam."\n\n[policy]')), BUILT_IN
    )
    assert [told.statement_for(code) for code in ("de", "DE", "fr", None)] == ["Es ist Spam."] * 2 + ["It is spam."] * 2
    assert told.version == plain.version
    with pytest.raises(InputError, match="statement_in"):
        read_rule(write(tmp_path, RULE.replace("[policy]", '[statement_in]\nGerman = "x"\n\n[policy]')), BUILT_IN)


def test_what_comes_along_speaks_five_languages() -> None:
    """Whoever is told of a decision by a rule that comes with Evenhand reads it in their language."""
    for rule in load_rules([shipped.RULES], signal_table(load_lists(shipped.LISTS))):
        assert set(rule.statement_in) == {"de", "fr", "ar", "fa"}, rule.name


def test_gravest_verdict_has_the_last_word(tmp_path: Path) -> None:
    """Remove before review before restrict before label; then by name."""
    for name, verdict in (("a", "label"), ("b", "restrict"), ("c", "review"), ("e", "remove"), ("d", "remove")):
        write(tmp_path, RULE.replace("spam-sure", name).replace('"remove"', f'"{verdict}"'), name)
    assert [rule.name for rule in last_word(load_rules([tmp_path], BUILT_IN))] == ["d", "e", "c", "b", "a"]
