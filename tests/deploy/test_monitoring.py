"""Alerts and the dashboard ask for figures that are really told."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from service.app import create_app
from tests.builders import settings, tiny_catalogue
from tests.journeys.conftest import served

DEPLOY = Path(__file__).parents[2] / "deploy"
OF_PROMETHEUS = {"up": {"job", "instance"}}
"""What it knows by itself of each process that it asks."""
ADDED = {"job", "instance"}
ASKED = re.compile(r"\b(up|(?:aiguille|process|python)_\w+)(?:\{([^}]*)\})?")
LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
BY = re.compile(r"\bby \(([^)]*)\)")


def asked(expression):
    """The figures of an expression, with the labels that it reads of each or of all."""
    grouped = {name.strip() for group in BY.findall(expression) for name in group.split(",")}
    for name, labels in ASKED.findall(expression):
        yield name, set(LABEL.findall(labels)) | grouped


def alerts():
    (group,) = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"]
    return group["rules"]


def panels():
    return json.loads((DEPLOY / "dashboard.json").read_text())["panels"]


EXPRESSIONS = [rule["expr"] for rule in alerts()]
EXPRESSIONS += [target["expr"] for panel in panels() for target in panel["targets"]]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Figure -> its labels, as a served process tells them once it has been asked something."""
    folder = tmp_path_factory.mktemp("measures")
    with served(create_app(settings(folder), tiny_catalogue(folder))) as address:
        httpx.get(f"{address}/ready")
        families = text_string_to_metric_families(httpx.get(f"{address}/metrics").text)
        found = {s.name: set(s.labels) | ADDED for family in families for s in family.samples}
    return {**found, **OF_PROMETHEUS}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_what_is_asked_is_told(expression, told):
    figures = list(asked(expression))
    assert figures
    for name, labels in figures:
        assert name in told, name
        assert labels <= told[name], name


def test_each_alert_says_what_is_wrong_and_what_to_do():
    for rule in alerts():
        assert set(rule["annotations"]) == {"summary", "todo"}
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert rule["for"]


def test_the_rules_are_those_that_prometheus_is_told_to_read():
    given = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    assert given["rule_files"] == ["alerts.yml"]
    assert [job["job_name"] for job in given["scrape_configs"]] == ["aiguille"]
