"""What the supervisor prints: every child's lines behind its name."""

import os
from typing import TextIO

COLOURS = {"up": 37, "valkey": 33, "web": 36, "worker": 32, "beat": 35, "demo": 34}  # ANSI foregrounds
NAME_WIDTH = max(map(len, COLOURS))  # characters
RESET = "\x1b[0m"


class Console:
    """Prefixed lines on one stream, coloured where a person looks at it."""

    def __init__(self, stream: TextIO) -> None:
        """Decide once whether there is somebody to see colours."""
        self.stream = stream
        self.coloured = stream.isatty() and not os.environ.get("NO_COLOR")

    def say(self, name: str, text: str) -> None:
        """Write each line of the text behind the name."""
        prefix = f"{name:<{NAME_WIDTH}} |"
        if self.coloured:
            prefix = f"\x1b[{COLOURS.get(name, 37)}m{prefix}{RESET}"
        for line in text.splitlines():
            self.stream.write(f"{prefix} {line}\n")
        self.stream.flush()
