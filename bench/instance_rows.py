"""What is measured of instances: containers, beside podman's."""
import time

from measure import Failed, interleaved, median, shown_seconds
from peers import Podman
from row import Row

LAUNCHES = 60  # of each, for a p99 that is more than the slowest of a few
TOGETHER = 20
# The clock that this process reads, too: one kernel.
SAY_WHEN = "#!/bin/sh\ndate +%s%N\n"


def first_said(bakery, instance):
    """When its user data ran, in seconds since 1970."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        said = bakery.kiln("instance", "console", instance)[1].strip()
        if said:
            return int(said.splitlines()[0]) / 1e9
    raise Failed(f"{instance} says nothing")


def launch(bakery, count):
    """Seconds from the command to the user data of the last of them."""
    begun = time.time()
    made = bakery.json("instance", "launch", "base", "--type", "ct.nano", "--count", count, "--user-data", SAY_WHEN)
    ids = [one["id"] for one in made]
    try:
        return max(first_said(bakery, one) for one in ids) - begun
    finally:
        bakery.kiln("instance", "terminate", *ids)


def late(times):
    """The 99th percentile."""
    return sorted(times)[int(len(times) * 0.99)]


def containers(bakery, _peers, _runs):
    with Podman(bakery.work, bakery.work.parent / "base/debian.tar") as podman:
        times = interleaved({"kiln": lambda: launch(bakery, 1), "podman": podman.start}, LAUNCHES, warm_up=2)
        together = interleaved({"kiln": lambda: launch(bakery, TOGETHER),
                                "podman": lambda: podman.start_together(TOGETHER)}, 3, warm_up=0)
        name = podman.name
    ours, theirs = times["kiln"], times["podman"]
    all_ours, all_theirs = median(together["kiln"]), median(together["podman"])
    return [
        Row("kiln instance launch of a container, to its user data, p50", shown_seconds(median(ours)),
            "under 250 ms, not slower", median(ours) < 0.250 and median(ours) <= median(theirs), median(ours),
            name, shown_seconds(median(theirs)), median(theirs)),
        Row("the same, p99", shown_seconds(late(ours)), "under 600 ms", late(ours) < 0.600, late(ours), name,
            shown_seconds(late(theirs)), late(theirs)),
        Row(f"{TOGETHER} at once, to the last one's user data", shown_seconds(all_ours), "under 5 s", all_ours < 5,
            all_ours, name, shown_seconds(all_theirs), all_theirs),
    ]


ALL = {"instances": containers}
