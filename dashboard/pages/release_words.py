"""What a release page says in words: the answer first, then what it rests on."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.figures.numbers import duration, plural
from dashboard.pages.boots import gates, looks_bad, middle
from dashboard.queries.release import ReleasePage


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """The numbers that the page's sentences are made of."""

    release: str
    normal: str | None  # The release before.
    boots: int
    states: Mapping[str, int]
    bad: int  # Boots that need a look.
    unexpected: Mapping[str, int]  # Failures by cause.
    expected: int
    racing: int  # Boots with a false start.
    early: int  # Unexpected failures that opened before the gate.
    gate: float | None  # Median, s.
    gates: int  # Boots that passed it.
    normal_gate: float | None
    normal_gates: int
    exposure: float | None  # Median length, s.
    exposed: int  # Boots that were exposed and passed it.
    gateless: int  # Boots that listened and have not passed their gate.
    roles: tuple[str, ...]
    deployed: bool  # Whether somebody told of a deployment.

    @property
    def failures(self) -> int:
        """Unexpected failures."""
        return sum(self.unexpected.values())

    @property
    def known(self) -> int:
        """Failures, the expected ones too."""
        return self.failures + self.expected

    @property
    def false_starts(self) -> int:
        """Sockets that were opened before the gate and failed for it."""
        return self.unexpected.get("false_start", 0)

    @property
    def later(self) -> float | None:
        """By how much the gate comes later than in the release before, in seconds."""
        return None if self.gate is None or self.normal_gate is None else self.gate - self.normal_gate


def story_of(found: ReleasePage) -> Story:
    """Count what the page's sentences are made of."""
    unexpected: Counter[str] = Counter()
    for row in found.causes:
        if not row.expected:
            unexpected[row.cause] += row.count
    exposed = [boot for boot in found.boots if boot.exposed_from is not None]
    lengths = [
        boot.ready_age - boot.exposed_from
        for boot in exposed
        if boot.ready_age is not None and boot.exposed_from is not None
    ]
    seen = [*found.sockets, *(stray.socket for stray in found.strays)]
    known = gates(found.boots)
    before = gates(found.normal.boots) if found.normal else []
    return Story(
        release=found.release.name,
        normal=found.normal.release.name if found.normal else None,
        boots=len(found.boots),
        states=dict(Counter(boot.state for boot in found.boots)),
        bad=sum(1 for boot in found.boots if looks_bad(boot, open_sockets=False)),
        unexpected=dict(unexpected.most_common()),
        expected=sum(row.count for row in found.causes if row.expected),
        racing=len({socket.boot_id for socket in found.sockets if socket.cause == "false_start"}),
        early=sum(s.stands_for for s in found.sockets if s.before_gate and not s.expected),
        gate=middle(known),
        gates=len(known),
        normal_gate=middle(before),
        normal_gates=len(before),
        exposure=middle(lengths),
        exposed=len(lengths),
        gateless=len(exposed) - len(lengths),
        deployed=bool(found.deployments),
        roles=tuple(sorted({role for socket in seen for role in socket.reporters})),
    )


def title_of(story: Story) -> str:
    """Return the page's answer in a sentence."""
    boots = plural(story.boots, "boot")
    if story.false_starts:
        return f"{story.release}: {plural(story.false_starts, 'false start')} in {story.racing} of {boots}"
    if number := story.unexpected.get("failed_phase"):
        return f"{story.release} serves behind a failed phase: {plural(number, 'socket')} failed"
    if story.bad:
        return f"{story.release}: {story.bad} of {boots} in trouble"
    return _calm_title(story, boots)


def _calm_title(story: Story, boots: str) -> str:
    if not story.boots:
        what = f"{story.release} is deployed; no boot of it has" if story.deployed else ""
        return f"{what or f'No boot of {story.release} has'} reported yet"
    if story.failures:
        where = "failed after the gate" if not story.early else "failed"
        return f"{story.release} starts without a race; {plural(story.failures, 'socket')} {where}"
    if not story.gates:
        return f"{story.release}: {boots}, none at the gate yet"
    return f"{story.release} starts clean: {boots}, no socket failed"


def gantt_title(story: Story) -> str:
    """Return the conclusion that the Gantt shows."""
    if not story.boots:
        return "The first boot will appear here by itself"
    if story.exposure is not None and story.exposure > 0:
        walk = ", and clients walk in" if story.false_starts else ""
        return f"Boots listen {duration(story.exposure)} before they are safe{walk}"
    if story.gateless and not story.gates:
        return f"{plural(story.gateless, 'boot')} listened without having passed the gate"
    if story.gates:
        return f"{story.gates} of {plural(story.boots, 'boot')} passed the gate, none listened before it"
    return "No boot has passed the gate yet"


def ages_title(story: Story, gate: float | None) -> str:
    """Return the conclusion that the failures by age show."""
    if not story.failures:
        return "No socket failed unexpectedly" if story.boots else "No socket has been seen yet"
    if story.early and gate is not None:
        return f"{story.early} of {plural(story.failures, 'failure')} opened before the gate"
    if story.early:
        return f"{story.early} of {plural(story.failures, 'failure')} opened before a gate that never came"
    return f"{plural(story.failures, 'failure')}, all after the gate"
