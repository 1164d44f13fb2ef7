"""One program kept running: started, watched, started again after a pause when it ends."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.management.up.console import Console
from dashboard.management.up.leash import leash
from dashboard.management.up.probes import Probe, runs

PROBE_INTERVAL = 0.1  # seconds
PATIENCE = 60.0  # seconds without readiness after which it is mentioned
FIRST_PAUSE = 0.5  # seconds before the first restart
LONGEST_PAUSE = 30.0  # seconds
STABLE_AFTER = 10.0  # seconds of life after which earlier failures are forgotten
CHUNK = 65_536  # bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """What to run and how to tell that it works."""

    name: str  # The prefix of its lines.
    command: tuple[str, ...]
    ready: Probe = runs
    environment: Mapping[str, str] = field(default_factory=dict)  # Added to the supervisor's own.
    stdin: bytes = b""
    grace: float = 10.0  # Seconds between SIGTERM and SIGKILL.


def pause(failures: int) -> float:
    """Seconds to wait before the restart after so many failures in a row."""
    return min(FIRST_PAUSE * 2.0 ** (failures - 1), LONGEST_PAUSE)


def ending(code: int) -> str:
    """How a process ended, in words."""
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


class Child:
    """Keeps one program running until it is told to stop."""

    def __init__(self, program: Program, console: Console) -> None:
        """Nothing runs before `keep`."""
        self.program = program
        self.console = console
        self.ready = asyncio.Event()
        self.stopping = asyncio.Event()
        self.process: asyncio.subprocess.Process | None = None

    def say(self, text: str) -> None:
        """Say something about this child."""
        self.console.say("up", f"{self.program.name} {text}")

    async def keep(self) -> None:
        """Run the program again and again, with longer pauses while it keeps failing."""
        failures = 0
        while not self.stopping.is_set():
            began = time.monotonic()
            code = await self._run()
            if self.stopping.is_set():
                return
            failures = 1 if time.monotonic() - began >= STABLE_AFTER else failures + 1
            self.say(f"{ending(code)}; it starts again in {pause(failures):g} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), pause(failures))

    async def stop(self) -> None:
        """Ask it to end, insist after its grace period, and leave nothing of its process group."""
        self.stopping.set()
        process = self.process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), self.program.grace)
        except TimeoutError:
            self.say(f"did not stop within {self.program.grace:g} s and is killed")
        self.kill()
        await process.wait()

    def kill(self) -> None:
        """End the whole process group at once: what the program started must not outlive it."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    async def _run(self) -> int:
        process = self.process = await self._start()
        watch = asyncio.create_task(self._announce(time.monotonic()))
        try:
            await self._repeat_lines(process)
            return await process.wait()
        finally:
            watch.cancel()
            self.kill()

    async def _start(self) -> asyncio.subprocess.Process:
        self.started = time.time()
        process = await asyncio.create_subprocess_exec(
            *self.program.command,
            stdin=asyncio.subprocess.PIPE if self.program.stdin else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **self.program.environment},
            # A group of its own: Ctrl-C reaches the supervisor alone, which then stops things in order.
            start_new_session=True,
            preexec_fn=leash(),
        )
        if process.stdin:
            process.stdin.write(self.program.stdin)
            process.stdin.close()
        return process

    async def _announce(self, began: float) -> None:
        patience = began + PATIENCE
        while not await self.program.ready(self.started):
            if time.monotonic() >= patience:
                self.say(f"is not ready after {PATIENCE:g} s; still waiting")
                patience = float("inf")
            await asyncio.sleep(PROBE_INTERVAL)
        self.say(f"is ready after {time.monotonic() - began:.1f} s")
        self.ready.set()

    async def _repeat_lines(self, process: asyncio.subprocess.Process) -> None:
        rest = b""
        while process.stdout and (chunk := await process.stdout.read(CHUNK)):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self.console.say(self.program.name, line.decode(errors="replace").rstrip("\r"))
            if len(rest) > CHUNK:
                self.console.say(self.program.name, rest.decode(errors="replace"))
                rest = b""
        if rest:
            self.console.say(self.program.name, rest.decode(errors="replace"))
