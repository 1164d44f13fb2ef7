"""People who chat: they connect, say something, wait to see it, leave, and come back."""

import asyncio
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from .fleet import LOOPBACK, Instance
from .startup import ROOMS

OPEN_LIMIT = 10.0  # s for the opening handshake, as browsers and proxies allow, or more
ECHO_LIMIT = 5.0  # s until one's own words must come back
LINGER = (0.4, 1.6)  # s between two things said
THINK = (0.4, 1.2)  # s between leaving and coming back
REFUSED = (0.2, 0.5)  # s until the next try when no port was open: another instance may serve
BACKOFF = 0.5  # s after the first failure, doubled by each further one
LONGEST_BACKOFF = 4.0  # s
JITTER = (0.5, 1.5)  # so that a crowd that failed together does not come back together

FINE = "fine"
NO_PORT = "port not open"


class Crowd:
    """A fixed number of people, so that the load has an upper bound whatever fails."""

    def __init__(self, size: int, instances: Callable[[], list[Instance]]) -> None:
        self.seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """What the sockets came to, as their clients saw it: by release, then by outcome."""
        self._instances = instances
        self._people = [asyncio.create_task(self._come_and_go(number)) for number in range(size)]

    async def leave(self) -> None:
        """Everybody leaves at once, saying goodbye with 1000."""
        for person in self._people:
            person.cancel()
        await asyncio.wait(self._people, timeout=1.0)

    async def _come_and_go(self, number: int) -> None:
        failures = 0
        await asyncio.sleep(random.uniform(*THINK))
        while True:
            known = self._instances()
            outcome = await self._visit(random.choice(known), number) if known else NO_PORT
            failures = failures + 1 if outcome not in (FINE, NO_PORT) else 0
            await asyncio.sleep(pause(outcome, failures))

    async def _visit(self, instance: Instance, number: int) -> str:
        query = urlencode({"room": random.choice(ROOMS)})
        outcome = await visit(f"ws://{LOOPBACK}:{instance.port}/ws/chat?{query}", f"chat-client/{number}")
        self.seen[instance.release][outcome] += 1
        return outcome


def pause(outcome: str, failures: int) -> float:
    """Return how long to wait before the next visit, in seconds."""
    if outcome == FINE:
        return random.uniform(*THINK)
    if outcome == NO_PORT:
        return random.uniform(*REFUSED)
    return min(BACKOFF * 2.0 ** (failures - 1), LONGEST_BACKOFF) * random.uniform(*JITTER)


async def visit(url: str, who: str) -> str:
    """Chat once, and say in a few words what became of the socket. Raises nothing a network can cause."""
    try:
        client = await connect(
            url, user_agent_header=who, open_timeout=OPEN_LIMIT, close_timeout=2, compression=None, proxy=None
        )
    except ConnectionRefusedError:
        return NO_PORT
    except InvalidStatus as error:
        return f"HTTP {error.response.status_code}"
    except (OSError, TimeoutError, WebSocketException) as error:
        return f"no handshake ({type(error).__name__})"
    try:
        await chat(client)
    except ConnectionClosed as closed:
        return f"{closed.rcvd.code} {closed.rcvd.reason}".strip() if closed.rcvd else "no close frame"
    except TimeoutError:
        return "no echo"
    finally:
        await client.close()
    return FINE


async def chat(client: ClientConnection) -> None:
    for _ in range(random.randint(1, 2)):
        await say(client, f"hello {random.getrandbits(32):08x}")
        await asyncio.sleep(random.uniform(*LINGER))


async def say(client: ClientConnection, text: str) -> None:
    """Say something, and wait until it comes back among what the others say."""
    async with asyncio.timeout(ECHO_LIMIT):
        await client.send(text)
        while json.loads(await client.recv())["text"] != text:
            pass
