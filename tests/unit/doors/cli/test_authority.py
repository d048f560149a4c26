"""`evenhand authority` as a program calls it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from evenhand.doors.cli.authority import authority
from evenhand.flow.identify import load_registry
from evenhand.vocabulary.errors import InputError

TWICE = '{"from_header": "", "from_header": ""}'
VECTORS = Path(__file__).parents[3] / "vectors"


def full_registry() -> dict[str, Any]:
    """Return a registry with every kind of fact."""
    seen = {"source": "letter of the ministry", "date": "2026-05-04"}
    return {
        "authorities": [
            {
                "id": "fr-police",
                "name": "Police judiciaire",
                "state": "FR",
                "kind": "police",
                "competence": ["cybercrime"],
                "domains": [{"domain": "Police.example", **seen}, {"domain": "polizei-köln.example", **seen}],
                "keys": [
                    {"use": "dkim", "domain": "police.example", "selector": "s1", "record": "v=DKIM1; p=AA==", **seen},
                    {"use": "smime", "fingerprint": "ab:" * 31 + "ab", **seen},
                    {"use": "pgp", "fingerprint": "0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567", **seen},
                ],
                "call_back": [{"number": "+33 1 55 50 00 00", **seen}],
                **seen,
            }
        ]
    }


def write(path: Path, value: Any) -> Path:
    """Write a registry and return its path."""
    path.write_text(json.dumps(value), "utf-8")
    return path


def test_identify_answers_each_line_and_reports_bad_ones(tmp_path: Path) -> None:
    """Good lines are answered in order; bad ones are told with number and field, and the exit code is 2."""
    table = json.loads((VECTORS / "from_headers.json").read_text("utf-8"))
    registry = write(tmp_path / "registry.json", table["registry"])
    lines = [json.dumps({"from_header": row["from_header"]}) for row in table["headers"]]
    given = "\n".join(
        [*lines, "nonsense", '{"from_header": 4}', "{}", "[1]", '{"from_header":"","from_header":""}', ""]
    )
    done = CliRunner().invoke(authority, ["identify", "-", "--registry", str(registry)], input=given)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["result"] for answer in answers] == [row["result"] for row in table["headers"]]
    assert all(answer["reason"] for answer in answers)
    errors = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(error["line"] - len(lines), error["field"]) for error in errors] == [
        (1, ""), (2, "from_header"), (3, "from_header"), (4, ""), (5, "from_header"),
    ]  # fmt: skip
    assert done.exit_code == 2


def test_full_registry_names_the_authority(tmp_path: Path) -> None:
    """With a full registry the answer names who may be the sender; IDNs are matched by their ASCII form."""
    registry = write(tmp_path / "registry.json", full_registry())
    given = '{"from_header": "x@police.example"}\n{"from_header": "x@xn--polizei-kln-zfb.example"}\n'
    done = CliRunner().invoke(authority, ["identify", "--registry", str(registry)], input=given)
    assert done.exit_code == 0, done.stderr
    assert [json.loads(line)["authorities"] for line in done.stdout.splitlines()] == [["fr-police"], ["fr-police"]]


def test_check_registry_counts(tmp_path: Path) -> None:
    """A good registry is counted."""
    registry = write(tmp_path / "registry.json", full_registry())
    done = CliRunner().invoke(authority, ["check-registry", str(registry), "--json"])
    counts = {"authorities": 1, "domains": 2, "keys": 3, "call_back_numbers": 1, "states": 1}
    assert json.loads(done.stdout) == counts


ONE = full_registry()["authorities"][0]


def changed(name: str, place: int, **values: str) -> dict[str, Any]:
    """Return the registry with values of one row replaced."""
    registry = full_registry()
    registry["authorities"][0][name][place].update(values)
    return registry


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (["*.police.example"], "[0]"),
        (["police.example", "police.example."], "[1]"),
        (["a b.example"], "[0]"),
        ([3], "[0]"),
        ({"authorities": [{**ONE, "id": "A B"}]}, "authorities[0].id"),
        ({"authorities": [ONE, ONE]}, "authorities[1].id"),
        ({"authorities": [{**ONE, "state": "fr"}]}, "authorities[0].state"),
        ({"authorities": [{**ONE, "kind": "sheriff"}]}, "authorities[0].kind"),
        ({"authorities": [{**ONE, "source": " "}]}, "authorities[0].source"),
        ({"authorities": [{**ONE, "date": "May"}]}, "authorities[0].date"),
        ({"authorities": [{**ONE, "domains": [ONE["domains"][0]] * 2}]}, "authorities[0].domains[1].domain"),
        (changed("call_back", 0, number="555"), "authorities[0].call_back[0].number"),
        (changed("keys", 1, fingerprint="ab"), "authorities[0].keys[1].fingerprint"),
        (changed("keys", 2, use="fax"), "authorities[0].keys[2].use"),
        ({"authorities": [{**ONE, "more": 1}]}, "authorities[0]"),
        ({}, ""),
    ],
)  # fmt: skip
def test_bad_registry_is_refused_with_its_field(tmp_path: Path, value: Any, field: str) -> None:
    """What is wrong in a registry is told by file and field."""
    path = write(tmp_path / "registry.json", value)
    with pytest.raises(InputError) as caught:
        load_registry(path)
    assert caught.value.field == (f"registry.json: {field}" if field else "registry.json")


@pytest.mark.parametrize("raw", [b"", b"\xff", b"[" * 100_000, b"nul", b"{"])
def test_registry_that_is_not_json_is_refused(tmp_path: Path, raw: bytes) -> None:
    """Bytes that are no JSON give a reason, no traceback."""
    path = tmp_path / "registry.json"
    path.write_bytes(raw)
    with pytest.raises(InputError):
        load_registry(path)
