"""What requests at once save an evaluation: ``python -m tests.performance.evaluations 500 0.4``.

``sluis models evaluate`` measures a version through a control plane and a gateway of their own
processes: 16 items at once, then one by one, then 16 at once again, each a suite of so many new
items (here and by default 500). The engine is a script that speaks the format of OpenAI and takes
so many seconds (here and by default 0.4) for each answer, however many it gets at once. Wall time
is that of the whole command: its start, the keys, the proof of each answer by the trail, the score.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import mean

from tests.e2e.test_model_evaluations import Bench, SlowApi
from tests.support.evaluation_suites import description, items_text
from tests.support.installation import Installation
from tests.support.own_suites import put_in_use

_AT_ONCE = 16
_PASSES = (_AT_ONCE, 1, _AT_ONCE)  # interleaved: what else the machine does changes


def _suite(bench: Bench, number: int, items: int) -> str:
    """Put a suite in use whose texts the gateway has not read before; gives its name."""
    name = f"large-{number}"
    about = description("classification", name=name, labels=["blij", "boos"])
    lines = items_text(*(bench.item(number * items + at) for at in range(items)))
    put_in_use(bench.sluis, about, lines)
    return name


def _evaluate(bench: Bench, suite: str, items: int, concurrency: int) -> float:
    """Seconds of one evaluation, in which every answer has to be right."""
    command = ("models", "evaluate", "chat", "1", "--suite", suite)
    began = time.monotonic()
    done = subprocess.run(
        bench.sluis.command(*command, "--concurrency", str(concurrency)),
        env=bench.sluis.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    took = time.monotonic() - began
    if done.returncode or f"{suite}: {items} of {items}" not in done.stderr:
        raise RuntimeError(f"The evaluation did not pass: {done.stdout}{done.stderr}")
    return took


def main() -> None:
    """Print wall time of each pass, and the ratio."""
    items = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    answer_s = float(sys.argv[2]) if len(sys.argv) > 2 else 0.4
    waits: dict[int, list[float]] = {}
    with tempfile.TemporaryDirectory() as place, SlowApi(listed=["chat-v1", "chat-v2"]) as house:
        sluis = Installation(Path(place) / "models", forks=False)
        bench = Bench(sluis, house)
        try:
            bench.set_up()
            house.delay_s = answer_s
            print(f"a scripted engine, {answer_s} s an answer, {items} items")
            for number, concurrency in enumerate(_PASSES):
                took = _evaluate(bench, _suite(bench, number, items), items, concurrency)
                waits.setdefault(concurrency, []).append(took)
                print(f"{concurrency} at once: {took:.1f} s", flush=True)
        finally:
            sluis.stop()
    ratios = [waits[1][0] / one for one in waits[_AT_ONCE]]
    print(f"ratio: {mean(ratios):.1f} ({min(ratios):.1f}..{max(ratios):.1f})")


if __name__ == "__main__":
    main()
