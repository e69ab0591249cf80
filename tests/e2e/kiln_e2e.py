"""What the end-to-end tests share: a KILN_HOME of their own, a small root file system, and the check
that nothing is left behind. Python's standard library only."""
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
KILN = os.environ.get("KILN", str(REPOSITORY / "build/dev/apps/kiln/kiln"))
SKIPPED = 77  # what ctest counts as a skipped test
TIMEOUT = 90
# Locks that all processes share, and the note of a killed server, which means nothing without its lock.
LASTING = ("slots", "server.lock", "server.json")
FOLDERS = ("dev", "etc", "proc", "root", "run", "sys", "tmp", "usr/bin", "usr/sbin", "var/log", "var/tmp")
STEPS = ("check", "acquire", "attach", "mount", "fetch", "run", "finish", "unmount", "freeze", "prove", "register")


def main():
    """Runs the tests of the calling file; a machine that cannot run them skips them, saying why."""
    why = unavailable()
    if why:
        print(f"skipped: {why}")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)


def unavailable():
    if os.geteuid() != 0:
        return "not root"
    if not Path("/dev/fuse").exists():
        return "no /dev/fuse"
    if not Path("/dev/loop-control").exists():
        return "no /dev/loop-control"
    if not Path(KILN).exists():
        return f"{KILN} is not built"
    return None


class Result:
    """How a kiln command ended."""

    def __init__(self, arguments, code, out, err, seconds):
        self.arguments = arguments
        self.code = code
        self.out = out
        self.err = err
        self.seconds = seconds

    @property
    def said(self):
        """Everything it said: with --json an error stands on stdout."""
        return self.out + self.err

    def json(self):
        try:
            return json.loads(self.out)
        except ValueError as error:
            raise AssertionError(f"not one JSON document ({error}): {self}") from None

    def json_lines(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def __str__(self):
        shown = [text if len(text) < 3000 else text[:1500] + "\n…\n" + text[-1500:] for text in (self.out, self.err)]
        return f"kiln {' '.join(map(str, self.arguments))} -> {self.code}\n--- stdout\n{shown[0]}--- stderr\n{shown[1]}"


class Home:
    """A KILN_HOME in a temporary folder, with what surrounds it; `close` checks nothing, it only removes."""

    def __init__(self, folder=None):
        self.work = Path(tempfile.mkdtemp(prefix="kiln-e2e-"))
        self.path = Path(folder) if folder else self.work / "home"
        self.before = Traces(self.marker)

    @property
    def marker(self):
        """A word that stands in every path of ours, and in no other."""
        return self.work.name

    def close(self):
        shutil.rmtree(self.work, ignore_errors=True)

    def environment(self, extra=None):
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        return {**kept, "HOME": str(self.work), "KILN_HOME": str(self.path), "TERM": "dumb", **(extra or {})}

    def start(self, *arguments, env=None, **options):
        return subprocess.Popen(
            [KILN, *map(str, arguments)], env=self.environment(env), cwd=self.work, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, **options)

    def finish(self, process, arguments, timeout=TIMEOUT):
        begun = time.monotonic()
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            raise AssertionError(
                f"kiln {arguments} did not end in {timeout} s\n{err.decode(errors='replace')}") from None
        return Result(arguments, process.returncode, out.decode(errors="replace"), err.decode(errors="replace"),
                      time.monotonic() - begun)

    def kiln(self, *arguments, code=0, env=None, timeout=TIMEOUT):
        """Runs kiln to its end; `code` is the exit code it must have, None: any."""
        result = self.finish(self.start(*arguments, env=env), arguments, timeout)
        if code is not None and result.code != code:
            raise AssertionError(f"exit code {result.code} instead of {code}\n{result}")
        return result

    def json(self, *arguments, **options):
        return self.kiln(*arguments, "--json", **options).json()

    def import_base(self, name="base", **tree):
        tar = self.work / "root.tar"
        tar.write_bytes(root_tar(**tree))
        return self.json("image", "import", tar, "--name", name)

    def request(self, name="web", commands=("true",), parent="base", **more):
        """A request file; keys of `bootstrap` are given as bootstrap={…}."""
        document = {"name": name, "parent": {"name": parent}, **more}
        document["bootstrap"] = {"commands": list(commands), **more.get("bootstrap", {})}
        path = self.work / f"{name}.json"
        path.write_text(json.dumps(document))
        return path

    def bake(self, name="web", commands=("true",), code=0, env=None, timeout=TIMEOUT, **more):
        return self.kiln("bake", self.request(name, commands, **more), "--json", code=code, env=env, timeout=timeout)

    def events(self, bake):
        return self.json("bake", "logs", bake)

    def log_lines(self, bake):
        """The lines that the bootstrap printed."""
        return [line for event in self.events(bake) if event["category"] == "LOG"
                for line in event["message"].splitlines()]

    def images(self):
        return self.json("image", "list")

    def image_names(self):
        return sorted(image["name"] for image in self.images())

    def guest_file(self, image, path):
        """A file's bytes in an image, by way of its exported tar; None when it is not there."""
        out = self.work / f"guest-{time.monotonic_ns()}.tar"
        self.kiln("image", "export", image, out)
        try:
            with tarfile.open(out) as tar:
                names = {name.lstrip("./"): name for name in tar.getnames()}
                if path.lstrip("/") not in names:
                    return None
                member = tar.extractfile(names[path.lstrip("/")])
                return member.read() if member else None
        finally:
            out.unlink()

    def database(self):
        return self.path / "kiln.db"

    def rows(self, sql):
        with sqlite3.connect(f"file:{self.database()}?mode=ro", uri=True) as connection:
            return connection.execute(sql).fetchall()

    def counts(self):
        """How many rows each table has."""
        tables = [row[0] for row in self.rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")]
        return {table: self.rows(f'SELECT count(*) FROM "{table}"')[0][0] for table in tables}

    def files(self):
        """Every path below KILN_HOME that is to stay, without the database's own."""
        skipped = (".db", ".db-wal", ".db-shm", ".sqlite", ".sqlite-wal", ".sqlite-shm", ".lock")
        return sorted(str(path.relative_to(self.path)) for path in self.path.rglob("*")
                      if not path.name.endswith(skipped))

    def layer_files(self):
        return sorted(path for path in self.path.rglob("*.qcow2"))


class Traces:
    """What of the machine's state may be ours. Other programs come and go meanwhile: only what bears our
    marker, or is new and can be nobody else's, counts."""

    def __init__(self, marker):
        self.loops = loop_devices()
        self.groups = cgroups()
        self.marker = marker

    def left(self):
        yield from (f"loop device {name} of {backing}" for name, backing in loop_devices().items()
                    if self.marker in backing or (name not in self.loops and backing in ("/", "")))
        yield from (f"cgroup {path}" for path in sorted(cgroups() - self.groups))
        yield from mounts_with(self.marker)
        yield from processes_with(self.marker)


def loop_devices():
    devices = {}
    for path in Path("/sys/block").glob("loop*/loop/backing_file"):
        try:
            devices[path.parts[3]] = path.read_text().strip()
        except OSError:
            pass  # detached meanwhile
    return devices


def cgroups():
    root = Path("/sys/fs/cgroup")
    return {str(path) for pattern in ("kiln/*", "*/kiln/*", "unified/kiln/*") for path in root.glob(pattern)
            if path.is_dir()}


def mounts_with(marker):
    seen = set()
    for path in Path("/proc").glob("[0-9]*/mounts"):
        try:
            lines = path.read_text(errors="replace").splitlines()
        except OSError:
            continue  # ended meanwhile
        for line in lines:
            if marker in line and line not in seen:
                seen.add(line)
                yield f"mount in process {path.parts[2]}: {line}"


def own_ancestry():
    pids, pid = set(), os.getpid()
    while pid > 1:
        pids.add(pid)
        pid = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    return pids


def processes_with(word):
    ours = own_ancestry()
    for path in Path("/proc").glob("[0-9]*"):
        if int(path.name) in ours:
            continue
        try:
            text = (path / "cmdline").read_bytes() + (path / "environ").read_bytes()
            state = (path / "stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue  # ended meanwhile
        if word.encode() in text and state != "Z":
            shown = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            yield f"process {path.name}: {shown[:200]}"


def eventually(condition, seconds=10.0, what="the condition"):
    """Polls until `condition()` is true; its value. For what other processes do in their own time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


def left_behind(home):
    """What a home's commands left on the machine and in the store, after they all ended. The kernel takes a
    moment to end a killed process and to let go of its loop device; so this looks again before it complains."""
    deadline = time.monotonic() + 3
    while True:
        found = list(home.before.left())
        if not found or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    for path in (home.path / "run").iterdir():
        if path.name == "holders":
            found += [f"holder {entry.name}" for entry in path.glob("proc-*")]
        elif path.name not in LASTING:
            found.append(f"run folder entry {path.name}")
    ready = {row[0] for row in home.rows("SELECT volume FROM volume_cache")}  # those are to stay
    found += [f"{path.name} in use" for path in (home.path / "cloud/attached").glob("*") if path.stem not in ready]
    volumes = {volume["id"] for volume in home.json("volume", "list")}
    found += [f"volume {volume}" for volume in sorted(volumes - ready)]
    found += [f"ready volume {volume} that does not exist" for volume in sorted(ready - volumes)]
    found += store_problems(home)
    return found


def store_problems(home):
    """Files without rows, rows without files, and layers that nothing stands on."""
    rows = dict(home.rows("SELECT id, backing FROM layers"))
    files = {path.stem: path for path in home.layer_files()}
    for name in sorted(set(files) - set(rows)):
        yield f"file {files[name]} of no layer"
    for name in sorted(set(rows) - set(files)):
        yield f"layer {name} without a file"
    needed, todo = set(), [row[0] for row in home.rows("SELECT layer FROM snapshots")]
    todo += [row[0] for row in home.rows("SELECT layer FROM volumes WHERE layer IS NOT NULL")]
    while todo:
        name = todo.pop()
        if name and name not in needed:
            needed.add(name)
            todo.append(rows.get(name))
    for name in sorted(set(rows) - needed):
        yield f"layer {name} that nothing needs"
    # A delivery of a dead process is given back by the next server.
    for entry in home.rows("SELECT kind, name FROM ledger WHERE kind <> 'message'"):
        yield f"ledger entry {entry}"


class KilnTest(unittest.TestCase):
    """A test with a home of its own that holds the image `base`; at its end nothing may be left."""

    maxDiff = None
    tree = {}

    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)
        self.base = self.home.import_base(**self.tree)

    def assert_nothing_left(self):
        self.assertEqual(left_behind(self.home), [])

    def assert_images_whole(self):
        """Every layer file passes qemu-img check, with what it stands on."""
        for path in self.home.layer_files():
            check = subprocess.run(["qemu-img", "check", "-q", path], capture_output=True, text=True, check=False)
            self.assertEqual(check.returncode, 0, f"{path}: {check.stdout}{check.stderr}")


def root_tar(files=None, links=None, folders=()):
    """A root file system of busybox alone, as a tar: boots nothing, but has a shell and the usual commands."""
    out = io.BytesIO()
    busybox = shutil.which("busybox") or "/bin/busybox"
    applets = subprocess.run([busybox, "--list"], check=True, capture_output=True, text=True).stdout.split()
    contents = {
        "etc/os-release": b'ID=tiny\nNAME="Tiny"\nVERSION_ID="1"\n',
        "etc/passwd": b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
        "etc/group": b"root:x:0:\nnogroup:x:65534:\n",
        "etc/machine-id": b"0123456789abcdef0123456789abcdef\n",
        "etc/hostname": b"tiny\n",
        **(files or {}),
    }
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for folder in (*FOLDERS, *folders):
            add(tar, folder, type=tarfile.DIRTYPE, mode=0o1777 if folder in ("tmp", "var/tmp") else 0o755)
        for name in ("bin", "sbin"):
            add(tar, name, type=tarfile.SYMTYPE, linkname=f"usr/{name}")
        add(tar, "usr/bin/busybox", Path(busybox).read_bytes(), mode=0o755)
        for applet in applets:
            if applet != "busybox":
                add(tar, f"usr/bin/{applet}", type=tarfile.SYMTYPE, linkname="busybox")
        for name, data in contents.items():
            add(tar, name, data)
        for name, target in (links or {}).items():
            add(tar, name, type=tarfile.SYMTYPE, linkname=target)
    return out.getvalue()


def add(tar, name, data=b"", **fields):
    """Adds a member to an open tar; fields are those of tarfile.TarInfo."""
    member = tarfile.TarInfo(name)
    member.size = len(data)
    member.mode = 0o644
    member.mtime = 1_700_000_000
    for field, value in fields.items():
        setattr(member, field, value)
    tar.addfile(member, io.BytesIO(data))
