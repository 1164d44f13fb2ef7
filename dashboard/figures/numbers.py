"""Numbers as people read them: three significant digits, a space before the unit, a true minus."""

MICRO = 1e-6  # s
MILLI = 1e-3  # s
MINUTE = 60  # s
HOUR = 3600  # s
DAY = 86_400  # s
UNKNOWN = "—"
THIN = "\N{NARROW NO-BREAK SPACE}"


def parts(seconds: float | None) -> tuple[str, str]:
    """Split a duration in seconds into its number and its unit; an hour and more has no unit of its own."""
    if seconds is None:
        return UNKNOWN, ""
    size = abs(seconds)
    if size < MILLI and size > 0:
        return digits(seconds / MICRO), "µs"
    if size < 1 and size > 0:
        return digits(seconds / MILLI), "ms"
    if size < MINUTE:
        return digits(seconds), "s"
    return _clock(seconds), ""


def set_parts(seconds: float | None) -> tuple[str, str]:
    """Split a duration that somebody set, in seconds: as it was written, without digits nobody wrote."""
    if seconds is None or not seconds or not MILLI <= abs(seconds) < MINUTE:
        return parts(seconds)
    size, unit = (seconds, "s") if abs(seconds) >= 1 else (seconds / MILLI, "ms")
    return minus(f"{size:.6g}"), unit


def duration(seconds: float | None) -> str:
    """Return a duration given in seconds as words: `157 µs`, `4.56 s`, `6 min 20 s`, `3 h 05 min`."""
    return " ".join(part for part in parts(seconds) if part)


def limit(seconds: float | None) -> str:
    """Return a duration that somebody set, in seconds, as words: `25 s`."""
    return " ".join(part for part in set_parts(seconds) if part)


def age(seconds: float | None) -> str:
    """Return an age in seconds with two decimals, for columns and axes where all ages read alike."""
    return UNKNOWN if seconds is None else f"{minus(f'{seconds:.2f}')} s"


def digits(value: float) -> str:
    """Return three significant digits, never in scientific notation."""
    for decimals, below in ((2, 10), (1, 100)):
        if round(abs(value), decimals) < below:
            return minus(f"{value:.{decimals}f}" if value else "0")
    return minus(f"{value:.0f}")


def signed(seconds: float) -> str:
    """Return a difference in seconds with its sign."""
    text = f"{seconds:+.2f}"
    return f"{minus('0.00' if text in ('+0.00', '-0.00') else text)} s"


def count(value: int) -> str:
    """Return a whole number in groups of three."""
    return f"{value:,}".replace(",", THIN) if value >= 10_000 else f"{value:,}"


def plural(value: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun: `1 boot`, `3 boots`."""
    return f"{count(value)} {one if value == 1 else many or f'{one}s'}"


def percent(part: int, whole: int) -> str:
    """Return a share with its unit, or unknown of nothing."""
    return f"{digits(100 * part / whole)} %" if whole else UNKNOWN


def minus(text: str) -> str:
    """Write a true minus in place of a hyphen."""
    return text.replace("-", "−")


def _clock(seconds: float) -> str:
    sign, whole = ("−" if seconds < 0 else ""), round(abs(seconds))
    if whole < HOUR:
        return f"{sign}{whole // MINUTE} min {whole % MINUTE:02d} s"
    if whole < DAY:
        return f"{sign}{whole // HOUR} h {whole % HOUR // MINUTE:02d} min"
    return f"{sign}{whole // DAY} d {whole % DAY // HOUR:02d} h"
