"""HTTP over connections that are kept, as a proxy in front would keep them, and as lean as it goes: one core has to
ask more than the other can answer."""

import asyncio
from dataclasses import dataclass

# An answer that takes longer is an error.
LONGEST = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. headers: with the status line, as they were sent."""

    status: int
    headers: str
    body: bytes

    def header(self, name):
        """The value of a header; None when it is not there."""
        _, found, rest = self.headers.partition(f"\r\n{name}: ")
        return rest.partition("\r\n")[0] if found else None


class Connections:
    """Asks one server. A free connection is used again, the last one first; when all are busy another is opened."""

    def __init__(self, port):
        self._port = port
        self._free = []
        self.opened = 0

    async def ask(self, method, path, headers, body=b"", longest=LONGEST):
        """The answer to one request. OSError or TimeoutError when there is none."""
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n{headers}"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        async with asyncio.timeout(longest):
            reader, writer = await self._connection()
            try:
                writer.write(f"{head}\r\n".encode() + body)
                answer = await self._read(reader)
            except asyncio.IncompleteReadError as error:
                writer.close()
                raise ConnectionError from error
            except BaseException:
                writer.close()
                raise
        if answer.header("Connection") == "close":
            writer.close()
        else:
            self._free.append((reader, writer))
        return answer

    def close(self):
        for _, writer in self._free:
            writer.close()
        self._free.clear()

    async def _connection(self):
        while self._free:
            reader, writer = self._free.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        self.opened += 1
        return await asyncio.open_connection("127.0.0.1", self._port)

    @staticmethod
    async def _read(reader):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head[9:12])
        answer = Answer(status, head, b"")
        length = answer.header("Content-Length")
        if status in {204, 304}:
            return answer
        if length is None:
            message = f"an answer without a length: {head}"
            raise ConnectionError(message)
        return Answer(status, answer.headers, await reader.readexactly(int(length)))
