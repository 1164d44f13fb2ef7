"""The read API: boots, sockets and events, as they were last recorded."""

from typing import NoReturn

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router

from dashboard.api import cursor, documents, problems, shapes
from dashboard.api.parameters import BootsAsked, EventsAsked, SocketsAsked, check_names
from dashboard.queries import boots, events, sockets
from dashboard.queries.scope import Scope

router = Router()


class Request(HttpRequest):
    """A request whose sender may read."""

    auth: Scope


@router.get(
    "/v1/boots", response=shapes.Boots, operation_id="list_boots", summary="List boots", tags=["read"]
)
def list_boots(request: Request, asked: Query[BootsAsked]) -> HttpResponse:
    """Boots newest first by start, in short."""
    check_names(request, BootsAsked)
    page = boots.listed(request.auth, asked.filters(), asked.next, asked.limit)
    return answer(documents.boots(page.rows, cursor.write_position(page.end)))


@router.get(
    "/v1/boots/{id}", response=shapes.Boot, operation_id="read_boot", summary="Read a boot", tags=["read"]
)
def read_boot(request: Request, id: str) -> HttpResponse:  # noqa: A002 - it is called so in the address
    """One boot by the reporter's id: phases, checks, sockets with causes and evidence, tallies."""
    whole = None if "\0" in id else boots.find(id, request.auth)
    if whole is None:
        raise problems.no_boot()
    return answer(documents.boot(whole))


@router.get(
    "/v1/boots/{id}/events",
    response=shapes.Events,
    operation_id="list_events",
    summary="List a boot's events",
    tags=["read"],
)
def list_events(request: Request, id: str, asked: Query[EventsAsked]) -> HttpResponse:  # noqa: A002
    """A boot's events as they were reported, in the order of arrival."""
    check_names(request, EventsAsked)
    page = None if "\0" in id else events.of_boot(id, request.auth, asked.next, asked.limit)
    if page is None:
        raise problems.no_boot()
    return answer(documents.events(page.rows, cursor.write_arrival(page.end)))


@router.get(
    "/v1/sockets", response=shapes.Sockets, operation_id="list_sockets", summary="List sockets", tags=["read"]
)
def list_sockets(request: Request, asked: Query[SocketsAsked]) -> HttpResponse:
    """Sockets newest opening first, with the boot each belongs to."""
    check_names(request, SocketsAsked)
    page = sockets.listed(request.auth, asked.filters(), asked.next, asked.limit)
    return answer(documents.sockets(page.rows, cursor.write_position(page.end)))


@router.get("/{path:rest}", include_in_schema=False, auth=None)
def nothing(request: HttpRequest, rest: str) -> NoReturn:  # noqa: ARG001
    """Answer for every other address, so that a client never has to read a page meant for people."""
    raise Http404


def answer(document: documents.Document, status: int = 200) -> HttpResponse:
    """Return a document as it is sent."""
    return HttpResponse(msgspec.json.encode(document), status=status, content_type="application/json")
