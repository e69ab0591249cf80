"""What is measured of state machines, one function for each group of rows of the table."""
import json
import os
import subprocess
from pathlib import Path

from flow_peers import LocalStepFunctions, Moto
from measure import Failed
from queue_rows import BUILD, QueueServer, shown_rate
from row import Row

CONNECTIONS = 32
CHAIN = 50
MAP_ITEMS = 10_000
SUITES = os.environ.get("KILN_CONFORMANCE", BUILD.parents[3] / "shared/conformance")
SUITE = Path(SUITES) / "jsonata/suite.json"


def chain(states):
    return json.dumps({"StartAt": "S0", "States": {
        f"S{i}": {"Type": "Pass", **({"Next": f"S{i + 1}"} if i + 1 < states else {"End": True})} for i in range(states)}})


class FlowServer(QueueServer):
    """`kiln serve` without bakers, under load of Step Functions' protocol."""

    load_program = "flow_load"

    def __init__(self, bakery):
        super().__init__(bakery, "flow-home")

    def create(self, name, definition):
        return self.run("create", self.url, name, definition).strip()

    def activity(self, name):
        return self.run("activity", self.url, name).strip()


def executions(bakery, _peers, _runs):
    with FlowServer(bakery) as server:
        one, many = server.create("one", chain(1)), server.create("chain", chain(CHAIN))
        server.load("start", one, CONNECTIONS, 1_000)
        started = server.load("start", one, CONNECTIONS, 20_000)["per_second"]
        single = server.load("single", one, 500)["p50_ms"]
        transitions = server.load("start", many, CONNECTIONS, 4_000)["per_second"] * CHAIN
        activity = server.activity("work")
        task = server.create("task", json.dumps({"StartAt": "T", "States": {
            "T": {"Type": "Task", "Resource": activity, "Next": "S"}, "S": {"Type": "Succeed"}}}))
        server.load("begin", task, CONNECTIONS, 20_000)
        trips = server.load("work", activity, CONNECTIONS, 20_000)["per_second"]
    found = []
    for peer in (Moto(bakery.work), LocalStepFunctions(bakery.work)):
        theirs = peer.measure(1)["executions_per_second"]
        found.append(beside("executions of one state over HTTP, started and succeeded, on disk", started, 2_000, peer, theirs))
        theirs = peer.measure(CHAIN)["transitions_per_second"]
        found.append(beside(f"transitions of executions of {CHAIN} states over HTTP, on disk", transitions, 10_000, peer, theirs))
    return found + [
        Row("one execution at a time, from start to seen as succeeded, p50", f"{single:.1f} ms", "under 3 ms", single < 3, single),
        Row("a task taken, reported, and the next state entered, over HTTP, on disk", shown_rate(trips),
            "at least 2,000 a second", trips >= 2_000, trips),
    ]


def beside(what, ours, goal, peer, theirs):
    return Row(what, shown_rate(ours), f"at least {goal:,} a second, 20× the peer", ours >= goal and ours >= 20 * theirs, ours,
               peer.name, shown_rate(theirs), theirs)


def program(name, *arguments):
    """The one JSON document that a program of this folder prints."""
    done = subprocess.run([BUILD / name, *map(str, arguments)], capture_output=True, check=False)
    if done.returncode != 0:
        raise Failed(f"{name}: {done.stderr.decode(errors='replace')}")
    return json.loads(done.stdout)


def interpreter(_bakery, _peers, _runs):
    """The core alone, without a store; a Map at ten times the items takes ten times as long, or a little more."""
    found = program("flow_bench", "--items", MAP_ITEMS)
    rate, took = found["transitions_per_second"], found["map_seconds"]
    growth = took / found["map_seconds_of_a_tenth"] / 10
    return [
        Row("transitions of the interpreter alone, one core", shown_rate(rate), "at least 500,000 a second",
            rate >= 500_000, rate),
        Row(f"an inline Map of {MAP_ITEMS:,} items in the interpreter: time of an item, beside a tenth of them",
            f"{growth:.1f}× ({took * 1000:.0f} ms)", "at most 3×", growth <= 3, growth),
    ]


def languages(_bakery, _peers, _runs):
    paths = program("jsonpath_bench")
    slower = paths["path_ns"] / paths["plain_ns"]
    found = [Row("a simple JSONPath, beside plain access to the same value", f"{slower:.1f}× the time",
                 "at most 10×", slower <= 10, slower)]
    if SUITE.exists():
        queries = program("jsonata_bench", SUITE)
        seconds = (queries["compile_ms"] + queries["evaluate_ms"]) / 1000
        found.append(Row(f"JSONata's suite, {queries['cases']:,} cases compiled and evaluated", f"{seconds * 1000:.0f} ms",
                         "under a second", seconds < 1, seconds))
    return found


ALL = {"executions": executions, "interpreter": interpreter, "languages": languages}
