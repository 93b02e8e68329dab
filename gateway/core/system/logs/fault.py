"""An exception as a log may have it: where and of which kind."""


def fault_fields(fault: BaseException | None) -> dict[str, str]:
    """The type and the place of an exception, never its message: that may quote a text."""
    if fault is None:
        return {}
    fields = {"error": type(fault).__name__}
    trace = fault.__traceback__
    if trace is not None:
        while trace.tb_next is not None:
            trace = trace.tb_next
        module = trace.tb_frame.f_globals.get("__name__", "")
        fields["at"] = f"{module}:{trace.tb_lineno}"
    return fields
