"""The real oidc-provider and a real installation: its keys change, and it goes down, under load."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support import oidc_provider
from tests.support.installation import Installation
from tests.support.oidc_provider import OidcProvider
from tests.support.postgres import fresh_database
from tests.support.provider_tokens import encoded, key
from tests.support.schema import TEMPLATE

pytestmark = [pytest.mark.integration, pytest.mark.slow]
AUDIENCE = "urn:sluis"
OLD, NEW = key(kid="old"), key(kid="new")
CALLERS = 3
SOON_S = 8.0  # on a busy machine; the parts add up to some two seconds


def ask(sluis: Installation, token: str) -> httpx.Response:
    """A call that needs nothing but an accepted credential."""
    return httpx.get(
        f"{sluis.url}/v1/models",
        headers={"authorization": f"Bearer {token}"},
        trust_env=False,
        timeout=30,
    )


def accepted(sluis: Installation, token: str) -> bool:
    return ask(sluis, token).status_code not in {401, 503}


class Load:
    """Callers that go on all the time; what each was answered."""

    def __init__(self, sluis: Installation, token: str) -> None:
        self._sluis = sluis
        self._token = token
        self.answers: Counter[int] = Counter()
        self._stopping = threading.Event()

    @contextmanager
    def running(self) -> Iterator["Load"]:
        with ThreadPoolExecutor(CALLERS) as callers:
            going = [callers.submit(self._call) for _ in range(CALLERS)]
            try:
                yield self
            finally:
                self._stopping.set()
            for one in going:
                one.result()

    def _call(self) -> None:
        while not self._stopping.is_set():
            self.answers[ask(self._sluis, self._token).status_code] += 1


def reads_in_a_flood_are_few(sluis: Installation, provider: OidcProvider) -> None:
    _, payload, signature = provider.token(AUDIENCE).split(".")
    before, began = provider.reads_of_keys(), time.monotonic()
    for number in range(200):
        forged = encoded({"alg": "RS256", "typ": "at+jwt", "kid": f"unknown-{number}"})
        assert ask(sluis, f"{forged}.{payload}.{signature}").status_code == 401
    reads, seconds = provider.reads_of_keys() - before, time.monotonic() - began
    assert reads <= 1 + seconds / 30 + seconds / 60 + 1


@pytest.fixture(scope="module")
def provider(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OidcProvider]:
    made = OidcProvider(
        oidc_provider.install(pytestconfig), tmp_path_factory.mktemp("provider") / "provider.log"
    )
    made.start(OLD)
    yield made
    made.stop()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def installed(
    request: pytest.FixtureRequest,
    provider: OidcProvider,
    config: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    stack = ExitStack()
    url = None
    if request.param == "postgres":
        server = request.getfixturevalue("postgres")
        url = stack.enter_context(fresh_database(server, TEMPLATE))
    made = Installation(tmp_path_factory.mktemp("sluis"), url)
    issuers = (
        "identity:\n  issuers:\n"
        f'    - {{name: staff, issuer: "{provider.issuer}", audience: "{AUDIENCE}"}}\n'
    )
    provider.stop()
    provider.start(OLD)
    with stack:
        if url:
            made.sluis("secrets", "create")  # of production: given, not made
        made.apply(config + issuers)
        stack.callback(made.stop)
        made.start("control", "gateway")
        yield made


def test_keys_change_and_the_provider_goes_down_under_load(
    installed: Installation, provider: OidcProvider
) -> None:
    sluis, old = installed, provider.token(AUDIENCE)
    sluis.until(lambda: accepted(sluis, old), "its token is accepted")
    with Load(sluis, old).running() as load:
        provider.stop()
        provider.start(NEW, OLD)  # rotated: the old key is published a while longer
        new, began = provider.token(AUDIENCE), time.monotonic()
        first = ask(sluis, new)
        sluis.until(lambda: accepted(sluis, new), "the new key is in force", limit=60)
        took = time.monotonic() - began
        provider.stop()  # and now it is down
        for _ in range(20):
            assert accepted(sluis, new)
    assert first.status_code in {200, 401}
    if first.status_code == 401:
        assert "not among the published keys of staff" in first.json()["error"]["message"]
        assert first.headers["retry-after"] == "5"
    assert set(load.answers) <= {200, 403}  # none was refused for its token
    assert sum(load.answers.values()) > 20
    assert took < SOON_S, f"a new key took {took:.1f} s"
    provider.start(NEW, OLD)
    reads_in_a_flood_are_few(sluis, provider)  # afterwards: it delays a new key by half a minute


def test_a_token_of_a_megabyte_is_refused_before_it_is_read(
    installed: Installation, provider: OidcProvider
) -> None:
    token = provider.token(AUDIENCE)
    assert ask(installed, token + "A" * 40_000).status_code == 401  # too long for a token
    answer = ask(installed, token + "A" * 1_000_000)  # too long for a header of any kind
    assert (answer.status_code, answer.json()["error"]["code"]) == (431, "head_too_large")


def test_the_command_explains_a_token(installed: Installation, provider: OidcProvider) -> None:
    token = provider.token(AUDIENCE)
    good = installed.sluis("identity", "test", token, check=False)
    assert good.returncode == 0, good.stderr
    assert "Accepted, as application " in good.stdout
    assert "It may use no model" in good.stdout, "no mapping names this application"
    assert token.rpartition(".")[2] not in good.stdout
    other = installed.sluis("identity", "test", provider.token("urn:other"), "--json", check=False)
    assert other.returncode == 1
    failed = [check for check in json.loads(other.stdout)["checks"] if not check["passed"]]
    assert [check["check"] for check in failed] == ["audience"]
    remote = installed.sluis(
        "identity", "test", token, "--url", installed.control, check=False
    )  # SLUIS_TOKEN is not set
    assert remote.returncode == 1
    assert "SLUIS_TOKEN" in remote.stderr
    listed = json.loads(installed.sluis("identity", "providers", "--json").stdout)
    assert [issuer["name"] for issuer in listed["issuers"]] == ["staff"]


def test_tokens_stand_in_no_log(installed: Installation, provider: OidcProvider) -> None:
    token = provider.token(AUDIENCE)
    accepted(installed, token)
    accepted(installed, token[:-4] + "AAAA")
    logs: list[Path] = list(installed.folder.glob("*.log"))
    assert logs
    signature = token.rpartition(".")[2]
    assert not [log for log in logs if signature[:40] in log.read_text(encoding="utf-8")]
