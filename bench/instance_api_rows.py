"""What is measured of the API that hands out machines: kiln's HTTP server and routes on a cache of instances."""
import json
import re
import statistics
import subprocess
import time
import urllib.request
from pathlib import Path

from measure import Failed
from row import Row

SERVER = Path(__file__).resolve().parent.parent / "build/bench/bench/instances_server"
INSTANCES = 5000
CONNECTIONS = 64
SECONDS = 5
MILLISECONDS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


class InstancesServer:
    """bench/instances_server, while it is used."""

    def __enter__(self):
        self.process = subprocess.Popen([SERVER, str(INSTANCES)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        facts = json.loads(self.process.stdout.readline())
        self.url, self.instance = facts["url"], facts["instance"]
        self.header = f"Authorization: token {facts['token']}"
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def wrk(self, path):
        """Requests a second, and the 99th percentile of their times in milliseconds."""
        done = subprocess.run(["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", "-H", self.header,
                               self.url + path], capture_output=True, text=True, check=False)
        rate = re.search(r"^Requests/sec: +([\d.]+)", done.stdout, re.MULTILINE)
        tail = re.search(r"^ +99% +([\d.]+)(us|ms|s)$", done.stdout, re.MULTILINE)
        if done.returncode != 0 or not rate or not tail or "Non-2xx" in done.stdout:
            raise Failed(f"wrk: {done.stdout}{done.stderr}")
        return float(rate[1]), float(tail[1]) * MILLISECONDS[tail[2]]

    def once(self, path):
        """Milliseconds of one request."""
        name, value = self.header.split(": ")
        began = time.perf_counter()
        with urllib.request.urlopen(urllib.request.Request(self.url + path, headers={name: value}), timeout=30) as answer:
            answer.read()
        return (time.perf_counter() - began) * 1e3


def instance_api(_bakery, _peers, _runs):
    with InstancesServer() as server:
        rate, tail = server.wrk(f"/instances/{server.instance}")
        whole = statistics.median(server.once("/instances") for _ in range(20))
        some = statistics.median(server.once("/instances?site=org&queue=queue-4") for _ in range(20))
    return [
        Row(f"GET /instances/ID, {CONNECTIONS} connections", f"{rate:,.0f}/s", "10,000/s", rate >= 10_000, rate),
        Row(f"GET /instances/ID, {CONNECTIONS} connections, p99", f"{tail:.1f} ms", "20 ms", tail < 20, tail),
        Row(f"GET /instances of {INSTANCES:,}", f"{whole:.1f} ms", "20 ms", whole < 20, whole),
        Row(f"GET /instances of {INSTANCES:,}, two filters", f"{some:.1f} ms", "20 ms", some < 20, some),
    ]


ALL = {"instance_api": instance_api}
