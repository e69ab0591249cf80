#!/usr/bin/env python3
"""Measures kiln and prints each figure beside its goal and beside another tool's, from the same run.

All commands are whole processes, timed from outside, in turns, after a warm-up; figures are medians.
Everything is made below .cache/bench and removed at the end."""
import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import rows
from bakery import Bakery
from measure import Failed, machine, run
from peers import Buildah, VirtCustomize

REPOSITORY = Path(__file__).resolve().parent.parent
PAGE = REPOSITORY / "docs/performance.md"
BEGIN, END = "<!-- table: ./dev bench --markdown -->", "<!-- end of table -->"


def options():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=11, metavar="N", help="runs of each short command (default: 11)")
    parser.add_argument("--only", action="append", choices=list(rows.ALL), metavar="ROW",
                        help=f"measure only these rows: {', '.join(rows.ALL)}")
    parser.add_argument("--with-virt-customize", action="store_true", help="measure virt-customize too (half a minute)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file, or to stdout for -")
    parser.add_argument("--markdown", action="store_true", help="put the table into docs/performance.md")
    parser.add_argument("--kiln", type=Path, default=REPOSITORY / "out/kiln", help=argparse.SUPPRESS)
    return parser.parse_args()


def prepare(work, root_tar, given):
    """The bakery and the peers, each with the same root file system at hand."""
    bakery = Bakery(given.kiln, work)
    bakery.import_tar(root_tar, "base")
    peers = {}
    wanted = given.only or list(rows.ALL)
    if "trivial" in wanted:
        peers["buildah"] = Buildah(work, root_tar)
        if given.with_virt_customize:
            disk = work / "base.qcow2"
            bakery.kiln("image", "export", "base", disk)
            peers["virt-customize"] = VirtCustomize(work, disk)
    return bakery, peers


def table(results):
    lines = ["| what | kiln | goal | beside | its figure | reached |", "| --- | --- | --- | --- | --- | --- |"]
    for row in results:
        reached = "—" if row.goal == "—" else "yes" if row.reached else "NO"
        lines.append(f"| {row.what} | {row.figure} | {row.goal} | {row.peer or '—'} | {row.peer_figure or '—'} "
                     f"| {reached} |")
    return "\n".join(lines)


def write_page(text):
    page = PAGE.read_text()
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


def measure_all(bakery, peers, given):
    results = []
    for name in (name for name in rows.ALL if not given.only or name in given.only):
        begun = time.monotonic()
        print(f"measuring: {name} …", file=sys.stderr, end="", flush=True)
        results += rows.ALL[name](bakery, peers, given.runs)
        print(f" {time.monotonic() - begun:.0f} s", file=sys.stderr)
    return results


def main():
    given = options()
    if os.geteuid() != 0:
        print("bench: must be root (loop devices and mounts)", file=sys.stderr)
        return 3
    root_tar = REPOSITORY / ".cache/base/debian.tar"
    run([REPOSITORY / "scripts/make_base", root_tar])
    work = REPOSITORY / ".cache/bench"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    peers = {}
    try:
        bakery, peers = prepare(work, root_tar, given)
        results = measure_all(bakery, peers, given)
    except Failed as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    finally:
        if "buildah" in peers:
            peers["buildah"].close()
        shutil.rmtree(work, ignore_errors=True)
    commit = subprocess.run(["git", "-C", REPOSITORY, "rev-parse", "--short", "HEAD"], capture_output=True, text=True,
                            check=False).stdout.strip()
    text = f"{table(results)}\n\nMeasured on {machine()}; {given.runs} runs of each short command; commit {commit}."
    if given.json:
        document = json.dumps({"machine": machine(), "rows": [row.__dict__ for row in results]}, indent=2) + "\n"
        if str(given.json) == "-":
            print(document, end="")
            return 0
        given.json.write_text(document)
    print(text)
    if given.markdown:
        write_page(text)
    return 0 if all(row.reached for row in results) else 1


if __name__ == "__main__":
    sys.exit(main())
