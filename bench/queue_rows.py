"""What is measured of the queue and the service, one function for each group of rows of the table."""
import json
import os
import shutil
import subprocess
from pathlib import Path

from measure import Failed, shown_mib
from queue_peers import Celery, KilnOnRedis, Service, Sidekiq
from row import Row

BUILD = Path(__file__).resolve().parent.parent / "build/release/bench"
CONNECTIONS = 32
MESSAGE_BYTES = 1024
MILLION = 1_000_000
PARKED = 10_000


class QueueServer:
    """`kiln serve` without bakers, on a home and a port of its own."""

    load_program = "queue_load"

    def __init__(self, bakery, name="queue-home"):
        self.program = bakery.program
        self.folder = bakery.work / name
        self.home = self.folder / "home"
        self.env = {**bakery.env, "KILN_HOME": str(self.home)}

    def __enter__(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.service = Service("kiln-serve", [self.program, "serve", "--listen", "127.0.0.1:0", "--no-bakery"],
                               self.folder, self.env)
        try:
            self.service.wait_until((self.home / "run/server.json").exists)
            self.url = json.loads((self.home / "run/server.json").read_text())["url"]
            given = subprocess.run([self.program, "credentials", "--format", "json"], env=self.env, check=True,
                                   capture_output=True).stdout
            keys = json.loads(given)
            self.keys = {"AWS_ACCESS_KEY_ID": keys["access_key_id"], "AWS_SECRET_ACCESS_KEY": keys["secret_access_key"]}
        except BaseException:
            self.service.stop()
            raise
        return self

    def __exit__(self, *_):
        self.service.stop()

    def run(self, *arguments):
        done = subprocess.run([BUILD / self.load_program, *map(str, arguments)], env={**os.environ, **self.keys},
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if done.returncode != 0:
            raise Failed(f"queue_load {' '.join(map(str, arguments))}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode()

    def queue(self, name):
        return self.run("create", self.url, name).strip()

    def memory(self):
        for line in Path(f"/proc/{self.service.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise Failed("the server is gone")

    def load(self, what, queue, *arguments):
        return json.loads(self.run(what, self.url, queue, *arguments))

    def park(self, queue, polls, messages):
        """(memory while all wait, the figures)."""
        process = subprocess.Popen([BUILD / "queue_load", "park", self.url, queue, str(polls), str(messages)],
                                   env={**os.environ, **self.keys}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        if process.stderr.readline().strip() != b"parked":
            raise Failed(f"queue_load park: {process.stderr.read().decode(errors='replace')}")
        memory = self.memory()
        out, err = process.communicate(b"\n", timeout=300)
        if process.returncode != 0:
            raise Failed(f"queue_load park: {err.decode(errors='replace')}")
        return memory, json.loads(out)


def shown_rate(rate):
    return f"{rate:,.0f} a second"


def messages(bakery, _peers, _runs):
    with QueueServer(bakery) as server:
        queue = server.queue("cycle")
        server.load("cycle", queue, CONNECTIONS, 10, 5_000, MESSAGE_BYTES)
        batches = server.load("cycle", queue, CONNECTIONS, 10, 100_000, MESSAGE_BYTES)["per_second"]
        single = server.load("cycle", queue, CONNECTIONS, 1, 20_000, MESSAGE_BYTES)["per_second"]
    found = []
    for peer, factor, count in ((Sidekiq, 5, 20_000), (Celery, 7, 6_000)):
        with peer(bakery.work) as other:
            other.measure(count // 10, MESSAGE_BYTES)
            theirs = other.measure(count, MESSAGE_BYTES)
        found.append(Row(f"messages of 1 KiB sent, received and deleted over HTTP, {CONNECTIONS} connections, ten a request",
                         shown_rate(batches), f"{factor}× the peer", batches >= factor * theirs, batches, peer.name,
                         shown_rate(theirs), theirs))
        found.append(Row("the same, one a request", shown_rate(single), "—", True, single, peer.name, shown_rate(theirs),
                         theirs))
    return found


def on_redis(bakery, _peers, _runs):
    count = 20_000
    with Sidekiq(bakery.work) as other:
        other.measure(count // 10, MESSAGE_BYTES)
        theirs = other.measure(count, MESSAGE_BYTES)
    with KilnOnRedis(bakery.work, BUILD / "redis_load") as ours:
        ours.measure(count // 10, MESSAGE_BYTES)
        rate = ours.measure(count, MESSAGE_BYTES)
    return [Row("jobs of 1 KiB through Redis, pushed and done, 10 senders and 10 workers, none lost by a worker's death",
                shown_rate(rate), "not slower", rate >= theirs, rate, Sidekiq.name, shown_rate(theirs), theirs)]


def in_process(bakery, _peers, _runs):
    folder = bakery.work / "in-process"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    done = subprocess.run([BUILD / "queue_bench", "cycle", "--home", folder, "--callers", str(CONNECTIONS)], capture_output=True, check=False)
    if done.returncode != 0:
        raise Failed(f"queue_bench: {done.stderr.decode(errors='replace')}")
    rate = json.loads(done.stdout)["messages_per_second"]
    return [Row(f"the same in process, without HTTP, {CONNECTIONS} callers, one a call", shown_rate(rate), "at least 40,000 a second", rate >= 40_000, rate)]


def waiting(bakery, _peers, _runs):
    with QueueServer(bakery) as server:
        empty = server.queue("empty")
        full = server.queue("full")
        server.load("fill", empty, CONNECTIONS, 10, 5_000, MESSAGE_BYTES)
        before = server.load("fill", empty, CONNECTIONS, 10, 50_000, MESSAGE_BYTES)["per_second"]
        server.load("fill", full, CONNECTIONS, 10, MILLION, MESSAGE_BYTES)
        after = server.load("fill", full, CONNECTIONS, 10, 50_000, MESSAGE_BYTES)["per_second"]
        received = server.load("take", full, 1, 10, 20_000, MESSAGE_BYTES)["receive"]
        memory = server.memory()
    return [
        Row("sends to a queue with a million messages waiting", shown_rate(after), "at most a fifth slower",
            after >= before * 0.8, after, "to one that was empty", shown_rate(before), before),
        Row("receive from it, p99", f"{received['p99_ms']:.1f} ms", "under 5 ms", received["p99_ms"] < 5,
            received["p99_ms"]),
        Row("memory of the server then", shown_mib(memory), "under 200 MiB", memory < 200 << 20, memory),
    ]


def parked(bakery, _peers, _runs):
    with QueueServer(bakery) as server:
        memory, figures = server.park(server.queue("parked"), PARKED, 500)
    latency = figures["latency"]["p99_ms"]
    return [
        Row(f"memory with {PARKED:,} parked long polls", shown_mib(memory), "under 150 MiB", memory < 150 << 20, memory),
        Row("a message sent to them is received, p99", f"{latency:.1f} ms", "within 10 ms", latency <= 10, latency),
    ]


ALL = {"messages": messages, "redis": on_redis, "in_process": in_process, "waiting": waiting, "parked": parked}
