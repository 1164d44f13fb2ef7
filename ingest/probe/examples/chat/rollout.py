"""Roll out the five releases of the chat back end one after another, with clients connecting all the time.

python ingest/probe/examples/chat/rollout.py --endpoint http://127.0.0.1:8011 --key fs_...
"""

import argparse
import asyncio
import os
import signal
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from examples.chat.crowd import NO_PORT, Crowd
from examples.chat.fleet import Fleet
from examples.chat.releases import RELEASES, ROLLED_OUT

CLIENTS_PER_INSTANCE = 4  # about two connections a second each
FIRST_PAUSE = 3.0  # s: the first release makes way soon, so that there is something to see


def say(release: str, what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {release:<4}  {what}", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Roll out the chat back end, release by release, in a loop.")
    parser.add_argument("--endpoint", default=os.environ.get("FALSESTART_ENDPOINT", ""))
    parser.add_argument("--key", default=os.environ.get("FALSESTART_KEY", ""))
    parser.add_argument("--once", action="store_true", help="stop after the last release")
    parser.add_argument("--releases", type=chosen, default=ROLLED_OUT, help="such as r1,r2")
    parser.add_argument("--instances", type=int, default=3, help="processes a release (default 3)")
    parser.add_argument("--pause", type=float, default=8.0, help="seconds a release serves (default 8)")
    return parser.parse_args()


def chosen(names: str) -> tuple[str, ...]:
    releases = tuple(names.split(","))
    for name in releases:
        if name not in RELEASES:
            raise argparse.ArgumentTypeError(f"there is no release {name!r}, only {', '.join(RELEASES)}")
    return releases


def environment(options: argparse.Namespace) -> dict[str, str]:
    """Return what the instances are told about Falsestart."""
    return {"FALSESTART_ENDPOINT": options.endpoint, "FALSESTART_KEY": options.key}


def summary(seen: Counter[str]) -> str:
    sockets = {outcome: count for outcome, count in seen.most_common() if outcome != NO_PORT}
    return ", ".join(f"{count} {outcome}" for outcome, count in sockets.items()) or "none"


def announce(release: str, endpoint: str) -> None:
    say(release, f"rolling out: {RELEASES[release].does}")
    if endpoint:
        page = f"{endpoint.rstrip('/')}/services/chat-backend/demo/releases/{release}/"
        say(release, f"look at {page} for {RELEASES[release].shows}")


async def roll_out(release: str, fleet: Fleet, crowd: Crowd, pause: float) -> None:
    crowd.seen[release].clear()
    await fleet.roll_out(release)
    await asyncio.sleep(pause)
    say(release, f"sockets so far, as their clients saw them: {summary(crowd.seen[release])}")


async def laps(fleet: Fleet, crowd: Crowd, options: argparse.Namespace) -> None:
    pause = min(FIRST_PAUSE, options.pause)
    while True:
        for release in options.releases:
            announce(release, options.endpoint)
            await roll_out(release, fleet, crowd, pause)
            pause = options.pause
        if options.once:
            return


async def drive(options: argparse.Namespace) -> None:
    """Roll out until done or told to stop, then leave no process behind."""
    told_to_stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    fleet = Fleet(options.instances, environment(options), say)
    crowd = Crowd(CLIENTS_PER_INSTANCE * options.instances, lambda: fleet.known)
    work = asyncio.create_task(laps(fleet, crowd, options))
    stop = asyncio.create_task(told_to_stop.wait())
    await asyncio.wait([work, stop], return_when=asyncio.FIRST_COMPLETED)
    say("", "stopping")
    work.cancel()
    await asyncio.wait([work])
    await asyncio.gather(crowd.leave(), fleet.stop())
    say("", "stopped")
    if not work.cancelled():
        work.result()


def main() -> None:
    options = arguments()
    if not options.endpoint:
        say("", "no --endpoint: the releases run, and nobody is told")
    asyncio.run(drive(options))


if __name__ == "__main__":
    main()
