"""The tools that kiln is measured beside, each doing the same job on the same root file system."""
import os
import shutil
import subprocess

from measure import Failed, run


class Buildah:
    """buildah from + run + commit, with the storage driver and isolation that are fastest where this runs."""

    def __init__(self, folder, root_tar):
        self.folder = folder / "buildah"
        self.count = 0
        self.driver = None
        for driver in ("overlay", "vfs"):
            try:
                self._prepare(driver, root_tar)
                self.driver = driver
                break
            except Failed as error:
                why = error
        if self.driver is None:
            raise why

    def _base(self, driver):
        return ["buildah", "--root", self.folder / driver / "root", "--runroot", self.folder / driver / "run",
                "--storage-driver", driver]

    def _prepare(self, driver, root_tar):
        base = self._base(driver)
        name = run([*base, "from", "scratch"])[1].strip()
        run([*base, "add", name, root_tar, "/"])
        run([*base, "commit", "--format", "oci", name, "base"])
        run([*base, "rm", name])
        self.driver = driver
        self.bake("true")

    def bake(self, command):
        """One image from the base; the seconds of from + run + commit."""
        base = self._base(self.driver)
        self.count += 1
        seconds, name = run([*base, "from", "--pull-never", "localhost/base"])
        name = name.strip()
        seconds += run([*base, "run", "--isolation", "chroot", name, "--", "/bin/sh", "-c", command])[0]
        seconds += run([*base, "commit", "--format", "oci", "--disable-compression", name, f"out{self.count}"])[0]
        run([*base, "rm", name])
        run([*base, "rmi", f"localhost/out{self.count}"])
        return seconds

    @property
    def name(self):
        return f"buildah from + run + commit ({self.driver}, chroot)"

    def close(self):
        for driver in ("overlay", "vfs"):
            run([*self._base(driver), "rm", "--all"])
            run([*self._base(driver), "rmi", "--all", "--force"])
            # overlay's home may still be mounted on itself.
            subprocess.run(["umount", self.folder / driver / "root" / "overlay"], stderr=subprocess.DEVNULL,
                           check=False)
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
