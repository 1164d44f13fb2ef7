"""What a boot page says in words: the answer first, then what it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.figures.numbers import duration, plural
from dashboard.pages.boot_tables import Blame, check_rows
from dashboard.queries.boot import BootPage
from dashboard.queries.rows import BootRow, CheckRow
from dashboard.templatetags.falsestart import STATE_WORDS, short

NOTABLE = 0.05  # s above normal that is worth a sentence
SIGNALS = {1: "SIGHUP", 2: "SIGINT", 6: "SIGABRT", 9: "SIGKILL", 11: "SIGSEGV", 15: "SIGTERM"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """The numbers that the page's sentences are made of."""

    boot: BootRow
    normal: str | None  # The release before.
    normal_gate: float | None  # Its median gate, s.
    normal_boots: int
    false_starts: int
    failures: int  # Unexpected ones.
    early: int  # Unexpected ones that opened before the gate.
    opened_early: int  # Sockets known to have opened before the gate, whatever became of them.
    exposure: float | None  # s
    largest: Blame | None
    roles: tuple[str, ...]

    @property
    def later(self) -> float | None:
        """By how much the gate comes later than in the release before, in seconds."""
        gate = self.boot.ready_age
        return None if gate is None or self.normal_gate is None else gate - self.normal_gate


def story_of(found: BootPage, blame: Sequence[Blame], normal_gate: float | None) -> Story:
    """Count what the page's sentences are made of."""
    boot = found.boot
    lasted = None
    if boot.exposed_from is not None and boot.exposed_to is not None:
        lasted = boot.exposed_to - boot.exposed_from
    return Story(
        boot=boot,
        normal=found.normal.release.name if found.normal else None,
        normal_gate=normal_gate,
        normal_boots=len(found.normal.boots) if found.normal else 0,
        false_starts=found.counts.false_starts,
        failures=found.counts.failed,
        early=found.counts.early,
        opened_early=found.counts.opened_early,
        exposure=lasted,
        largest=blame[0] if blame else None,
        roles=_roles(found),
    )


def _roles(found: BootPage) -> tuple[str, ...]:
    """Return who reported; a client that names no boot is known by the sockets that it joined."""
    joined = {role for socket in (*found.failed, *found.others) for role in socket.reporters}
    return tuple(sorted({event.role for event in found.events} | joined))


def title_of(story: Story) -> str:
    """Return the page's answer in a sentence."""
    name = str(short(story.boot.ident))
    gate = story.boot.ready_age
    if story.false_starts:
        return f"{name}: {plural(story.false_starts, 'false start')}"
    if story.failures:
        return f"{name}: {plural(story.failures, 'socket')} failed"
    if gate is not None:
        return f"{name} passed its gate at {duration(gate)}"
    return f"{name} is {STATE_WORDS.get(story.boot.state, story.boot.state)}, gate not passed"


def timeline_title(story: Story) -> str:
    """Return the conclusion that the timeline shows."""
    gate, largest = story.boot.ready_age, story.largest
    if gate and largest and largest.self_time > 0:
        share = round(100 * min(largest.self_time / gate, 1))
        return f"{largest.name} takes {duration(largest.self_time)}, {share} % of the way to the gate"
    if largest:
        return f"{largest.name} takes {duration(largest.self_time)}; the gate is not passed"
    return "No phase has ended yet" if story.boot.state == "starting" else "No phase was seen to end"


def blame_title(story: Story) -> str:
    """Return the conclusion that the blame shows."""
    largest = story.largest
    if largest is None:
        return "Nothing to blame yet"
    if largest.over is not None and abs(largest.over) >= NOTABLE:
        how = "more" if largest.over > 0 else "less"
        return f"{largest.name} costs {duration(abs(largest.over))} {how} than it did"
    return f"{largest.name} costs most"


def checks_title(checks: Sequence[CheckRow]) -> str:
    """Return the conclusion that the checks show."""
    lines = check_rows(checks)
    hasty = sum(line.times for line in lines if line.result == "did not wait")
    failed = sum(line.times for line in lines if not line.ok)
    if not lines:
        return "No check reported"
    if hasty:
        return f"{hasty} of {plural(len(checks), 'check')} did not wait"
    return (
        f"{failed} of {plural(len(checks), 'check')} failed"
        if failed
        else f"{plural(len(checks), 'check')}, all ok"
    )


def sockets_title(found: BootPage) -> str:
    """Return the conclusion that the sockets show."""
    counts = found.counts
    if not counts.failed:
        return "No socket failed unexpectedly"
    return f"{counts.early} of {plural(counts.failed, 'failed socket')} opened before the gate"


def exit_words(boot: BootRow) -> str:
    """Return how a process ended."""
    if boot.ended_age is None:
        return ""
    how = [f"exit code {boot.exit_code}"] if boot.exit_code is not None else []
    if boot.exit_signal is not None:
        how.append(SIGNALS.get(boot.exit_signal, f"signal {boot.exit_signal}"))
    return ", ".join([*how, *([f"by {boot.exit_by}"] if boot.exit_by else [])])
