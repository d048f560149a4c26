"""`evenhand statement check`: one answer a line, through the real command, whatever the line."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from evenhand.doors.cli.app import evenhand
from evenhand.flow.statement_check import DEPTH_MAX, LINE_BYTES_MAX

VECTORS = json.loads((Path(__file__).parents[3] / "vectors" / "statements.json").read_text("utf-8"))
GOOD = json.dumps(VECTORS["base"])
BOM = b"\xef\xbb\xbf"


def check(data: bytes) -> Result:
    """Run the command on standard input."""
    return CliRunner().invoke(evenhand, ["statement", "check", "-"], input=io.BytesIO(data))


def answers(result: Result) -> list[dict[str, Any]]:
    """Return what was written to standard output, a JSON object a line."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_real_command_judges_file_and_standard_input(tmp_path: Path) -> None:
    """Right and wrong statements and batches get their answers in order; that some are wrong is no failure."""
    batch = json.dumps({"statements": [VECTORS["base"], VECTORS["base"] | {"puid": "b", "category": "X"}]})
    lines = [GOOD, GOOD.replace('"Yes"', '"yes"'), batch, '{"statements":[]}']
    file = tmp_path / "in.ndjson"
    file.write_text("\n".join(lines), "utf-8")
    command = [str(Path(sys.executable).with_name("evenhand")), "statement", "check"]
    env = os.environ | {"EVENHAND_DATA": str(tmp_path / "data")}
    by_name = subprocess.run([*command, str(file)], capture_output=True, check=False, env=env)
    piped = subprocess.run(
        [*command, "-", "--json"], input=file.read_bytes(), capture_output=True, check=False, env=env
    )
    assert (by_name.returncode, by_name.stderr) == (0, b"")
    assert by_name.stdout == piped.stdout
    assert [json.loads(line) for line in by_name.stdout.splitlines()] == [
        {"accepted": True, "errors": {}},
        {"accepted": False, "errors": {"automated_detection": ["The selected automated detection is invalid."]}},
        {"accepted": False, "errors": {"statement_1.category": ["The selected category is invalid."]}},
        {"accepted": False, "errors": {"statements": ["The statements field must have between 1 and 100 items."]}},
    ]
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"[]", "is not a JSON object"),
        (b"null", "is not a JSON object"),
        (b"17", "is not a JSON object"),
        (f"[{GOOD}]".encode(), "is not a JSON object"),
        (b"{", "is not JSON"),
        (b"puid=1", "is not JSON"),
        (GOOD.encode() + b" {}", "is not JSON"),
        (GOOD.encode().replace(b"{", b'{"x": NaN, '), "NaN is not a number"),
        (b'{"x": -Infinity}', "-Infinity is not a number"),
        (b"", "is blank"),
        (b" \t\r", "is blank"),
        (b'{"x": "\xff"}', "is not UTF-8"),
        (b'{"x": "\\ud800"}', "surrogate"),
        (b'{"\\uDC00": 1}', "surrogate"),
        (b'{"x": "tab\there"}', "is not JSON"),
        (b'{"x": ' + b"[" * (DEPTH_MAX + 1) + b"]" * (DEPTH_MAX + 1) + b"}", "nested deeper"),
        (b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested deeper"),
        (b'{"x": "' + b"a" * LINE_BYTES_MAX + b'"}', "longer than"),
        (GOOD.encode("utf-16"), "is not UTF-8"),
        (b"\x00", "is not JSON"),
    ],
    ids=lambda value: repr(value[:24]),
)
def test_line_that_cannot_be_judged_is_refused(line: bytes, reason: str) -> None:
    """It is not accepted under the key `line`, told on standard error with its number, and the rest goes on."""
    result = check(GOOD.encode() + b"\n" + line + b"\n" + GOOD.encode())
    first, refused, last = answers(result)
    assert first["accepted"]
    assert last["accepted"]
    assert refused["accepted"] is False
    assert list(refused["errors"]) == ["line"]
    assert reason in refused["errors"]["line"][0]
    told = json.loads(result.stderr)
    assert (told["line"], told["field"], told["reason"]) == (2, "", refused["errors"]["line"][0])
    assert result.exit_code == 2


def test_depth_and_length_have_room_for_what_is_allowed() -> None:
    """Ignored attributes may nest as deep as the database's parser allows; a full batch of long texts fits a line."""
    deep = GOOD.replace("{", '{"x": ' + "[" * (DEPTH_MAX - 1) + "]" * (DEPTH_MAX - 1) + ", ", 1)
    long = {"decision_facts": "\U0001f642" * 5000, "illegal_content_explanation": "\U0001f642" * 2000}
    batch = {"statements": [VECTORS["base"] | long | {"puid": f"p{n}"} for n in range(100)]}
    result = check(f"\ufeff{deep}\r\n{json.dumps(batch)}\n".encode())
    assert answers(result) == [{"accepted": True, "errors": {}}] * 2
    assert result.exit_code == 0


def test_json_is_read_as_the_database_reads_it() -> None:
    """Of a key that stands twice the last counts, at every depth; a number of thousands of digits is one."""
    good = GOOD.replace("{", '{"puid": "not one", "x": ' + "9" * 5000 + ", ", 1)
    bad = GOOD.replace("}", ', "puid": "not one"}')
    twice = '{"statements": 1, "statements": [' + GOOD.replace("}", ', "puid": "a", "puid": "b"}') + "," + good + "]}"
    result = check(f"{good}\n{bad}\n{twice}".encode())
    assert [answer["accepted"] for answer in answers(result)] == [True, False, True]
    assert answers(result)[1]["errors"] == {"puid": ["The puid format is invalid."]}
    assert result.exit_code == 0


@given(st.binary(max_size=200))
def test_each_line_has_one_answer(data: bytes) -> None:
    """Whatever comes in, blank lines too: as many answers as lines, the bad ones told with their number."""
    lines = data.removesuffix(b"\n").split(b"\n") if data else []
    result = check(data)
    assert len(answers(result)) == len(lines)
    blank = [
        number for number, line in enumerate(lines, 1) if not line.removeprefix(b"" if number > 1 else BOM).strip()
    ]
    told = [json.loads(line)["line"] for line in result.stderr.splitlines()]
    assert set(blank) <= set(told)
    assert result.exit_code == (2 if told else 0)


def test_no_such_file_is_one_line_and_exit_code_2() -> None:
    """Bad arguments end with a reason and exit code 2."""
    result = CliRunner().invoke(evenhand, ["statement", "check", "/no/such/file"])
    assert result.exit_code == 2
    assert "No such file" in result.stderr


def run(*arguments: str, data: Path) -> "subprocess.CompletedProcess[str]":
    """Run the real command with a data directory of its own."""
    command = [str(Path(sys.executable).with_name("evenhand")), "statement", *arguments]
    env = os.environ | {"EVENHAND_DATA": str(data), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(command, capture_output=True, check=False, env=env, encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "de", "fr", "ar", "fa"])
def test_letters_are_shown_in_each_language(language: str, tmp_path: Path) -> None:
    """One letter of each kind, as text and as JSON; nothing is written."""
    shown = run("letters", "--language", language, data=tmp_path)
    told = run("letters", "--language", language, "--json", data=tmp_path)
    assert (shown.returncode, told.returncode, shown.stderr + told.stderr) == (0, 0, "")
    found = [json.loads(line) for line in told.stdout.splitlines()]
    assert [letter["kind"] for letter in found] == ["receipt", "statement", "answer", "fine", "appeal", "changed"]
    assert {letter["language"] for letter in found} == {language}
    assert all(letter["subject"] in shown.stdout and letter["text"] in shown.stdout for letter in found)
    assert not list(tmp_path.iterdir())


def test_broken_sentences_are_one_line_and_exit_code_2(tmp_path: Path) -> None:
    """File, sentence, reason; also from the data directory, and for a language that is not there."""
    own = tmp_path / "letters"
    own.mkdir()
    (own / "de.toml").write_text("[until]\nday = 'bald'", "utf-8")
    for arguments in (("letters",), ("letters", "--letters", str(own))):
        done = run(*arguments, data=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "evenhand: de.toml: until.day: must fill in {day}\n"
    unknown = run("letters", "--language", "xx", data=tmp_path / "none")
    assert unknown.returncode == 2
    assert unknown.stderr == "evenhand: language: has no sentences; there are ar, de, en, fa, fr\n"
