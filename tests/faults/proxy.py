"""A proxy that cuts some connections after the server has answered and before the reply is passed on."""

import asyncio
import random
import threading
from contextlib import contextmanager, suppress


class CuttingProxy:
    """cuts: how many replies were swallowed. share: of all replies."""

    def __init__(self, upstream, share, seed=1):
        self._upstream, self._share, self._generator = upstream, share, random.Random(seed)
        self.cuts = 0
        self.address = None

    async def _serve(self, reader, writer):
        to_server = None
        try:
            from_server, to_server = await asyncio.open_connection(*self._upstream)
            questions = asyncio.create_task(_pass_on(reader, to_server))
            while reply := await from_server.read(1_000_000):
                if self._generator.random() < self._share:
                    self.cuts += 1
                    break
                writer.write(reply)
                await writer.drain()
            questions.cancel()
        except OSError:
            pass
        finally:
            writer.transport.abort()
            if to_server is not None:
                to_server.close()

    @contextmanager
    def running(self):
        loop = asyncio.new_event_loop()
        server = loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.address = server.sockets[0].getsockname()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(server.close)
            loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
            loop.call_soon_threadsafe(lambda: loop.call_later(0.1, loop.stop))
            thread.join()
            loop.close()


async def _pass_on(reader, writer):
    with suppress(OSError):
        while part := await reader.read(65_536):
            writer.write(part)
            await writer.drain()
        writer.close()
