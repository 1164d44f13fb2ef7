"""WSGI middleware: the first request of a process, and the requests that fail while it starts."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from falsestart.guard import guarded
from falsestart.life import Life
from falsestart.requests import tell_failed

if TYPE_CHECKING:
    from falsestart.probe import Probe

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]


class FalsestartWSGI:
    """Put it around the whole application, outside every other middleware."""

    def __init__(self, app: WsgiApp, probe: "Probe") -> None:
        """Nothing is recorded before the first request."""
        self._app = app
        self._probe = probe

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Hand over at once what is not watched; the rest passes through unchanged."""
        life = self._probe.life
        if life is None or (life.told("boot.listening") and not life.listing(life.boot.age())):
            return self._app(environ, start_response)
        return _Request(life, environ).run(self._app, start_response)


class _Request:
    """One request of a starting process, until the application has returned its answer."""

    def __init__(self, life: Life, environ: Environ) -> None:
        self._life = life
        self._environ = environ
        self._opened_age = life.boot.age()
        self._status: int | None = None

    def run(self, app: WsgiApp, start_response: StartResponse) -> Iterable[bytes]:
        self._opened()

        def watched(status: str, *rest: Any, **more: Any) -> Any:  # noqa: ANN401 - passed on as it came
            self._answered(status)
            return start_response(status, *rest, **more)

        try:
            answer = app(self._environ, watched)
        except BaseException as error:
            self._ended(error)
            raise
        self._ended(None)
        return answer

    @guarded
    def _opened(self) -> None:
        self._life.record_once("boot.listening", self._opened_age)

    @guarded
    def _answered(self, status: str) -> None:
        self._status = int(status[:3])

    @guarded
    def _ended(self, error: BaseException | None) -> None:
        tell_failed(
            self._life,
            path=str(self._environ.get("PATH_INFO", "")),
            method=self._environ.get("REQUEST_METHOD"),
            status=self._status,
            opened_age=self._opened_age,
            error=error,
        )
