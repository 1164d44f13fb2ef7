"""A WebSocket client that speaks in single frames, says what it sees, and may misbehave."""

import asyncio
import contextlib
import os
import struct
from types import TracebackType
from typing import Self

PATIENCE = 30.0  # seconds for what must come
ORIGIN = "http://localhost"
KEY = "dGhlIHNhbXBsZSBub25jZQ=="

TEXT, CLOSE, PING, PONG, RESERVED = 0x1, 0x8, 0x9, 0xA, 0xB
FINAL, MASKED = 0x80, 0x80
SHORT, TWO_BYTES = 126, 126  # lengths below the first stand in the header itself
NO_FRAME = "no close frame"
STILL_OPEN = "still open"
NO_ANSWER = "no answer"
GONE = "gone"


class Wire:
    """One attempt; leaving the block drops the connection."""

    def __init__(self, port: int, path: str, *, origin: str = ORIGIN) -> None:
        self._origin = origin
        self._port = port
        self._path = path
        self._closing = False
        self._gone = False
        self.answer = ""
        self.pings = 0

    async def __aenter__(self) -> Self:
        await self.knock()
        await self.handshake()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.reset()

    async def knock(self) -> None:
        """Ask for the upgrade and do not wait for the answer."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        lines = [f"GET {self._path} HTTP/1.1", "Host: localhost", f"Origin: {self._origin}"]
        lines += ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
        self._writer.write("\r\n".join([*lines, f"Sec-WebSocket-Key: {KEY}", "", ""]).encode())

    async def handshake(self) -> None:
        """Read the answer; `answer` is `http 101`, or the refusal with its Retry-After."""
        try:
            head = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), PATIENCE)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.answer = NO_ANSWER
            return
        status, *fields = head.decode("latin-1").split("\r\n")
        later = [field.lower() for field in fields if field.lower().startswith("retry-after")]
        self.answer = ", ".join([f"http {status.split()[1]}", *later])
        if not self.accepted:
            # As clients do: Hypercorn lets the application wait for it.
            self._writer.close()

    @property
    def accepted(self) -> bool:
        return self.answer == "http 101"

    def frame(self, opcode: int, payload: bytes = b"", *, masked: bool = True) -> None:
        """Send one frame."""
        head = bytes([FINAL | opcode])
        bit = MASKED if masked else 0
        if len(payload) < SHORT:
            head += bytes([bit | len(payload)])
        else:
            head += bytes([bit | TWO_BYTES]) + struct.pack("!H", len(payload))
        if masked:
            mask = os.urandom(4)
            head += mask
            payload = bytes(byte ^ mask[n % 4] for n, byte in enumerate(payload))
        self._writer.write(head + payload)

    def say(self, text: str) -> None:
        self.frame(TEXT, text.encode())

    def close(self, code: int | None = None, reason: str = "") -> None:
        """Send a close frame, without a code where there is none."""
        self._closing = True
        self.frame(CLOSE, b"" if code is None else struct.pack("!H", code) + reason.encode())

    def reset(self) -> None:
        """Drop the connection without a word (RST)."""
        self._gone = True
        self._writer.transport.abort()

    def finish(self) -> None:
        """Say at TCP's level that nothing more will come (FIN)."""
        self._writer.write_eof()

    async def hears(self) -> str:
        """The next text message."""
        while True:
            opcode, payload = await self._next()
            if opcode == TEXT:
                return payload.decode()
            self._respond(opcode, payload)

    async def end(self, *, pongs: bool = True) -> str:
        """How the server ended it: `1011 reason`, `1005` for a frame without a code, or `no close frame`."""
        if self._gone or not self.accepted:
            return GONE if self._gone else self.answer
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            async with asyncio.timeout(PATIENCE):
                return await self._closed(pongs=pongs)
        return NO_FRAME

    async def is_open(self) -> str:
        """Prove that the server still answers."""
        self.frame(PING, b"there?")
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while (frame := await self._next())[0] != CLOSE:
                if frame == (PONG, b"there?"):
                    return STILL_OPEN
        return "closed"

    async def pinged(self, times: int) -> None:
        """Wait for so many pings of the server and answer none."""
        while self.pings < times:
            await self._next()

    async def _closed(self, *, pongs: bool) -> str:
        while (frame := await self._next())[0] != CLOSE:
            if pongs:
                self._respond(*frame)
        payload = frame[1]
        if not self._closing:
            self.frame(CLOSE, payload[:2])
            self._closing = True
        # The websockets library waits for the client to end the connection, for up to 10 s.
        self._writer.close()
        if not payload:
            return "1005"
        return f"{struct.unpack('!H', payload[:2])[0]} {payload[2:].decode()}".strip()

    def _respond(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self.frame(PONG, payload)

    async def _next(self) -> tuple[int, bytes]:
        opcode, payload = await asyncio.wait_for(self._read(), PATIENCE)
        self.pings += opcode == PING
        return opcode, payload

    async def _read(self) -> tuple[int, bytes]:
        first, length = await self._reader.readexactly(2)
        if length == TWO_BYTES:
            (length,) = struct.unpack("!H", await self._reader.readexactly(2))
        return first & 0x0F, await self._reader.readexactly(length)
