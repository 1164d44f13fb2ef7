"""What the product recorded, in the shape of the reference."""

import msgspec

from ingest.models import Boot, Phase, Socket
from tests.reference.telling import Json
from tests.reference.whole import Rows


def recorded() -> Rows:
    """All boots, phases and sockets, by their names."""
    names = ("release", "instance", "contract", "person_contract")
    boots = Boot.objects.select_related(*names)
    idents = {boot.pk: boot.ident for boot in boots}
    return {
        "boots": {boot.ident: _boot(boot) for boot in boots},
        "phases": {(idents[row.boot_id], row.name, row.run): _run(row) for row in Phase.objects.all()},
        "sockets": {(idents.get(row.boot_id or 0), row.key): _socket(row) for row in Socket.objects.all()},
    }


def _boot(boot: Boot) -> Json:
    return {
        "release": boot.release.name,
        "instance": boot.instance.name,
        "parent": boot.parent,
        "started_at": boot.started_at,
        "declared": msgspec.json.decode(boot.contract.body) if boot.contract else None,
        "state": boot.state,
        "observed": boot.observed,
        "listening": boot.listening_age,
        "gate": boot.ready_age,
        "claimed": boot.claimed_ready_age,
        "draining": boot.draining_age,
        "ended": boot.ended_age,
        "exit": (boot.exit_code, boot.exit_signal, boot.exit_by),
        "exposure": (boot.exposed_from, boot.exposed_to),
    }


def _run(row: Phase) -> Json:
    names = ("order", "parent", "status", "kind", "required", "error")
    return {name: getattr(row, name) for name in names} | {"started": row.started_age, "ended": row.ended_age}


def _socket(row: Socket) -> Json:
    names = ("code", "code_seen_by", "status", "origin", "reason", "path", "client", "stands_for", "outcome")
    evidence = {fact["name"]: fact for fact in row.evidence}
    uncertainty, settle = evidence.get("clock_uncertainty"), evidence.get("settle")
    return {
        **{name: getattr(row, name) for name in names},
        "roles": row.reporters,
        "opened": row.opened_age,
        "accepted": row.accepted_age,
        "ended": row.ended_age,
        "cause": row.cause,
        "expected": row.expected,
        "phases": row.phases,
        "certainty": row.certainty,
        "before_gate": row.before_gate,
        "margin": row.margin,
        "borrowed": row.borrowed,
        "guessed": "only boot alive then" in evidence,
        "uncertainty": (uncertainty["value"], uncertainty["basis"]) if uncertainty else None,
        "candidates": evidence["candidates"]["value"] if "candidates" in evidence else None,
        "settle": settle["source"].partition(",")[0] if settle else None,
    }
