#!/usr/bin/env python3
"""A bad link between a laptop and the service, in user space: narrow, slow to answer, dropping connections, dying every so often.

    link.py PORTFILE TARGET_PORT LOGFILE [--kbit 20] [--delay 0.8] [--drop 0.1] [--cut 30] [--seed 1]

All connections share one pipe of KBIT kilobits a second, both ways together. A byte arrives DELAY/2 seconds after it was let through, so an
answer takes DELAY more than it would. A share DROP of connections is closed as soon as they are opened. Every CUT seconds all are reset.
Every second a line `seconds bytes_up bytes_down connections dropped cuts` goes to LOGFILE; seconds count from the first connection.
"""
import argparse
import asyncio
import random
import socket
import struct
import time

parser = argparse.ArgumentParser()
parser.add_argument("portfile")
parser.add_argument("target", type=int)
parser.add_argument("logfile")
parser.add_argument("--kbit", type=float, default=20)
parser.add_argument("--delay", type=float, default=0.8)
parser.add_argument("--drop", type=float, default=0.1)
parser.add_argument("--cut", type=float, default=30)
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()

chance = random.Random(options.seed)
rate = options.kbit * 1000 / 8
state = {"first": None, "up": 0, "down": 0, "connections": 0, "dropped": 0, "cuts": 0}
live = set()
free_at = 0.0
PIECE = 256


async def through_the_pipe(count):
    """Waits until the shared pipe has let so many bytes through."""
    global free_at
    now = time.monotonic()
    free_at = max(free_at, now) + count / rate
    await asyncio.sleep(free_at - now)


def reset(writer):
    sock = writer.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def carry(reader, writer, way):
    # What was let through is on its way for half the delay; the order stays.
    waiting = asyncio.Queue()

    async def deliver():
        while (item := await waiting.get()) is not None:
            due, piece = item
            await asyncio.sleep(max(0, due - time.monotonic()))
            state[way] += len(piece)
            writer.write(piece)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

    delivery = asyncio.create_task(deliver())
    try:
        while piece := await reader.read(PIECE):
            await through_the_pipe(len(piece))
            waiting.put_nowait((time.monotonic() + options.delay / 2, piece))
        waiting.put_nowait(None)
        await delivery
    finally:
        delivery.cancel()


async def serve(reader, writer):
    if state["first"] is None:
        state["first"] = time.monotonic()
    state["connections"] += 1
    if chance.random() < options.drop:
        state["dropped"] += 1
        reset(writer)
        return
    await asyncio.sleep(options.delay)
    target = socket.socket()
    target.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    target.setblocking(False)
    await asyncio.get_running_loop().sock_connect(target, ("127.0.0.1", options.target))
    far_reader, far_writer = await asyncio.open_connection(sock=target, limit=2048)
    for one in (writer, far_writer):
        one.transport.set_write_buffer_limits(high=0)
    pair = (writer, far_writer)
    live.add(pair)
    ways = [asyncio.create_task(carry(reader, far_writer, "up")), asyncio.create_task(carry(far_reader, writer, "down"))]
    try:
        await asyncio.gather(*ways)
    except (ConnectionError, asyncio.CancelledError, OSError):
        pass
    finally:
        for way in ways:
            way.cancel()
        live.discard(pair)
        for one in pair:
            one.close()


async def cutter():
    while True:
        await asyncio.sleep(options.cut)
        state["cuts"] += 1
        for pair in list(live):
            for one in pair:
                reset(one)


async def logger():
    with open(options.logfile, "w", buffering=1) as log:
        while True:
            await asyncio.sleep(1)
            if state["first"] is not None:
                log.write("%.1f %d %d %d %d %d\n" % (
                    time.monotonic() - state["first"], state["up"], state["down"], state["connections"], state["dropped"], state["cuts"]))


async def main():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Small buffers: what the kernel holds has not crossed the link.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.bind(("127.0.0.1", 0))
    server = await asyncio.start_server(serve, sock=listener, limit=2048)
    with open(options.portfile, "w") as file:
        file.write("%d\n" % listener.getsockname()[1])
    await asyncio.gather(server.serve_forever(), cutter(), logger())


asyncio.run(main())
