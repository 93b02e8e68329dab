"""Repeated jobs, and how they end."""

import asyncio

import pytest

from gateway.core.errors import Unavailable
from gateway.processes.jobs import Jobs

pytestmark = pytest.mark.unit


async def test_a_job_is_repeated_until_it_is_stopped() -> None:
    runs, third_run = 0, asyncio.Event()

    async def work() -> None:
        nonlocal runs
        runs += 1
        if runs == 3:
            third_run.set()

    jobs = Jobs()
    jobs.start(0, work)
    await third_run.wait()
    await jobs.stop()
    stopped_at = runs
    await asyncio.sleep(0)
    assert runs == stopped_at


async def test_stopping_waits_for_a_running_job_but_not_for_its_next_run() -> None:
    begun, may_end, ended = asyncio.Event(), asyncio.Event(), []

    async def transaction() -> None:
        begun.set()
        await may_end.wait()
        ended.append("committed")

    jobs = Jobs()
    jobs.start(3600, transaction)
    await begun.wait()
    stopping = asyncio.ensure_future(jobs.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    may_end.set()
    await stopping
    assert ended == ["committed"]


async def test_a_job_that_does_not_end_is_cancelled() -> None:
    begun = asyncio.Event()

    async def endless() -> None:
        begun.set()
        await asyncio.Event().wait()

    jobs = Jobs(drain_s=0)
    jobs.start(1, endless)
    await begun.wait()
    await jobs.stop()


@pytest.mark.parametrize("problem", [Unavailable("no database"), OSError(), KeyError("a bug")])
async def test_a_failed_job_is_repeated_and_only_the_error_class_is_logged(
    problem: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    runs, again = 0, asyncio.Event()

    async def failing() -> None:
        nonlocal runs
        runs += 1
        if runs == 2:
            again.set()
        raise problem

    jobs = Jobs()
    jobs.start(0, failing)
    await again.wait()
    await jobs.stop()
    assert {record.__dict__["reason"] for record in caplog.records} == {type(problem).__name__}


async def test_stopping_without_jobs_returns_at_once() -> None:
    await Jobs().stop()
