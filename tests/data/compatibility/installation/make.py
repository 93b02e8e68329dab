"""Makes the stored installation by running the product; README.md beside this folder says how."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import httpx

HERE = Path(__file__).resolve().parent
CODE = Path(os.environ["PYTHONPATH"])  # detector processes find it as their working directory
DATA_PORT, CONTROL_PORT, DEMO_PORT = 18080, 18081, 18083
KEYS = {
    "FROZEN_APP_KEY": "sk-frozen-app-00000000000000000",
    "FROZEN_PUBLIC_KEY": "sk-frozen-public-00000000000000",
    "FROZEN_AUTHOR_KEY": "sk-frozen-author-00000000000000",
    "FROZEN_OFFICER_KEY": "sk-frozen-officer-0000000000000",
}
APP, PUBLIC, AUTHOR, OFFICER = KEYS.values()
CONVERSATION = "case-2026-17"
DUTCH = (
    "Mijn naam is Sanne van der Meulen en mijn bsn is 111222333. Graag ontvang ik de teruggave op "
    "rekening NL91 ABNA 0417 1643 00. U kunt mij bellen op 06-12345678."
)
ENGLISH = "Please write to Thomas Whitfield, t.whitfield@mail.example.com, about his invoice."
ERASED = "Stuur de brief naar Jan Kwijtelaar, j.kwijtelaar@post.example.nl."
HEALTH = (
    "Mevrouw Fatima Yilmaz heeft diabetes en gebruikt insuline; haar arts schrijft over de ziekte."
)
GENERAL = "What does a canal lock do? One sentence."
SINCE, UNTIL = 1_790_000_000_000, 4_102_444_800_000  # September 2026 to 2100
FAR = 3_786_912_000_000  # the year 2090
TERM = "Project Zilvermeeuw"


class Maker:
    """One data directory, and the processes over it."""

    def __init__(self, root: Path) -> None:
        self.root, self.data = root, root / "data"
        self.facts: dict[str, Any] = {}
        self._up: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME")}
        ports = {
            "SLUIS_DATA_PORT": str(DATA_PORT), "SLUIS_CONTROL_PORT": str(CONTROL_PORT),
            "SLUIS_DEMO_PORT": str(DEMO_PORT), "SLUIS_DETECTORS": "1",
        }  # fmt: skip
        return {**kept, **KEYS, **ports, "SLUIS_DATA_DIR": str(self.data)}

    def sluis(self, *arguments: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "gateway", *arguments],
            env=self.environment(), cwd=CODE, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return json.loads(done.stdout) if "--json" in arguments else done.stdout

    def start(self) -> None:
        self._up = subprocess.Popen(
            [sys.executable, "-m", "gateway", "up", "--no-worker", "--no-console"],
            env=self.environment(), cwd=CODE,
        )  # fmt: skip
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                if httpx.get(f"http://127.0.0.1:{DATA_PORT}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.2)
        raise SystemExit("not ready")

    def stop(self) -> None:
        assert self._up is not None
        self._up.terminate()
        self._up.wait(60)

    def kill(self, *parts: str) -> None:
        """SIGKILL to children of ``up`` by their command, and with ``up`` to that one itself."""
        assert self._up is not None
        up = self._up.pid
        children = Path(f"/proc/{up}/task/{up}/children").read_text(encoding="ascii").split()
        for part in parts:
            if part == "up":
                self._up.kill()
                self._up.wait()
                continue
            for child in children:
                command = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
                if part.encode() in command:
                    os.kill(int(child), signal.SIGKILL)

    def ask(self, text: str, key: str = APP, *, stream: bool = False, model: str = "assistant",
            **headers: str) -> httpx.Response:  # fmt: skip
        body = {"model": model, "stream": stream, "messages": [{"role": "user", "content": text}]}
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.post(
            f"http://127.0.0.1:{DATA_PORT}/v1/chat/completions", json=body, timeout=60,
            headers={"authorization": f"Bearer {key}", **sent},
        )  # fmt: skip

    def admin(self, method: str, path: str, body: Any = None, key: str = AUTHOR) -> Any:
        answer = httpx.request(
            method, f"http://127.0.0.1:{CONTROL_PORT}/admin/v1{path}", json=body, timeout=60,
            headers={"authorization": f"Bearer {key}"},
        )  # fmt: skip
        if not answer.is_success:
            raise SystemExit(f"{path}: {answer.status_code} {answer.text}")
        return answer.json()

    def wait_for_bundle(self, before: str) -> None:
        while self.ask(GENERAL, PUBLIC).headers["x-sluis-bundle"] == before:
            time.sleep(0.5)


def said(answer: httpx.Response) -> str:
    return str(answer.json()["choices"][0]["message"]["content"])


def long_lived(maker: Maker, bundle: str) -> None:
    """A policy that two people made: the entries of this installation outlive their tests."""
    policies = maker.admin("GET", "/policies")["files"]
    retention = policies["retention.yaml"]
    for days in ("92", "184", "366", "731", "3653"):
        retention = retention.replace(f": {days}", ": 36500")
    redaction = policies["redaction.yaml"].replace("hours: 24", "hours: 2160")
    files = {"retention.yaml": retention, "redaction.yaml": redaction}
    made = maker.admin("POST", "/policies/proposals", {"files": files, "comment": "keep longer"})
    maker.admin("POST", f"/proposals/{made['id']}/approve", {"comment": "agreed"}, OFFICER)
    hints = {"redaction.yaml": redaction.replace("gender: false", "gender: true")}
    waiting = maker.admin("POST", "/policies/proposals", {"files": hints, "comment": "hints"})
    maker.facts["proposals"] = {"approved": made["id"], "pending": waiting["id"]}
    maker.wait_for_bundle(bundle)


def requests(maker: Maker) -> None:
    """What applications sent."""
    facts = maker.facts
    general = maker.ask(GENERAL, PUBLIC)
    dutch = maker.ask(DUTCH, x_sluis_conversation=CONVERSATION, x_sluis_user="u-1")
    assert "Sanne van der Meulen" in said(dutch), dutch.text
    assert int(dutch.headers["x-sluis-redacted"]) >= 4, dutch.headers
    english = maker.ask(ENGLISH, stream=True)
    assert "Thomas Whitfield" in "".join(
        json.loads(line[6:])["choices"][0]["delta"].get("content") or ""
        for line in english.text.splitlines()
        if line.startswith("data: {") and json.loads(line[6:])["choices"]
    ), english.text
    erased = maker.ask(ERASED, x_sluis_conversation="case-2026-18")
    refused = maker.ask(HEALTH)
    assert refused.status_code in {403, 503}, refused.text
    unknown = maker.ask(GENERAL, "sk-nobody")
    assert unknown.status_code == 401
    base = f"http://127.0.0.1:{DATA_PORT}/v1"
    bearer = {"authorization": f"Bearer {APP}"}
    detected = httpx.post(f"{base}/privacy/detect", json={"text": DUTCH}, headers=bearer)
    listed = httpx.get(f"{base}/models", headers=bearer)
    assert detected.status_code == listed.status_code == 200
    answers = {
        "general": general,
        "dutch": dutch,
        "english": english,
        "erased": erased,
        "refused": refused,
        "detected": detected,
    }  # fmt: skip
    facts["requests"] = {name: one.headers["x-sluis-audit-id"] for name, one in answers.items()}
    facts["statuses"] = {name: one.status_code for name, one in answers.items()}
    facts["refusal"] = refused.json()["error"]["code"]
    received = httpx.get(f"http://127.0.0.1:{DEMO_PORT}/received").json()["received"]
    facts["placeholders"] = next(
        one["body"]["messages"][-1]["content"]
        for one in received
        if "rekening" in json.dumps(one["body"])
    )


def governed(maker: Maker) -> None:
    """What people did."""
    facts = maker.facts
    kept = maker.sluis("keys", "create", "made-app", "--team", "support", "--days", "365", "--json")
    gone = maker.sluis("keys", "create", "revoked-app", "--team", "support", "--json")
    maker.sluis("keys", "revoke", "revoked-app", "--json")
    facts["keys"] = {"made": kept, "revoked": gone}
    request = facts["requests"]
    hold = maker.sluis(
        "holds", "create", "--audit-id", request["dutch"], "--review", "2027-05-01",
        "--reason", "claim 2026-31", "--json",
    )  # fmt: skip
    released = maker.admin(
        "POST", "/holds", {"reason": "claim 2026-32", "review": FAR, "use_case": "information"},
        OFFICER,
    )  # fmt: skip
    proposal = maker.admin("POST", f"/holds/{released['id']}/release", {"reason": "settled"})
    maker.admin("POST", f"/proposals/{proposal['proposal']}/approve", {"comment": "ok"}, OFFICER)
    complaint = httpx.post(
        f"http://127.0.0.1:{CONTROL_PORT}/complaints",
        json={"receipt": request["general"], "text": "The answer is wrong.", "language": "en"},
    ).json()
    incident = maker.sluis(
        "incidents", "open", "--kind", "data_breach", "--aware", "2026-11-28T09:30+01:00",
        "--audit-id", request["english"], "--description", "an answer went to a wrong person",
        "--json",
    )  # fmt: skip
    maker.sluis("incidents", "close", incident["id"], "--outcome", "reported", "--json")
    facts |= {
        "hold": hold["id"], "released": released["id"], "complaint": complaint["id"],
        "incident": incident["id"],
    }  # fmt: skip
    for kind, text, approve in (("deny", TERM, True), ("allow", "Sluiswachter", False)):
        terms = maker.admin(
            "POST", "/terms", {"add": [{"kind": kind, "text": text}], "reason": "our projects"}
        )
        if approve:
            maker.admin("POST", f"/proposals/{terms['id']}/approve", {"comment": ""}, OFFICER)
        facts["proposals"][f"terms_{kind}"] = terms["id"]
    erased = {"subjects": [{"type": "EMAIL", "value": "j.kwijtelaar@post.example.nl"}]}
    maker.admin("POST", "/subjects/erase", {**erased, "reason": "request 2026-117"}, OFFICER)
    maker.admin("POST", f"/audit/{request['dutch']}/reveal", {"reason": "complaint 2026-17"})


def packages(maker: Maker, into: Path) -> None:
    """Exports of all profiles, a receipt and a report."""
    period = {"since": SINCE, "until": UNTIL, "formats": ["jsonl", "csv", "parquet", "pdf"]}

    def export(name: str, **changed: Any) -> None:
        answer = httpx.post(
            f"http://127.0.0.1:{CONTROL_PORT}/admin/v1/audit/exports", json={**period, **changed},
            headers={"authorization": f"Bearer {AUTHOR}"}, timeout=120,
        )  # fmt: skip
        if answer.status_code == 202:
            path = f"/proposals/{answer.json()['proposal']}/approve"
            maker.admin("POST", path, {"comment": "agreed"}, OFFICER)
            export(name, **changed)
            return
        assert answer.status_code == 200, answer.text
        (into / name).write_bytes(answer.content)

    export("metadata.zip", profile="metadata", formats=["jsonl"])
    export("selected.zip", where={"zone": ["eu"]}, formats=["jsonl"])
    export("full.zip", profile="full", reason="complaint 2026-17")
    receipt, report = maker.root / "receipt.json", maker.root / "report.json"
    maker.sluis("audit", "receipt", maker.facts["requests"]["dutch"], "--output", str(receipt))
    shutil.copy(receipt, into / "receipt.json")
    receipt.unlink()
    maker.sluis(
        "report", "make", "--kind", "activity", "--from", "2026-11-01", "--to", "2026-12-31",
        "--format", "json", "--output", str(report),
    )  # fmt: skip
    report.unlink()


def far_values(maker: Maker) -> None:
    """Values of conversations live 90 days at most: in this copy they live until the year 2090."""
    code = (
        "import sqlite3, sys\n"
        "with sqlite3.connect(sys.argv[1]) as db:\n"
        "    for table in ('vault_value', 'value_key'):\n"
        "        print(table, db.execute(f'UPDATE {table} SET expires = {sys.argv[2]}').rowcount)\n"
        "db.execute('PRAGMA wal_checkpoint(TRUNCATE)')\n"
    )
    path = maker.data / "audit-gateway.db"
    subprocess.run([sys.executable, "-c", code, str(path), str(FAR)], check=True)


def packed(maker: Maker, target: Path) -> None:
    def entry(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.uid = info.gid = 0
        info.uname = info.gname = "root"
        return info

    with tarfile.open(target, "w:gz", compresslevel=9) as archive:
        for path in sorted(maker.root.iterdir()):
            archive.add(path, path.name, filter=entry)


def thinned(maker: Maker) -> None:
    """Snapshots that are not in force are not needed."""
    folder = maker.data / "snapshots"
    current = (folder / "current").read_text(encoding="ascii").strip()
    for path in folder.glob("*.json"):
        if path.stem != current:
            path.unlink()


def main() -> None:
    maker = Maker(Path(sys.argv[1]).resolve())
    maker.data.mkdir(parents=True)
    shutil.copy(HERE / "sluis.yaml", maker.data / "sluis.yaml")
    maker.start()
    first = maker.ask(GENERAL, PUBLIC).headers["x-sluis-bundle"]
    long_lived(maker, first)
    requests(maker)
    governed(maker)
    time.sleep(2)
    maker.stop()
    maker.sluis("audit", "rotate-key", "--json")
    maker.start()
    later = maker.ask(DUTCH, x_sluis_conversation=CONVERSATION)
    maker.facts["requests"]["later"] = later.headers["x-sluis-audit-id"]
    maker.facts |= {
        "term": TERM, "secrets": KEYS, "conversation": CONVERSATION, "text": DUTCH,
        "health": HEALTH, "demo_port": DEMO_PORT,
    }  # fmt: skip
    time.sleep(2)
    packages(maker, HERE)
    maker.stop()
    far_values(maker)
    thinned(maker)
    shutil.copy(maker.data / "secrets" / "signing.pub", HERE / "signing.pub")
    packed(maker, HERE / "stopped.tar.gz")

    maker.start()
    maker.kill("control")
    last = maker.ask(DUTCH, x_sluis_conversation=CONVERSATION)
    maker.kill("gateway", "control", "demo-provider", "up")
    assert said(last)
    maker.facts["requests"]["killed"] = last.headers["x-sluis-audit-id"]
    thinned(maker)
    packed(maker, HERE / "killed.tar.gz")
    text = json.dumps(maker.facts, indent=1, ensure_ascii=False, sort_keys=True)
    (HERE / "facts.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
