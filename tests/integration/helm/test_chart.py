"""The chart: valid, restricted, closed by default, and without a secret in it."""

import copy
import ipaddress
import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from gateway.governance.catalogue.config_file import parse
from gateway.processes.cli import main
from tests.support.chart import (
    CHART,
    Document,
    Rendered,
    environment,
    flows,
    named,
    of_kind,
    pods,
    selects,
    validate,
)

pytestmark = pytest.mark.integration

PROFILES = ("complete", "default", "internal-only", "vllm", "worker-hpa")
Helm = Callable[..., "subprocess.CompletedProcess[str]"]
METADATA = ipaddress.ip_address("169.254.169.254")
each_profile = pytest.mark.parametrize("profile", PROFILES)

DNS = {("kube-system/k8s-app=kube-dns", "UDP", 53), ("kube-system/k8s-app=kube-dns", "TCP", 53)}
DATABASE = {("10.20.0.0/24", "TCP", 5432)}
BASE = DNS | DATABASE
WORKER = {("worker", "TCP", 8082)}
TO_CONTROL = DNS | {("control", "TCP", 8081)}
FROM_WORKER = {("worker", "TCP", 8081)}
GATEWAY = {("gateway", "TCP", 8080)}  # evaluations that the control plane runs
INTERNET = {("0.0.0.0/0 except 169.254.169.254/32", "TCP", 443)}
SIGN_ON = {("203.0.113.7/32", "TCP", 443)}
KEY_SERVICE = {
    ("vault/app.kubernetes.io/name=vault", "TCP", 8200),
    ("10.50.0.9/32", "TCP", 8200),
}
COLLECTOR = {("observability/", "TCP", 4318)}
COUNTERS = {("valkey/", "TCP", 6379)}
STORAGE = {("198.51.100.0/24", "TCP", 443)}
VAULT = {("vault/app.kubernetes.io/name=vault", "TCP", 8200)}
PROMETHEUS = "monitoring/app.kubernetes.io/name=prometheus"
EGRESS = {
    "complete": {
        "gateway": BASE | VAULT | WORKER | INTERNET | COLLECTOR | COUNTERS,
        "control": GATEWAY | BASE | VAULT | SIGN_ON | STORAGE | COUNTERS,
        "worker": TO_CONTROL,
        "console": TO_CONTROL | SIGN_ON,
        "migrate": BASE | VAULT,
    },
    "default": {"gateway": BASE | INTERNET, "control": GATEWAY | BASE | SIGN_ON, "migrate": BASE},
    "internal-only": {
        "gateway": BASE | WORKER | {("10.40.0.0/16", "TCP", 8000)},
        "control": GATEWAY | BASE | {("10.30.0.7/32", "TCP", 443)},
        "worker": TO_CONTROL,
        "migrate": BASE,
    },
    "vllm": {
        "gateway": BASE | {("vllm", "TCP", 8000)},
        "control": GATEWAY | BASE | {("10.30.0.7/32", "TCP", 443)},
        "vllm": set(),
        "migrate": BASE,
    },
    "worker-hpa": {
        "gateway": BASE | KEY_SERVICE | WORKER | INTERNET,
        "control": GATEWAY | BASE | KEY_SERVICE | SIGN_ON,
        "worker": TO_CONTROL,
        "console": TO_CONTROL,
        "migrate": BASE | KEY_SERVICE,
    },
}
CALLERS = {("ingress-nginx/", "TCP", 8080), ("control", "TCP", 8080)}
INGRESS = {
    "complete": {
        "gateway": CALLERS | {(PROMETHEUS, "TCP", 8080)},
        "control": FROM_WORKER
        | {
            ("console", "TCP", 8081),
            ("ingress-nginx/", "TCP", 8081),
            (PROMETHEUS, "TCP", 8081),
        },
        "worker": {("gateway", "TCP", 8082), (PROMETHEUS, "TCP", 8082)},
        "console": {("envoy-gateway-system/", "TCP", 8501)},
        "migrate": set(),
    },
    "default": {"gateway": CALLERS, "control": set(), "migrate": set()},
    "internal-only": {
        "gateway": CALLERS,
        "control": FROM_WORKER,
        "worker": {("gateway", "TCP", 8082)},
        "migrate": set(),
    },
    "vllm": {
        "gateway": CALLERS,
        "control": set(),
        "vllm": {("gateway", "TCP", 8000)},
        "migrate": set(),
    },
    "worker-hpa": {
        "gateway": CALLERS,
        "control": FROM_WORKER | {("console", "TCP", 8081)},
        "worker": {("gateway", "TCP", 8082)},
        "console": {("ingress-nginx/app=ingress", "TCP", 8501)},
        "migrate": set(),
    },
}


def not_restricted(spec: Document) -> list[str]:
    """Violations of the restricted Pod Security Standard, and of our own stricter rules."""
    security = spec.get("securityContext", {})
    volumes = {kind for volume in spec.get("volumes", []) for kind in volume if kind != "name"}
    checks = {
        "non-root": security.get("runAsNonRoot") is True and security.get("runAsUser", 0) > 0,
        "seccomp": security.get("seccompProfile") == {"type": "RuntimeDefault"},
        "host": not any(spec.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")),
        "volumes": volumes
        <= {"configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret"},
        "token": spec.get("automountServiceAccountToken") is False,
        "service links": spec.get("enableServiceLinks") is False,
    }
    for container in [*spec["containers"], *spec.get("initContainers", [])]:
        own = container.get("securityContext", {})
        checks |= {
            "escalation": own.get("allowPrivilegeEscalation") is False,
            "privileged": not own.get("privileged"),
            "capabilities": own.get("capabilities") == {"drop": ["ALL"]},
            "read-only root": own.get("readOnlyRootFilesystem") is True,
            "no override": not {"runAsUser", "runAsNonRoot", "seccompProfile"} & set(own),
            "host port": not any("hostPort" in port for port in container.get("ports", [])),
            "memory limit": "memory" in container.get("resources", {}).get("limits", {}),
            "digest": re.search(r"@sha256:[0-9a-f]{64}$", container["image"]) is not None,
        }
    return [name for name, held in checks.items() if not held]


def test_the_chart_says_who_maintains_it() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert all(one["name"] for one in chart["maintainers"])  # `ct lint` asks for it


@each_profile
def test_helm_lint_is_content(helm: Helm, profile: str) -> None:
    done = helm("lint", "--strict", profile=profile)
    assert done.returncode == 0, done.stdout + done.stderr


@each_profile
def test_every_document_is_valid_for_kubernetes(rendered: Rendered, profile: str) -> None:
    assert rendered[profile]
    for document in rendered[profile]:
        validate(document)


@each_profile
def test_every_pod_is_restricted(rendered: Rendered, profile: str) -> None:
    for pod in pods(rendered[profile]):
        assert not_restricted(pod["spec"]) == [], pod["metadata"]
    for account in of_kind(rendered[profile], "ServiceAccount"):
        assert account["automountServiceAccountToken"] is False


@pytest.mark.parametrize(
    ("field", "value", "violation"),
    [
        ("runAsNonRoot", False, "non-root"),
        ("runAsUser", 0, "non-root"),
        ("seccompProfile", {"type": "Unconfined"}, "seccomp"),
    ],
)
def test_the_checker_sees_what_is_not_restricted(
    rendered: Rendered, field: str, value: object, violation: str
) -> None:
    spec = copy.deepcopy(pods(rendered["default"])[0]["spec"])
    spec["securityContext"][field] = value
    spec["containers"][0]["securityContext"]["capabilities"] = {"drop": ["ALL"], "add": ["CHOWN"]}
    assert not_restricted(spec) == [violation, "capabilities"]


@each_profile
def test_exactly_the_needed_flows_are_open(rendered: Rendered, profile: str) -> None:
    egress: dict[str, set[Any]] = {}
    ingress: dict[str, set[Any]] = {}
    for pod in pods(rendered[profile]):
        labels = pod["metadata"]["labels"]
        component = labels["app.kubernetes.io/component"]
        egress[component] = set(flows(rendered[profile], labels, "egress"))
        ingress[component] = set(flows(rendered[profile], labels, "ingress"))
    assert egress == EGRESS[profile]
    assert ingress == INGRESS[profile]


def test_internal_only_opens_no_public_address(rendered: Rendered) -> None:
    blocks = list(_blocks(rendered["internal-only"]))
    assert blocks
    assert all(ipaddress.ip_network(block["cidr"]).is_private for block in blocks)


@pytest.mark.parametrize("where", ["identity", "database", "models", "keyService"])
def test_internal_only_refuses_a_public_cidr(helm: Helm, where: str) -> None:
    done = helm(
        "template", "--set", f"network.{where}.cidrs={{8.8.8.0/24}}", profile="internal-only"
    )
    assert done.returncode != 0
    assert "8.8.8.0/24 is not a private network" in done.stderr


@pytest.mark.parametrize(
    "cidr",
    [
        "0.0.0.0/0",
        "128.0.0.0/1",
        "169.0.0.0/8",
        "169.254.0.0/16",
        "169.254.169.254/31",
        "169.254.168.0/24",
        "10.0.0.0/8",
        "104.18.0.0/20",
        "168.0.0.0/8",
        "169.254.169.255/32",
    ],
)
def test_the_metadata_address_stays_closed(helm: Helm, cidr: str) -> None:
    done = helm("template", "--set", f"network.providers.cidrs={{{cidr}}}")
    assert done.returncode == 0, done.stderr
    blocks = [b for b in _blocks(list(yaml.safe_load_all(done.stdout))) if b["cidr"] == cidr]
    assert len(blocks) == 1
    inside = METADATA in ipaddress.ip_network(cidr)
    # An API server refuses an exception that does not lie inside its block.
    assert blocks[0].get("except", []) == (["169.254.169.254/32"] if inside else [])


def test_the_metadata_address_itself_is_refused(helm: Helm) -> None:
    done = helm("template", "--set", "network.providers.cidrs={169.254.169.254/32}")
    assert done.returncode != 0
    assert "may not be opened" in done.stderr


REQUIRED = (
    "image.repository",
    "image.digest",
    "secrets.existingSecret",
    "database.existingSecret",
    "network.database",
)


def test_without_values_the_refusal_lists_what_is_required(
    refused: Callable[..., str], helm: Helm
) -> None:
    message = refused({}, profile=None)
    assert all(f"- {name}" in message for name in REQUIRED)
    assert "ci/default-values.yaml" in message
    assert "schema" not in message
    assert "- image." not in refused({"secrets": {"existingSecret": ""}})
    assert "- secrets.existingSecret" in refused({"secrets": {"existingSecret": ""}})


def test_each_ci_file_is_tested() -> None:
    assert {path.name for path in (CHART / "ci").iterdir()} == {
        f"{p}-values.yaml" for p in PROFILES
    }


@pytest.mark.parametrize("overlay", sorted(p.name for p in (CHART / "profiles").iterdir()))
def test_overlays_go_on_top_of_other_values(helm: Helm, overlay: str) -> None:
    private = {"network": {"identity": {"cidrs": ["10.30.0.7/32"]}}}
    done = helm("template", f"--values={CHART / 'profiles' / overlay}", values=private)
    assert done.returncode == 0, done.stderr
    for document in yaml.safe_load_all(done.stdout):
        if document:
            validate(document)


def test_a_database_that_nothing_can_reach_is_refused(helm: Helm) -> None:
    done = helm("template", "--set", "network.database.cidrs=null")
    assert done.returncode != 0
    assert "network.database" in done.stderr


@pytest.mark.parametrize(
    "setting",
    [
        "image.digest=v1.2.3",
        "image.tag=latest",
        "image.repository=registry.example.eu/sluis:latest",
        "worker.image.digest=latest",
        "vllm.image.digest=latest",
        "vllm.models.path=../other",
        "vllm.apiKey.value=sk-inline",
        "gateway.replica=3",
        "unknown=1",
        "gateway.replicas=0",
        "gateway.terminationGracePeriodSeconds=10",
        "database.url=postgresql://sluis:hunter2@db/sluis",
        "database.password=hunter2",
        "secrets.kek=00ff",
        "keyService.VAULT_TOKEN=hvs.inline",
        "providerKeys.OPENAI_API_KEY=sk-inline",
        "config.providers[0].api_key=sk-inline",
        "config.providers[0].base_url=https://user:hunter2@api.example.eu/v1",
        "config.keys[0].secret=a-secret-of-24-characters",
        "config.identity.console.client_secret=inline",
        "network.providers.cidrs[0]=300.0.0.0/8",
        "network.providers.cidrs[0]=api.openai.com",
    ],
)
def test_the_schema_refuses(helm: Helm, setting: str) -> None:
    done = helm("template", "--set-string" if "digest" in setting else "--set", setting)
    assert done.returncode != 0
    assert "values don't meet the specifications of the schema" in done.stderr
    assert setting.partition("=")[0].partition("[")[0].split(".")[0] in done.stderr


def test_global_values_are_allowed(helm: Helm) -> None:
    assert helm("template", "--set", "global.region=eu").returncode == 0


@each_profile
def test_secrets_come_only_from_existing_ones(rendered: Rendered, profile: str) -> None:
    assert not of_kind(rendered[profile], "Secret")
    for pod in pods(rendered[profile]):
        names = environment(pod)
        if pod["spec"]["serviceAccountName"] == "sluis-console":
            assert "SLUIS_DATABASE_URL" not in names
            volumes = {volume["name"] for volume in pod["spec"]["volumes"]}
            assert volumes <= {"tmp", "config", "ca-bundle"}
            continue
        if pod["spec"]["serviceAccountName"] == "sluis-vllm":
            assert not {"SLUIS_DATABASE_URL", "SLUIS_SECRETS_DIR"} & names.keys()
            continue
        if pod["metadata"]["labels"]["app.kubernetes.io/component"] != "worker":
            assert set(names["SLUIS_DATABASE_URL"]["valueFrom"]) == {"secretKeyRef"}
        folder = names["SLUIS_SECRETS_DIR"]["value"]
        mounts = {m["mountPath"]: m for m in pod["spec"]["containers"][0]["volumeMounts"]}
        assert mounts[folder]["readOnly"] is True


def test_the_login_of_the_key_service_reaches_who_opens_the_key(rendered: Rendered) -> None:
    for profile, wanted in (
        ("worker-hpa", {"gateway", "control", "migrate", "apply"}),
        ("default", set()),
    ):
        holders = {}
        for pod in pods(rendered[profile]):
            container = pod["spec"]["containers"][0]
            token = environment(pod).get("VAULT_TOKEN", {}).get("valueFrom", {})
            mounts = {one["name"]: one["mountPath"] for one in container["volumeMounts"]}
            volumes = {one["name"]: one for one in pod["spec"]["volumes"]}
            held = {
                token.get("secretKeyRef", {}).get("name") == "sluis-key-service",
                "key-service" in mounts,
                volumes.get("key-service", {}).get("secret", {}).get("secretName")
                == "sluis-key-service-ca",
                environment(pod).get("VAULT_CACERT", {}).get("value")
                == f"{mounts.get('key-service')}/ca.crt",
            }
            assert len(held) == 1, (container["name"], held)
            holders[container["name"]] = held.pop()
        assert {name for name, has in holders.items() if has} == wanted


@each_profile
def test_hooks_need_nothing_that_comes_after_them(rendered: Rendered, profile: str) -> None:
    weights = {
        (item["kind"], item["metadata"]["name"]): int(
            item["metadata"]["annotations"]["helm.sh/hook-weight"]
        )
        for item in rendered[profile]
        if "helm.sh/hook" in item["metadata"].get("annotations", {})
    }
    job = named(rendered[profile], "Job", "sluis-migrate")["spec"]
    assert weights["Job", "sluis-migrate"] == -5
    assert weights["Job", "sluis-apply"] > -5
    assert (job["backoffLimit"], job["activeDeadlineSeconds"]) == (2, 600)
    for needed in (
        ("ServiceAccount", job["template"]["spec"]["serviceAccountName"]),
        ("ConfigMap", "sluis-config"),
        ("NetworkPolicy", "sluis-migrate"),
    ):
        assert weights[needed] < -5


@each_profile
def test_workloads_drain_spread_and_listen(rendered: Rendered, profile: str) -> None:
    for deployment in of_kind(rendered[profile], "Deployment"):
        pod = deployment["spec"]["template"]
        container = pod["spec"]["containers"][0]
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container)
        if container["name"] != "vllm":
            assert environment(pod)["SLUIS_HOST"]["value"] == "0.0.0.0"
            assert pod["spec"]["volumes"][0]["emptyDir"]["medium"] == "Memory"
        for spread in pod["spec"]["topologySpreadConstraints"]:
            assert selects(spread["labelSelector"], pod["metadata"]["labels"])
        service = named(rendered[profile], "Service", deployment["metadata"]["name"])["spec"]
        assert service["selector"].items() <= pod["metadata"]["labels"].items()
        assert service["ports"][0]["port"] == container["ports"][0]["containerPort"]


def test_an_autoscaler_owns_the_scale(rendered: Rendered) -> None:
    scaled = rendered["worker-hpa"]
    target = of_kind(scaled, "HorizontalPodAutoscaler")[0]["spec"]["scaleTargetRef"]["name"]
    assert "replicas" not in named(scaled, "Deployment", target)["spec"]
    assert named(rendered["default"], "Deployment", target)["spec"]["replicas"] == 2
    budgets = [d["metadata"]["name"] for d in of_kind(scaled, "PodDisruptionBudget")]
    assert sorted(budgets) == ["sluis-control", "sluis-gateway"]


@each_profile
def test_the_product_takes_what_the_chart_gives(rendered: Rendered, profile: str) -> None:
    text = named(rendered[profile], "ConfigMap", "sluis-config")["data"]["sluis.yaml"]
    assert parse(text, source="sluis.yaml").aliases[0].name == "assistant"
    for pod in pods(rendered[profile]):
        binary, command, *_ = pod["spec"]["containers"][0]["command"]
        assert (binary, command) == ("vllm", "serve") or (
            binary == "sluis" and command in main.commands
        )


def test_a_worker_with_a_certificate_is_probed_and_called_over_tls(rendered: Rendered) -> None:
    def volume(component: str) -> Document:
        pod = named(rendered["worker-hpa"], "Deployment", f"sluis-{component}")["spec"]["template"]
        found: Document = next(v for v in pod["spec"]["volumes"] if v["name"] == "worker-tls")
        return dict(found["secret"])

    keys = {c: [i["key"] for i in volume(c)["items"]] for c in ("worker", "gateway")}
    assert keys == {"worker": ["tls.crt", "tls.key"], "gateway": ["ca.crt"]}
    for profile, scheme in (("worker-hpa", "HTTPS"), ("internal-only", "HTTP")):
        pod = named(rendered[profile], "Deployment", "sluis-worker")["spec"]["template"]
        container = pod["spec"]["containers"][0]
        probes = ("startupProbe", "livenessProbe", "readinessProbe")
        assert {container[probe]["httpGet"]["scheme"] for probe in probes} == {scheme}
        assert ("SLUIS_WORKER_CERT" in environment(pod)) is (scheme == "HTTPS")


def test_the_console_is_told_its_public_address(rendered: Rendered) -> None:
    pod = named(rendered["worker-hpa"], "Deployment", "sluis-console")["spec"]["template"]
    assert environment(pod)["SLUIS_CONSOLE_URL"]["value"] == "https://console.example.nl"


def test_the_control_plane_alone_gets_a_token_of_the_cluster_when_asked(
    helm: Helm, rendered: Rendered
) -> None:
    assert "serviceAccountToken" not in str(rendered["default"])
    done = helm("template", "--set=control.clusterToken=true")
    with_token = {
        document["metadata"]["name"]
        for document in yaml.safe_load_all(done.stdout)
        if document and "serviceAccountToken" in str(document)
    }
    assert with_token == {"sluis-control"}
    assert "mountPath: /var/run/secrets/cluster," in done.stdout


def test_the_readme_names_every_value() -> None:
    text = (CHART / "README.md").read_text(encoding="utf-8")
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    listed = set(re.findall(r"^\| `([A-Za-z.]+)` \|", text, flags=re.MULTILINE))
    assert listed == set(_leaves(values))


def _blocks(documents: list[Document]) -> Iterator[Document]:
    for policy in of_kind([d for d in documents if d], "NetworkPolicy"):
        for rule in policy["spec"].get("egress") or []:
            yield from (peer["ipBlock"] for peer in rule["to"] if "ipBlock" in peer)


def _leaves(values: Document, above: str = "") -> Iterator[str]:
    whole = ("resources", "podLabels", "nodeSelector", "labels")
    for name, value in values.items():
        if isinstance(value, dict) and value and name not in whole:
            yield from _leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}"
