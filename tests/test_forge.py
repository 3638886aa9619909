"""What a forge reads: the CI workflow, the templates of issues, and the Python versions they speak of."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
import yaml

from tests.docs.test_docs import commands_in, fault_of
from tests.support.checkout import ROOT

GITHUB = ROOT / ".github"
TEMPLATES = sorted(path for path in GITHUB.rglob("*") if path.is_file())


def workflow_jobs() -> dict[str, Any]:
    jobs: dict[str, Any] = yaml.safe_load((GITHUB / "workflows" / "ci.yml").read_text("utf-8"))[
        "jobs"
    ]
    return jobs


def test_ci_runs_what_a_developer_runs() -> None:
    commands = [step.get("run") for step in workflow_jobs()["test"]["steps"]]
    assert ".ci/run" in commands


def test_ci_tests_every_version_that_the_package_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    for job in ("test", "wheel"):
        assert workflow_jobs()[job]["strategy"]["matrix"]["python"] == named


@pytest.mark.parametrize(
    "path", sorted((GITHUB / "ISSUE_TEMPLATE").glob("[!c]*.yml")), ids=lambda path: path.name
)
def test_issue_form_has_what_forges_require(path: Any) -> None:
    form = yaml.safe_load(path.read_text("utf-8"))
    assert form["name"]
    assert form["description"]
    for part in form["body"]:
        assert part["type"] in ("checkboxes", "dropdown", "input", "textarea")
        assert part["attributes"]["label"]
    names = [part["id"] for part in form["body"]]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_commands_that_a_template_names_exist(path: Any) -> None:
    assert [fault for line in commands_in(path) if (fault := fault_of(line))] == []
