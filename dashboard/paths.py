"""Names from outside as path segments: `/` would end a segment, `.` and `..` would be resolved away."""

from django.urls import register_converter

ESCAPES = {"~7E": "~", "~2F": "/", "~2E": "."}


class NameConverter:
    """Writes `~` as `~7E` and `/` as `~2F`; a name of dots alone has them as `~2E`."""

    regex = r"[^/\x00]+"  # A NUL is in no name, and a database would refuse to look for it.

    def to_python(self, value: str) -> str:
        """Return the name of a segment; ValueError, and so 404, for a segment that is no name's."""
        head, *parts = value.split("~")
        return head + "".join(ESCAPES[self._known(f"~{part[:2]}")] + part[2:] for part in parts)

    def to_url(self, value: str) -> str:
        """Return the segment of a name."""
        escaped = value.replace("~", "~7E").replace("/", "~2F")
        return escaped.replace(".", "~2E") if set(escaped) == {"."} else escaped

    @staticmethod
    def _known(escape: str) -> str:
        if escape not in ESCAPES:
            msg = f"{escape!r} is no escape"
            raise ValueError(msg)
        return escape


register_converter(NameConverter, "name")
