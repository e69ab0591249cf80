"""KILN_HOME on a small file system that runs full: a clear error, nothing half-made, and it goes on after."""
import subprocess
import unittest

import kiln_e2e
from kiln_e2e import Home, KilnTest, eventually, left_behind


class FullDisk(KilnTest):
    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)
        disk = self.home.work / "disk.raw"
        mount_point = self.home.work / "small"
        mount_point.mkdir()
        with open(disk, "wb") as file:
            file.truncate(256 << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", disk], check=True)
        subprocess.run(["mount", "-o", "loop", disk, mount_point], check=True)
        self.addCleanup(self.unmount, mount_point)
        self.mount_point = mount_point
        self.home.path = mount_point / "home"
        self.base = self.home.import_base()
        self.loops = list(self.home.before.left())

    def unmount(self, mount_point):
        """Upkeep in the background may still have the home open for a moment."""
        eventually(lambda: subprocess.run(["umount", mount_point], stderr=subprocess.DEVNULL, check=False).returncode == 0,
                   seconds=30, what="the small disk is let go of")

    def assert_nothing_left(self):
        # The small disk's own loop device and mount bear the marker too.
        self.assertEqual([found for found in left_behind(self.home) if found not in self.loops], [])

    def fill(self):
        filler = self.mount_point / "filler"
        with open(filler, "wb") as file:
            try:
                while True:
                    file.write(b"\0" * 65536)
                    file.flush()
            except OSError:
                pass
        return filler

    def test_a_bake_that_outgrows_the_host_disk_fails_clearly_and_the_store_is_whole(self):
        result = self.home.bake("big", ["dd if=/dev/urandom of=/big bs=1M count=400; sync"], code=None)
        self.assertIn(result.code, (1, 6), result)
        self.assertRegex(result.said, "(?i)no space|full|room")
        self.assertEqual(self.home.image_names(), ["base"])
        self.assert_nothing_left()
        self.assert_images_whole()
        self.home.bake("small", ["echo ok >/ok"])
        self.assertEqual(self.home.guest_file("small", "/ok"), b"ok\n")

    def test_a_disk_that_is_full_from_the_start_is_exit_6_and_works_after_freeing(self):
        filler = self.fill()
        result = self.home.bake("web", ["true"], code=6)
        self.assertRegex(result.said, "(?i)no space|full|room")
        filler.unlink()
        self.assertEqual(self.home.image_names(), ["base"])
        self.assert_nothing_left()
        self.home.bake("web", ["true"])
        self.assertEqual(self.home.image_names(), ["base", "web"])
        self.assert_images_whole()

    def test_an_import_that_does_not_fit_leaves_nothing(self):
        import tarfile
        big = self.home.work / "big.tar"
        content = self.home.work / "content"
        content.write_bytes(b"\1" * (400 << 20))
        with tarfile.open(big, "w") as tar:
            tar.add(content, "usr/content")
        content.unlink()
        self.home.kiln("image", "import", big, "--name", "big", code=6)
        self.assertEqual(self.home.image_names(), ["base"])
        self.assert_nothing_left()
        self.home.bake("web", ["true"])


if __name__ == "__main__":
    kiln_e2e.main()
