"""The configuration of compose.yaml, and values for the keys that it names."""

from pathlib import Path

CONFIG = Path(__file__).resolve().parents[2] / "deploy" / "sluis.yaml"
KEYS = {
    "APP_KEY": "sluis_app_00000000000000000000",
    "OPS_KEY": "sluis_ops_00000000000000000000",
    "APPROVER_KEY": "sluis_approver_000000000000000",
}
