"""What is measured of the volume cache."""
import fcntl
import json
import os
import signal
import subprocess
import time
from datetime import datetime

from measure import Failed, interleaved, median, shown_seconds
from row import Row

START_SECONDS = 20
SETTLE_SECONDS = 10


def shown_fine(seconds):
    return f"{seconds * 1000:.2f} ms"


def seconds_of(result, step):
    return next(float(one["seconds"]) for one in result["steps"] if one["step"] == step)


def bake(bakery):
    path = bakery.request(["echo baked >/etc/motd"], checkpoints=False, rebake=True)
    return bakery.bake_request(path)[1]


def hit(bakery):
    """A bake that finds a volume ready. The fill that the bake before started may still have the cache's lock."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while not bakery.json("cache", "show")["volumes"]:
        if time.monotonic() > deadline:
            raise Failed("the volume cache is not filled")
        bakery.kiln("cache", "fill")
    return bake(bakery)


def miss(bakery):
    """A bake that finds none: the lock keeps the fill that the bake before started from making any."""
    with open(bakery.home / "cache.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        bakery.kiln("cache", "clear")
        return bake(bakery)


def acquire(bakery, _peers, runs):
    bake(bakery)  # from here on a volume of the base is wanted
    def one(make):
        result = make(bakery)
        if result["volume_from"] != make.__name__:
            raise Failed(f"the volume came from {result['volume_from']} instead of a {make.__name__}")
        return seconds_of(result, "acquire")

    times = interleaved({make.__name__: (lambda make=make: one(make)) for make in (hit, miss)}, runs)
    bakery.kiln("cache", "clear")
    found, made = median(times["hit"]), median(times["miss"])
    return [Row("acquire, a volume stands ready", shown_fine(found), "at least a third less", found <= made * 2 / 3,
                found, "the same, none does", shown_fine(made), made)]


class BakeServer:
    """`kiln serve` on the bakery's home."""

    def __init__(self, bakery):
        self.bakery = bakery
        self.note = bakery.home / "run/server.json"

    def __enter__(self):
        self.note.unlink(missing_ok=True)
        self.process = subprocess.Popen([self.bakery.program, "serve", "--listen", "127.0.0.1:0"], env=self.bakery.env,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        deadline = time.monotonic() + START_SECONDS
        while not self.note.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                said = self.stop()
                raise Failed(f"kiln serve does not start: {said}")
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGTERM)
        return self.process.communicate(timeout=60)[1].decode(errors="replace")


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def first_line(bakery, bake_id):
    """Seconds from the begin of a bake's first step to the first line that its bootstrap printed."""
    events = bakery.json("bake", "logs", bake_id)
    printed = next(event for event in events if event["category"] == "LOG" and event["step"] == "run")
    return moment(printed["time"]) - moment(events[0]["time"])


def first_lines(bakery, _peers, runs):
    bake(bakery)
    froms = []

    def one():
        path = bakery.request(["echo first"], checkpoints=False, rebake=True)
        result = json.loads(bakery.kiln("bake", "submit", path, "--wait", "--json")[1])
        froms.append(result["volume_from"])
        time.sleep(0.3)  # the server makes the next volume ready meanwhile
        return first_line(bakery, result["bake"])

    with BakeServer(bakery):
        found = median(interleaved({"first": one}, runs, warm_up=2)["first"])
    hot = froms.count("hot")
    return [Row("from the command to the bootstrap's first line, server running", shown_seconds(found), "under 40 ms",
                found < 0.040, found, "found mounted", f"{hot} of {len(froms)}", hot)]


ALL = {"cache": acquire, "first-line": first_lines}
