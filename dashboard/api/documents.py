"""Rows to the documents that the read API answers with, in the shapes that `shapes` describes.

They are plain dictionaries, encoded once: a boot may have ten thousand sockets, and to build a model of
each would take longer than to read and send them all.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from dashboard.queries.boots import Whole
from dashboard.queries.keyset import Row
from ingest.domain.contract import Declared, Version, in_force
from ingest.domain.sockets import disagree
from ingest.domain.words import Role

Document = dict[str, Any]

SIDES = (Role.SERVICE, Role.CLIENT, Role.GATEWAY)  # whose codes are told
OWN = ("id", "service", "environment", "release", "instance", "region", "state", "started_at")
AGES = ("listening_age", "ready_age", "claimed_ready_age", "ended_age")


def boot(whole: Whole) -> Document:
    """Return one boot with everything that belongs to it."""
    return {
        **_boot(whole.boot),
        "contract": _contract(whole.boot),
        "phases": [_known(row, "parent", "error") for row in whole.phases],
        "checks": [_known(row, "phase") for row in whole.checks],
        "sockets": [_socket(row) for row in whole.sockets],
        "tallies": [_known(row, "origin") for row in whole.tallies],
    }


def boots(rows: Iterable[Row], cursor: str | None) -> Document:
    """Return a page of boots in short."""
    return {"items": [{**_boot(row), "counts": row["counts"]} for row in rows], "next": cursor}


def sockets(rows: Iterable[Row], cursor: str | None) -> Document:
    """Return a page of sockets."""
    return {"items": [_known(_socket(row), "region") for row in rows], "next": cursor}


def events(rows: Iterable[Row], cursor: str | None) -> Document:
    """Return a page of events, each with what was reported as it is stored."""
    return {"items": [_event(row) for row in rows], "next": cursor}


def deployments(rows: Iterable[Row], cursor: str | None) -> Document:
    """Return a page of deployments."""
    return {"items": [deployment(row) for row in rows], "next": cursor}


def deployment(row: Row) -> Document:
    """Return one deployment."""
    names = ("id", "service", "environment", "release", "at", "by", "url", "received_at")
    return _known({name: row[name] for name in names}, "by", "url")


def _boot(row: Row) -> Document:
    ended, exposed = row["ended_age"] is not None, row["exposed_from"] is not None
    exit_ = {"code": row["exit_code"], "signal": row["exit_signal"], "by": row["exit_by"] or None}
    exposure = {"from_age": row["exposed_from"], "to_age": row["exposed_to"]}
    told = {name: row[name] for name in (*OWN, *AGES)}
    return _known(told, "region") | {
        "exit": exit_ if ended else None,
        "exposure": exposure if exposed else None,
    }


def _contract(row: Row) -> Document | None:
    person = _version(row["person_version"], row["person_body"])
    declared = _version(row["contract_version"], row["contract_body"])
    if person is None and declared is None:
        return None
    contract = in_force(person, declared)
    phases = [msgspec.structs.asdict(phase) for phase in contract.phases]
    versions = {"version": row["contract_version"], "person_version": row["person_version"]}
    return {**versions, **msgspec.structs.asdict(contract), "phases": phases}


def _version(number: int | None, body: str | None) -> Version | None:
    if number is None or body is None:
        return None
    return number, msgspec.json.decode(body, type=Declared)


def _socket(row: Row) -> Document:
    seen = msgspec.json.decode(row["code_seen_by"])
    told = _known(row, "socket", "origin", "reason", "path", "client", "cause", "certainty")
    told["code_seen_by"] = {side: seen.get(side) for side in SIDES}
    told["codes_disagree"] = disagree(seen)
    for name in ("reporters", "phases", "evidence"):
        told[name] = _raw(row[name])
    return told


def _event(row: Row) -> Document:
    names = ("role", "reporter", "seq", "id", "kind", "age", "at", "received_at")
    return {name: row[name] for name in names} | {"event": _raw(row["body"])}


def _raw(text: str) -> msgspec.Raw:
    # Passed on as it is stored: quicker, exact, and however deep it is nested.
    return msgspec.Raw(text.encode())


def _known(row: Mapping[str, Any], *texts: str) -> Document:
    """Return a copy of a row in which those texts are null where they are empty, which is not knowing."""
    return {**row, **{name: row[name] or None for name in texts}}
