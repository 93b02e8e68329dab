"""The CA bundle: one read-only file in every pod, that the processes are pointed at."""

from collections.abc import Callable

import pytest

from tests.support.chart import Document, environment, mounts, processes, validate

pytestmark = pytest.mark.integration

Render = Callable[..., list[Document]]
Refused = Callable[..., str]
FILE = "/etc/sluis/ca/ca.crt"


@pytest.mark.parametrize(
    ("values", "volume"),
    [
        (
            {"existingConfigMap": "roots", "key": "bundle.pem"},
            {"configMap": {"name": "roots", "items": [{"key": "bundle.pem", "path": "ca.crt"}]}},
        ),
        (
            {"existingSecret": "roots"},
            {
                "secret": {
                    "secretName": "roots",
                    "defaultMode": 0o440,
                    "items": [{"key": "ca.crt", "path": "ca.crt"}],
                }
            },
        ),
    ],
)
def test_every_pod_has_the_bundle(render: Render, values: Document, volume: Document) -> None:
    documents = render({"caBundle": values}, profile="worker-hpa")
    for document in documents:
        validate(document)
    found = set()
    for name, pod, _ in processes(documents):
        mount = mounts(pod)["/etc/sluis/ca"]
        assert mount["readOnly"] is True
        assert mount["volume"] == {"name": "ca-bundle"} | volume
        for variable in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
            assert environment(pod)[variable]["value"] == FILE
        # asyncpg takes the authority of PostgreSQL from here.
        assert ("PGSSLROOTCERT" in environment(pod)) is ("SLUIS_DATABASE_URL" in environment(pod))
        found.add(name)
    assert found == {"gateway", "control", "worker", "console", "migrate", "apply"}


def test_without_one_nothing_points_at_a_file(render: Render) -> None:
    for _, pod, _ in processes(render({})):
        assert not {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PGSSLROOTCERT"} & set(environment(pod))
        assert "/etc/sluis/ca" not in mounts(pod)


def test_two_sources_are_refused(refused: Refused) -> None:
    message = refused({"caBundle": {"existingConfigMap": "a", "existingSecret": "b"}})
    assert "caBundle: give existingConfigMap or existingSecret, not both" in message


def test_the_certificate_of_the_database_is_checked_by_all_that_open_it(render: Render) -> None:
    values = {"database": {"sslMode": "verify-full"}, "caBundle": {"existingConfigMap": "roots"}}
    for name, pod, _ in processes(render(values, profile="worker-hpa")):
        mode = environment(pod).get("PGSSLMODE", {}).get("value")
        assert mode == (None if name in {"console", "worker"} else "verify-full"), name


def test_a_check_without_an_authority_is_refused(refused: Refused) -> None:
    assert "caBundle must hold the authority" in refused({"database": {"sslMode": "verify-full"}})
