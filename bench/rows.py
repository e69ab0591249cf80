"""What is measured, one function for each group of rows of the table."""
import os
import sqlite3

import cache_rows
import flow_rows
import instance_api_rows
import instance_rows
import queue_rows
from measure import interleaved, median, run, shown_mib, shown_seconds
from peers import PlainLoop
from row import Row

COMMAND = "echo baked >/etc/motd"
MANY = 100
LINEAGE = 50


def trivial(bakery, peers, runs):
    buildah = peers["buildah"]
    times = interleaved({"kiln": lambda: bakery.bake(COMMAND),
                         **{way: (lambda way=way: buildah.bake(COMMAND, way)) for way in buildah.OPTIONS}}, runs)
    ours = median(times["kiln"])
    unsynced = {way: median(seconds[-runs:]) for way, seconds in buildah.unsynced.items()}
    fastest = min(unsynced, key=unsynced.get)
    plain = buildah.name(buildah.DEFAULT, synced=False) + ", its default"
    theirs = unsynced[buildah.DEFAULT]
    found = [
        Row("bake of one trivial command, from command to durable image", shown_seconds(ours), "at most 120 ms",
            ours <= 0.120, ours, plain, shown_seconds(theirs), theirs),
        Row("the same, times faster", f"{theirs / ours:.1f}×", "at least 5×", theirs / ours >= 5, theirs / ours,
            plain, shown_seconds(theirs), theirs),
    ]
    for name, seconds in ((buildah.name(buildah.ALIKE) + ", tuned to do what kiln does", median(times[buildah.ALIKE])),
                          (buildah.name(fastest, synced=False) + ", its fastest", unsynced[fastest])):
        found.append(Row("the same, times faster", f"{seconds / ours:.1f}×", "—", True, seconds / ours, name,
                         shown_seconds(seconds), seconds))
    if "virt-customize" in peers:
        peer = peers["virt-customize"]
        slow = peer.bake(COMMAND)
        found.append(Row("the same, times faster", f"{slow / ours:.0f}×", "at least 200×", slow / ours >= 200,
                         slow / ours, peer.name, shown_seconds(slow), slow))
    return found


def sizes(bakery, _peers, runs):
    tar = bakery.work.parent / "base/debian.tar"
    for size in ("2GiB", "20GiB"):
        bakery.import_tar(tar, f"base-{size}", "--size", size)
    variants = {name: (lambda name=name: bakery.bake(COMMAND, name)) for name in ("base", "base-2GiB", "base-20GiB")}
    times = {name: median(found) for name, found in interleaved(variants, runs).items()}
    return [Row(f"the same, parent of {size} (sparse)", shown_seconds(times[f"base-{size}"]),
                "at most a tenth slower", times[f"base-{size}"] <= times["base"] * 1.1, times[f"base-{size}"],
                "the same, small parent", shown_seconds(times["base"]), times["base"])
            for size in ("2GiB", "20GiB")]


def lineage(bakery, _peers, runs):
    parent = "base"
    for depth in range(1, LINEAGE + 1):
        name = f"depth-{depth}"
        bakery.bake(f"echo {depth} >/etc/depth", parent, name)
        parent = name
    times = interleaved({"deep": lambda: bakery.bake(COMMAND, parent), "base": lambda: bakery.bake(COMMAND)}, runs)
    deep, base = median(times["deep"]), median(times["base"])
    return [Row(f"the same at the end of a lineage {LINEAGE} deep", shown_seconds(deep), "at most a fifth slower",
                deep <= base * 1.2, deep, "the same, from the base", shown_seconds(base), base)]


def checkpoints(bakery, _peers, runs):
    work = "sleep 0.5; echo {} >/step-{}"
    runs = max(3, runs // 4)

    def commands(last):
        return [work.format(i, i) for i in range(9)] + [work.format(last, 9)]

    tag = [0]

    def whole():
        # An environment of its own: nothing of it is in a checkpoint yet.
        tag[0] += 1
        return bakery.bake_request(bakery.request(commands("x"), bootstrap={"environment": {"RUN": str(tag[0])}}))[0]

    def last():
        return bakery.bake_request(bakery.request(
            commands(f"changed-{bakery.count}"), bootstrap={"environment": {"RUN": str(tag[0])}}))[0]

    times = interleaved({"whole": whole, "last": last}, runs, warm_up=0)
    full, changed = median(times["whole"]), median(times["last"])
    count = 10

    def trivial_commands(**more):
        tag[0] += 1
        return bakery.bake_request(bakery.request(
            [f"echo {i} >/t{i}" for i in range(count)], bootstrap={"environment": {"RUN": str(tag[0])}}, **more))[0]

    cost = interleaved({"with": trivial_commands, "without": lambda: trivial_commands(checkpoints=False)}, runs)
    each = max(0.0, (median(cost["with"]) - median(cost["without"])) / count)
    return [
        Row("the last of ten commands changed, times faster than the whole bake", f"{full / changed:.1f}×",
            "at least 8×", full / changed >= 8, full / changed,
            "the whole bake", f"{shown_seconds(full)} against {shown_seconds(changed)}", full),
        Row("a checkpoint", shown_seconds(each), "under 50 ms", each < 0.050, each, "no checkpoint", "0 ms", 0),
    ]


def writing(bakery, _peers, _runs):
    source = bakery.work / "source"
    source.mkdir(exist_ok=True)
    (source / "noise").write_bytes(os.urandom(64 << 20))
    script = ("for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do cat \"$SOURCE/noise\"; done | "
              "dd of=big bs=1M iflag=fullblock conv=fsync 2>/dev/null; rm -f big")
    parent = "writing"
    bakery.import_tar(bakery.work.parent / "base/debian.tar", parent, "--size", "4GiB")

    def ours():
        request = bakery.request([f"SOURCE=$PWD; cd /var/tmp; {script}"], parent, checkpoints=False, rebake=True,
                                 bootstrap={"source": str(source)})
        return float(bakery.bake_request(request)[1]["commands"][0]["seconds"])

    with PlainLoop(bakery.work) as plain:
        times = interleaved({"kiln": ours, "plain": lambda: plain.write(script, source)}, 5)
    kiln, loop = median(times["kiln"]), median(times["plain"])
    return [Row("1 GiB written and synced by a bootstrap", shown_seconds(kiln), "no slower", kiln <= loop, kiln,
                PlainLoop.name, shown_seconds(loop), loop)]


def many(bakery, _peers, _runs):
    requests = [bakery.request([f"echo {i} >/number"], checkpoints=False, rebake=True) for i in range(MANY)]
    together, one, _ = bakery.at_once([["bake", *requests]])
    requests = [bakery.request([f"echo {i} >/number"], checkpoints=False, rebake=True) for i in range(MANY)]
    apart, each, share = bakery.at_once([["bake", request] for request in requests])
    return [
        Row(f"{MANY} bakes at once, one process", f"{MANY / together:.1f} a second", "at least 15 a second",
            MANY / together >= 15, MANY / together, "a chroot baker against a mock, by hand", "3.4 a second", 3.4),
        Row("its memory, for each bake", shown_mib(one[0] / MANY), "under 15 MiB", one[0] / MANY < 15 << 20,
            one[0] / MANY, "a chroot baker, by hand", "55 MiB", 55 << 20),
        Row(f"{MANY} bakes at once, a process each", f"{MANY / apart:.1f} a second", "at least 15 a second",
            MANY / apart >= 15, MANY / apart, "a chroot baker against a mock, by hand", "3.4 a second", 3.4),
        Row("memory that each of them adds, program and libraries counted once", shown_mib(share), "under 15 MiB",
            share < 15 << 20, share, "a chroot baker, by hand", "55 MiB", 55 << 20),
        Row("the largest of them, with all that it shares with the others", shown_mib(max(each)), "—", True, max(each),
            "a chroot baker, by hand", "55 MiB", 55 << 20),
    ]


def fill_store(database, count):
    """Copies an image's row under new ids and names until there are `count` images."""
    with sqlite3.connect(database) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(images)")]
        source = connection.execute(f"SELECT {', '.join(columns)} FROM images LIMIT 1").fetchone()
        have = connection.execute("SELECT count(*) FROM images").fetchone()[0]
        id_at, name_at = columns.index("id"), columns.index("name")
        copies = []
        for number in range(count - have):
            row = list(source)
            row[id_at] = f"ami-{number:017x}"
            row[name_at] = f"filler-{number}"
            copies.append(row)
        connection.executemany(f"INSERT INTO images VALUES ({', '.join('?' * len(columns))})", copies)


def commands(bakery, _peers, runs):
    version = median(interleaved({"version": lambda: bakery.kiln("--version")[0]}, runs * 3)["version"])
    peer = median(interleaved({"peer": lambda: run(["buildah", "--version"])[0]}, runs)["peer"])
    fill_store(next(bakery.home.rglob("*.db")), 10_000)
    listing = median(interleaved({"list": lambda: bakery.kiln("image", "list")[0]}, runs)["list"])
    return [
        Row("kiln --version", shown_seconds(version), "under 15 ms", version < 0.015, version, "buildah --version",
            shown_seconds(peer), peer),
        Row("kiln image list, 10,000 images", shown_seconds(listing), "under 100 ms", listing < 0.100, listing),
    ]


# The last one fills the store with images that have no files: it stays last.
ALL = {"trivial": trivial, "sizes": sizes, "lineage": lineage, "checkpoints": checkpoints, "writing": writing,
       "many": many, **queue_rows.ALL, **cache_rows.ALL, **flow_rows.ALL, **instance_rows.ALL,
       **instance_api_rows.ALL, "commands": commands}
