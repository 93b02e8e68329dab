"""Demonstrate Sluis on one machine: start everything, three real requests, a verified export.

Run by `make demo`. With --once it stops everything at the end; the exit code is the outcome.
"""

import argparse
import datetime
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import openai

ROOT = Path(__file__).resolve().parents[1]
SLUIS = ROOT / ".venv" / "bin" / "sluis"
READY_S = 240

GENERAL = "What does a canal lock do? One sentence."
EMAIL = """\
Geachte heer/mevrouw,

Mijn naam is Sanne van der Meulen en mijn burgerservicenummer is 111222333. Graag ontvang ik de
teruggave op rekening NL91 ABNA 0417 1643 00. Voor vragen bent u welkom op 06-12345678.

Met vriendelijke groet,
Sanne van der Meulen"""
VALUES = ("Sanne van der Meulen", "111222333", "NL91 ABNA 0417 1643 00", "06-12345678")
LETTER = """\
Geachte heer Bakker,

Sinds de operatie aan haar heup kan mevrouw Fatima Yilmaz niet meer alleen de trap op. Haar arts
schrijft dat zij door de ziekte snel hulp in huis nodig heeft. Wilt u dit met spoed regelen?"""
LETTERS_PROMPT = (
    "Sorteer deze brief. Kies category uit: klacht, bezwaar, betaling, verhuizing, zorg, "
    "vergunning, informatie, opzegging. Kies urgency uit: laag, normaal, hoog. Antwoord in JSON."
)
CATEGORIES = LETTERS_PROMPT.split("uit: ")[1].split(".", maxsplit=1)[0].split(", ")


class DemoFailed(Exception):
    """The demonstration did not give the promised result."""


def print_line(text: str = "") -> None:
    print(text, flush=True)


def title(text: str) -> None:
    print_line(f"\n{'─' * 78}\n{text}\n{'─' * 78}")


def expect(condition: object, message: str) -> None:
    if not condition:
        raise DemoFailed(message)


def port(name: str, default: int) -> int:
    return int(os.environ.get(name, default))


def fetch(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as response:
        return json.loads(response.read())


def start(data_dir: Path) -> subprocess.Popen[bytes]:
    """Start `sluis up` and wait until every process is ready."""
    title("1. Starting every part (endpoint, control plane, console, provider, model worker)")
    process = subprocess.Popen(
        [SLUIS, "up", "--data-dir", data_dir], start_new_session=True, cwd=ROOT
    )
    address = f"http://127.0.0.1:{port('SLUIS_DATA_PORT', 8080)}/readyz"
    began, last = time.monotonic(), ""
    while time.monotonic() - began < READY_S:
        if process.poll() is not None:
            raise DemoFailed(f"sluis up ended with exit code {process.returncode}; see above")
        try:
            fetch(address)
        except urllib.error.HTTPError as waiting:
            reason = str(json.loads(waiting.read()).get("reason", ""))
        except OSError:
            reason = "the gateway is starting"
        else:
            print_line(f"Ready after {time.monotonic() - began:.0f} s.")
            return process
        if reason != last:
            print_line(f"  waiting for {reason}")
            last = reason
        time.sleep(0.5)
    raise DemoFailed(f"not ready after {READY_S} s: {last}")


def new_key(data_dir: Path) -> str:
    """Create a key for this run with the command line, as an operator would."""
    command = [
        SLUIS,
        "keys",
        "create",
        f"demo-{int(time.time())}",
        "--team",
        "support",
        "--purpose",
        "customer-service",
        "--clearance",
        "restricted",
        "--days",
        "1",
        "--data-dir",
        data_dir,
        "--json",
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    time.sleep(1.2)  # the gateway loads new keys within a second
    return str(json.loads(done.stdout)["secret"])


def show(headers: Any) -> None:
    for name in ("sensitivity", "zone", "deployment", "redacted", "rerouted", "audit-id"):
        value = headers.get(f"x-sluis-{name}")
        if value is not None:
            print_line(f"  x-sluis-{name:<12} {value}")


def general(client: openai.OpenAI) -> None:
    title("2. A general question goes to the commercial side (here: the demonstration provider)")
    print_line(f"> {GENERAL}")
    raw = client.chat.completions.with_raw_response.create(
        model="assistant", messages=[{"role": "user", "content": GENERAL}]
    )
    print_line(f"< {raw.parse().choices[0].message.content}")
    show(raw.headers)
    expect(raw.headers["x-sluis-zone"] == "eu", "the question did not go to the commercial side")


def email(client: openai.OpenAI, provider: str) -> None:
    title("3. A customer's e-mail: personal data out on the way, back in the streamed answer")
    print_line("\n".join(f"> {line}" for line in EMAIL.splitlines()))
    raw = client.chat.completions.with_raw_response.create(
        model="assistant", messages=[{"role": "user", "content": EMAIL}], stream=True
    )
    sent = fetch(f"{provider}/received")["received"][-1]["body"]["messages"][-1]["content"]
    print_line("\nWhat the provider received:")
    print_line("\n".join(f"| {line}" for line in sent.splitlines()))
    print_line("\nThe answer, as it streams, restored:")
    sys.stdout.write("< ")
    answer = ""
    for chunk in raw.parse():
        piece = (chunk.choices[0].delta.content or "") if chunk.choices else ""
        answer += piece
        sys.stdout.write(piece)
        sys.stdout.flush()
    print_line()
    show(raw.headers)
    for value in VALUES:
        expect(value not in sent, f"the provider received {value!r}")
        expect(value in answer, f"{value!r} did not come back in the answer")


def letter(client: openai.OpenAI, provider: str) -> None:
    title("4. A letter about someone's health stays inside: the organisation's own finetuned model")
    print_line("\n".join(f"> {line}" for line in LETTER.splitlines()))
    before = len(fetch(f"{provider}/received")["received"])
    schema = {
        "type": "object",
        "properties": {
            "category": {"enum": CATEGORIES},
            "urgency": {"enum": ["laag", "normaal", "hoog"]},
        },
        "required": ["category", "urgency"],
        "additionalProperties": False,
    }
    raw = client.chat.completions.with_raw_response.create(
        model="letters",
        messages=[
            {"role": "system", "content": LETTERS_PROMPT},
            {"role": "user", "content": LETTER},
        ],
        temperature=0,
        max_tokens=60,
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "sorted_letter", "schema": schema, "strict": True},
        },
    )
    answer = json.loads(raw.parse().choices[0].message.content or "")
    print_line(f"< {answer}")
    show(raw.headers)
    expect(raw.headers["x-sluis-sensitivity"] == "restricted", "the letter was not restricted")
    expect(raw.headers["x-sluis-zone"] == "internal", "the letter left the organisation")
    expect(answer["category"] in CATEGORIES, "the finetune did not answer as it was taught")
    expect(len(fetch(f"{provider}/received")["received"]) == before, "the provider got something")


def evidence(data_dir: Path) -> None:
    title("5. The trail: exported, and verified by a stand-alone script")
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    package = data_dir / f"trail-{today}.zip"
    for command in (
        [
            SLUIS,
            "audit",
            "export",
            "--from",
            today,
            "--to",
            today,
            "--output",
            package,
            "--data-dir",
            data_dir,
        ],
        [
            sys.executable,
            ROOT / "gateway" / "evidence" / "verify.py",
            package,
            "--key",
            data_dir / "secrets" / "signing.pub",
        ],
    ):
        print_line(
            "$ " + " ".join(Path(part).name if "/" in str(part) else str(part) for part in command)
        )
        done = subprocess.run(command, check=False, cwd=ROOT)
        expect(done.returncode == 0, f"{command[1]} ended with exit code {done.returncode}")


def addresses(key: str, data_dir: Path) -> None:
    title("Try it yourself")
    host = "http://127.0.0.1"
    print_line(
        f"Console    {host}:{port('SLUIS_CONSOLE_PORT', 8501)}   (sign in with an admin key)"
    )
    print_line(
        f"Endpoint   {host}:{port('SLUIS_DATA_PORT', 8080)}/v1   models: assistant, house, letters"
    )
    print_line(f"Key        {key}   (an application's, valid for a day)")
    print_line(
        f"Provider   {host}:{port('SLUIS_DEMO_PORT', 8083)}/received   what left the organisation"
    )
    print_line("Admin keys were printed at the very first start; for new ones:")
    print_line(
        f"  .venv/bin/sluis keys create me --kind admin --role platform_admin --data-dir {data_dir}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true", help="stop everything at the end")
    parser.add_argument("--data-dir", type=Path, default=ROOT / ".sluis")
    arguments = parser.parse_args()
    provider = f"http://127.0.0.1:{port('SLUIS_DEMO_PORT', 8083)}"
    process = None
    try:
        process = start(arguments.data_dir)
        key = new_key(arguments.data_dir)
        base_url = f"http://127.0.0.1:{port('SLUIS_DATA_PORT', 8080)}/v1"
        client = openai.OpenAI(base_url=base_url, api_key=key)
        general(client)
        email(client, provider)
        letter(client, provider)
        evidence(arguments.data_dir)
        addresses(key, arguments.data_dir)
        if not arguments.once:
            print_line("\nEverything keeps running; Ctrl-C stops it.")
            process.wait()
    except (DemoFailed, openai.APIError, subprocess.CalledProcessError) as failure:
        print_line(f"\nThe demonstration failed: {failure}")
        return 1
    except KeyboardInterrupt:
        print_line()
    finally:
        if process is not None and process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=60)
    print_line("\nThe demonstration showed everything it promises.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
