"""The tools that kiln is measured beside, each doing the same job on the same root file system."""
import os
import shutil
import subprocess
import time
from pathlib import Path

from measure import Failed, run


# crun 1.8 refuses a host that has both versions of control groups, as systemd's hybrid layout does.
WITHOUT_UNIFIED = ["unshare", "--mount", "sh", "-c", 'umount -l /sys/fs/cgroup/unified; exec "$@"', "sh"]


class Buildah:
    """buildah from + run + commit, with the storage driver that is fastest where this runs."""

    # How a command can be isolated, by what the table calls it.
    ALIKE = "oci, the host's network"  # as in kiln's jail: the same namespaces, seccomp, control groups
    DEFAULT = "oci, a network of its own"
    CHROOT = "chroot"
    OPTIONS = {ALIKE: ["--isolation", "oci", "--runtime", "crun", "--network", "host"],
               DEFAULT: ["--isolation", "oci", "--runtime", "crun"],
               CHROOT: ["--isolation", "chroot"]}

    def __init__(self, folder, root_tar):
        self.folder = folder / "buildah"
        self.count = 0
        self.driver = None
        self.unsynced = {way: [] for way in self.OPTIONS}  # seconds of each bake, without the sync
        for driver in ("overlay", "vfs"):
            try:
                self._prepare(driver, root_tar)
                break
            except Failed as error:
                self.driver = None
                why = error
        if self.driver is None:
            raise why
        self.prefix = {way: self._prefix(way) for way in self.OPTIONS}

    def _base(self, driver):
        return ["buildah", "--root", self.folder / driver / "root", "--runroot", self.folder / driver / "run",
                "--storage-driver", driver, "--cgroup-manager", "cgroupfs"]

    def _prepare(self, driver, root_tar):
        base = self._base(driver)
        name = run([*base, "from", "scratch"])[1].strip()
        run([*base, "add", name, root_tar, "/"])
        run([*base, "commit", "--format", "oci", name, "base"])
        run([*base, "rm", name])
        self.driver = driver
        self._bake("true", self.OPTIONS[self.CHROOT], [])

    def _prefix(self, way):
        """What `run` needs before it on this host."""
        for prefix in ([], WITHOUT_UNIFIED):
            try:
                self._bake("true", self.OPTIONS[way], prefix)
                return prefix
            except Failed as error:
                why = error
        raise why

    def _bake(self, command, options, prefix):
        """(seconds of from + run + commit, seconds until that is on disk)"""
        base = self._base(self.driver)
        self.count += 1
        seconds, name = run([*base, "from", "--pull-never", "localhost/base"])
        name = name.strip()
        try:
            seconds += run([*prefix, *base, "run", *options, name, "--", "/bin/sh", "-c", command])[0]
            seconds += run([*base, "commit", "--format", "oci", "--disable-compression", name, f"out{self.count}"])[0]
            durable = run(["sync", "-f", self.folder])[0]
        finally:
            run([*base, "rm", name])
        run([*base, "rmi", f"localhost/out{self.count}"])
        return seconds, durable

    def bake(self, command, way):
        """One image from the base; the seconds of from + run + commit + sync -f."""
        seconds, durable = self._bake(command, self.OPTIONS[way], self.prefix[way])
        self.unsynced[way].append(seconds)
        return seconds + durable

    def name(self, way, synced=True):
        return f"buildah from + run + commit{' + sync' if synced else ''} ({self.driver}; {way})"

    def close(self):
        for driver in ("overlay", "vfs"):
            run([*self._base(driver), "rm", "--all"])
            run([*self._base(driver), "rmi", "--all", "--force"])
            # overlay's home may still be mounted on itself.
            subprocess.run(["umount", self.folder / driver / "root" / "overlay"], stderr=subprocess.DEVNULL,
                           check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


class Podman:
    """podman run of the same root file system, with the network of its own that it makes by default."""

    COMMAND = ["/bin/sh", "-c", "date +%s%N"]

    BRIDGE = Path("/sys/class/net/cni-podman0")

    def __init__(self, folder, root_tar):
        self.folder = folder / "podman"
        self.had_bridge = self.BRIDGE.exists()
        self.base = ["podman", "--root", self.folder / "root", "--runroot", self.folder / "run", "--storage-driver",
                     "overlay", "--cgroup-manager", "cgroupfs"]
        self.root_tar = root_tar
        self.prefix = []
        self.name = "podman run --rm (overlay, crun, a network of its own)"

    @property
    def run_base(self):
        # Its own defaults are refused where the host's limits lie below: these are below any.
        return [*self.base, "run", "--rm", "--runtime", "crun", "--ulimit", "nofile=1024:1024", "--ulimit",
                "nproc=1024:1024", "base"]

    def _prefix(self):
        """What it needs before it on this host."""
        for prefix in ([], WITHOUT_UNIFIED):
            try:
                run([*prefix, *self.run_base, "true"])
                return prefix
            except Failed as error:
                why = error
        raise why

    def start(self):
        """Seconds from the command to the container's own."""
        begun = time.time()
        return int(run([*self.prefix, *self.run_base, *self.COMMAND])[1]) / 1e9 - begun

    def start_together(self, count):
        """Seconds to the command of the last one."""
        begun = time.time()
        command = [str(word) for word in [*self.prefix, *self.run_base, *self.COMMAND]]
        started = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(count)]
        said = [one.communicate() for one in started]
        failed = [error.decode(errors="replace") for one, (_, error) in zip(started, said) if one.returncode != 0]
        if failed:
            raise Failed(f"podman run: {failed[0]}")
        return max(int(out) for out, _ in said) / 1e9 - begun

    def __enter__(self):
        try:
            run([*self.base, "import", "--quiet", self.root_tar, "base"])
            self.prefix = self._prefix()
        except Failed:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        run([*self.base, "rmi", "--all", "--force"])
        if self.BRIDGE.exists() and not self.had_bridge:
            run(["ip", "link", "delete", self.BRIDGE.name])
        subprocess.run(["umount", self.folder / "root" / "overlay"], stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


class VirtCustomize:
    """virt-customize on a copy-on-write layer of the same root, under emulation."""

    name = "virt-customize --run-command (emulated)"

    def __init__(self, folder, disk):
        self.folder = folder
        self.disk = disk

    def bake(self, command):
        layer = self.folder / "virt-customize.qcow2"
        run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", self.disk, layer])
        env = {**os.environ, "LIBGUESTFS_BACKEND": "direct", "LIBGUESTFS_BACKEND_SETTINGS": "force_tcg"}
        try:
            return run(["virt-customize", "-q", "-a", layer, "--no-network", "--run-command", command], env=env)[0]
        finally:
            layer.unlink()


class PlainLoop:
    """ext4 in a plain raw file on a loop device: what a disk costs without kiln."""

    name = "ext4 in a raw file on a loop device"

    def __init__(self, folder):
        self.raw = folder / "plain.raw"
        self.mount_point = folder / "plain"

    def __enter__(self):
        self.mount_point.mkdir(exist_ok=True)
        with open(self.raw, "wb") as file:
            file.truncate(4 << 30)
        run(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", self.raw])
        run(["mount", "-o", "loop", self.raw, self.mount_point])
        return self

    def __exit__(self, *_):
        run(["umount", self.mount_point])
        self.raw.unlink()

    def write(self, script, folder):
        """Runs a script that writes into its working folder; its seconds."""
        return run(["/bin/sh", "-c", script], cwd=self.mount_point, env={**os.environ, "SOURCE": str(folder)})[0]
