"""Where `make load-webhooks` sends to: takes over https on loopback as fast as it can, counts.

python -m tests.load.sink CERTIFICATE     prints its port; answers GET / with counts by path
"""

import asyncio
import contextlib
import json
import ssl
import sys
from collections import Counter

counts: Counter[str] = Counter()
ANSWERS = {"/fails": b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n"}
TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"


async def serve(reader, writer):
    with contextlib.suppress(OSError, asyncio.IncompleteReadError, ssl.SSLError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            method, path, _version = lines[0].split(" ")
            if method == "GET":
                body = json.dumps(counts).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
                continue
            size = next(int(li[15:]) for li in lines if li.lower().startswith("content-length:"))
            await reader.readexactly(size)
            counts[path] += 1
            if path == "/hangs":
                await asyncio.sleep(3600)
            writer.write(ANSWERS.get(path, TAKEN))
            await writer.drain()
    writer.close()


async def main(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
