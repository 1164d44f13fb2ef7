"""Every server once for each module, all started together."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import ModuleType

import pytest

from tests.probe.collector import Collector
from tests.probe.processes import Server
from tests.probe.servers.run import APP, serve

Fleet = dict[str, Server]


@pytest.fixture(scope="module")
def shared() -> Iterator[Collector]:
    """The collector of a module's servers."""
    with Collector() as collector:
        yield collector


@pytest.fixture(scope="module")
def fleet(request: pytest.FixtureRequest, shared: Collector) -> Iterator[Fleet]:
    """The servers that the module names in `SERVED`, with the options it gives in `OPTIONS`; all listen."""
    module: ModuleType = request.module
    options: Callable[[str], tuple[str, ...]] = getattr(module, "options", lambda _name: ())
    app = getattr(module, "SERVED_APP", APP)
    with ExitStack() as stack:
        servers = {
            # A probe that still waits for the gate delivers five times as often.
            name: stack.enter_context(serve(name, shared, *options(name), app=app, LIFESPAN="unready"))
            for name in module.SERVED
        }
        for server in servers.values():
            server.wait_until_it_listens()
        yield servers
