"""Several programs kept running together, started in order and stopped in the reverse order."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Sequence

from dashboard.management.up.child import Child, Program
from dashboard.management.up.console import Console

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """Runs stages of programs; a stage starts when all of the stage before it are ready."""

    def __init__(self, stages: Sequence[Sequence[Program]], console: Console) -> None:
        """Prepare the children; nothing runs yet."""
        self.console = console
        self.stages = [[Child(program, console) for program in stage] for stage in stages]
        self.children = [child for stage in self.stages for child in stage]
        self.asked_to_stop = asyncio.Event()

    async def run(self, when_up: Callable[[], None]) -> None:
        """Run until a signal comes; `when_up` is called once, when the first round is ready."""
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self.stop)
        tasks: list[asyncio.Task[None]] = []
        starting = asyncio.create_task(self._start(tasks, when_up))
        try:
            await self.asked_to_stop.wait()
        finally:
            starting.cancel()
            await self._stop(tasks)

    def stop(self) -> None:
        """Ask for an orderly end; asked again, kill everything."""
        if self.asked_to_stop.is_set():
            for child in self.children:
                child.kill()
        self.asked_to_stop.set()

    async def _start(self, tasks: list[asyncio.Task[None]], when_up: Callable[[], None]) -> None:
        for stage in self.stages:
            tasks.extend(asyncio.create_task(child.keep()) for child in stage)
            for child in stage:
                await child.ready.wait()
        when_up()

    async def _stop(self, tasks: list[asyncio.Task[None]]) -> None:
        self.console.say("up", "stopping")
        # One after another, the first one last: what the others still have to tell needs somebody to hear it.
        for child in reversed(self.children):
            await child.stop()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)
        self.console.say("up", "everything has stopped")
