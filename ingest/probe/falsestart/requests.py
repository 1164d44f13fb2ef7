"""HTTP requests that fail while a service starts."""

from falsestart.life import Life
from falsestart.messages import PATH_LIMIT
from falsestart.wording import describe

SERVER_ERROR = 500  # from here on a status says that the server failed; also what an exception becomes


def tell_failed(
    life: Life,
    *,
    path: str,
    method: object,
    status: int | None,
    opened_age: float,
    error: BaseException | None,
) -> None:
    """Record a request if it failed: an exception passed through, or the answer says so."""
    if error is not None and status is None:
        status = SERVER_ERROR
    if error is None and (status is None or status < SERVER_ERROR):
        return
    ended = life.boot.age()
    fields = {
        "path": path[:PATH_LIMIT],
        "method": method,
        "status": status,
        "opened_age": opened_age,
        "ended_age": ended,
        "error": None if error is None else describe(error),
    }
    life.record_request(ended, fields)
