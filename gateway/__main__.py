"""The command ``sluis``, also as ``python -m gateway``."""

import gc

_YOUNG, _OLDER = 20_000, 20


def main() -> None:
    """Runs the command line.

    What imports make stays: to look among it for garbage as often as Python does is a tenth of the
    time of a start, and later of each request.
    """
    gc.set_threshold(_YOUNG, _OLDER, _OLDER)
    from gateway.processes.cli import main as command

    command(prog_name="sluis")


if __name__ == "__main__":
    main()
