"""Every alarm has a line in the runbook, and every line is that of an alarm."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "docs" / "alarms.md").read_text(encoding="utf-8")
CRITICAL = re.compile(r'(?:logger|log|_log)\.critical\(\s*\n?\s*"([a-z_]+:[a-z_]+:[a-z_]+)')


def test_each_critical_line_and_each_alert_is_in_the_runbook() -> None:
    lines = {
        event
        for path in (ROOT / "gateway").rglob("*.py")
        for event in CRITICAL.findall(path.read_text(encoding="utf-8"))
    }
    groups = yaml.safe_load((ROOT / "helm" / "rules" / "sluis.yaml").read_text("utf-8"))["groups"]
    alerts = {rule["alert"] for group in groups for rule in group["rules"]}
    assert len(lines) > 5
    assert len(alerts) > 5
    described = set(re.findall(r"^\| `([\w:]+)` \|", RUNBOOK, re.MULTILINE))
    assert described == lines | alerts
