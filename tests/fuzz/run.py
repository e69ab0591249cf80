#!/usr/bin/env python3
"""Makes good inputs for a fuzz target and lets it change them for a while: run.py TARGET PROGRAM [SECONDS [SEED]]"""
import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
DISK_BYTES = 4 << 20
KEPT_BYTES = 48 << 10


def requests(_folder):
    yield (REPOSITORY / "examples/nginx-page/request.json").read_bytes()
    for row in json.loads((REPOSITORY / "tests/e2e/bad_requests.json").read_text()):
        text = json.dumps(row.get("request", "")).encode()
        if len(text) < KEPT_BYTES:
            yield text
    yield json.dumps({
        "name": "web@main@42", "parent": {"queries": [{"name": "base-*", "tag:team": ["a", "b"]}]},
        "bootstrap": {"commands": [{"run": "./x", "always": True}], "limits": {"memory_bytes": 1 << 30, "seconds": 60}},
        "volume": {"size_gib": 8}, "logs": {"destination": "/var/log/kiln", "files": ["/var/log/x"]},
        "deadline_seconds": 60, "share_with": ["111122223333"]}).encode()


def member_paths(_folder):
    yield from (b"a/b/c", b"./a", b"a/../b", b"/etc/passwd", b"a//b/./c", "ä/ö".encode())


def archives(_folder):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, kind, link in (("d", tarfile.DIRTYPE, ""), ("d/file", tarfile.REGTYPE, ""),
                                 ("d/link", tarfile.SYMTYPE, "file"), ("d/out", tarfile.SYMTYPE, "/etc"),
                                 ("d/hard", tarfile.LNKTYPE, "d/file"), ("x" * 150, tarfile.REGTYPE, "")):
            member = tarfile.TarInfo(name)
            member.type, member.linkname, member.size = kind, link, 5 if kind == tarfile.REGTYPE else 0
            tar.addfile(member, io.BytesIO(b"hello"))
    yield out.getvalue()
    yield gzip.compress(out.getvalue(), mtime=0)


def disks(folder):
    raw = folder / "disk"
    for table in ("gpt", "dos", None):
        with open(raw, "wb") as file:
            file.truncate(DISK_BYTES)
        if table:
            script = f"label: {table}\nstart=2048, size=4096\n"
            subprocess.run(["sfdisk", "-q", raw], input=script, text=True, check=True)
        else:
            subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", raw], check=True)
        yield raw.read_bytes()[:KEPT_BYTES]


SEEDS = {"request": requests, "member_path": member_paths, "archive": archives, "probe": disks}


def main():
    target, program = sys.argv[1], sys.argv[2]
    seconds = sys.argv[3] if len(sys.argv) > 3 else "20"
    seed = sys.argv[4] if len(sys.argv) > 4 else str(int(time.time()) if "CI" not in os.environ else 1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "seeds").mkdir()
        files = []
        for number, text in enumerate(SEEDS[target](folder)):
            files.append(folder / "seeds" / f"{number:03}")
            files[-1].write_bytes(text)
        print(f"{program} {seconds} {seed}, {len(files)} good inputs", flush=True)
        return subprocess.run([program, seconds, seed, *files], env={**os.environ, "TMPDIR": name}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
