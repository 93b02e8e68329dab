"""The command ``sluis``, also as ``python -m gateway``."""

import gc

_YOUNG, _MIDDLE, _OLD = 20_000, 4, 400


def main() -> None:
    """Run the command line.

    Objects that imports make live on: collecting garbage among them as often as Python does costs a
    tenth of the time of a start, and later of each request. A request of megabytes makes a million
    objects, and looking at all of them stops the event loop for a tenth of a second: hence seldom.
    """
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
    from gateway.processes.cli import main as command

    command(prog_name="sluis")


if __name__ == "__main__":
    main()
