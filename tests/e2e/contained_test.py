"""Bootstraps that misbehave or attack: contained, reported, cleaned up."""
import os
import time
import unittest

import kiln_e2e
from kiln_e2e import KilnTest, processes_with


class Misbehaving(KilnTest):
    def test_daemons_that_a_bootstrap_leaves_behind_die_and_the_bake_succeeds(self):
        self.home.bake("daemons", [
            "sleep 4343001 & (setsid sleep 4343001 >/dev/null 2>&1 </dev/null &) ; echo done",
            "cd / && exec 3>/open-file && (nohup sleep 4343001 >/dev/null 2>&1 &)",
        ])
        self.assertEqual(list(processes_with("4343001")), [])
        self.assert_nothing_left()

    def test_a_bootstrap_that_fills_its_disk_fails_and_the_host_is_well(self):
        result = self.home.bake("filler", ["fallocate -l 1500M /most; dd if=/dev/zero of=/full bs=1M"], code=1)
        self.assertIn("No space left", result.said)
        self.assert_nothing_left()
        self.home.bake("after", ["true"])

    def test_a_bootstrap_that_eats_memory_is_ended_and_told_why(self):
        result = self.home.bake("eater", ["tail /dev/zero"], code=1,
                                bootstrap={"limits": {"memory_bytes": 64 << 20}})
        self.assertIn("memory", result.said)
        self.assert_nothing_left()

    def test_a_bootstrap_that_forks_without_end_is_held_by_the_process_limit(self):
        self.home.bake("bomb", ["f() { f | f & }; f; true"], code=None,
                       bootstrap={"limits": {"processes": 64, "seconds": 3}})
        self.assert_nothing_left()

    def test_a_bootstrap_that_never_ends_is_ended_at_its_time(self):
        begun = time.monotonic()
        result = self.home.bake("endless", ["while :; do :; done"], code=None, bootstrap={"limits": {"seconds": 1}})
        self.assertIn(result.code, (1, 7), result)
        self.assertLess(time.monotonic() - begun, 20)
        self.assert_nothing_left()

    def test_a_bootstrap_that_hangs_is_ended_and_named_as_hung(self):
        result = self.home.bake("hangs", ["echo before; sleep 4343002"], code=None,
                                bootstrap={"limits": {"idle_seconds": 1}})
        self.assertIn(result.code, (1, 7), result)
        self.assertIn("hung", result.said)
        self.assertIn("before", result.said)
        self.assertEqual(list(processes_with("4343002")), [])
        self.assert_nothing_left()

    def test_binary_garbage_is_kept_as_text(self):
        bake = self.home.bake("garbage", ["head -c 100000 /dev/urandom; echo; echo end-of-garbage"]).json()
        self.assertIn("end-of-garbage", self.home.log_lines(bake["bake"])[-1])
        self.assert_nothing_left()

    def test_a_line_of_ten_megabytes_is_reported_and_the_bake_goes_on(self):
        bake = self.home.bake("long", ["head -c 10000000 /dev/zero | tr '\\0' x; echo; echo after-the-line"]).json()
        lines = self.home.log_lines(bake["bake"])
        self.assertEqual(lines[-1], "after-the-line")
        self.assertGreater(sum(line.count("x") for line in lines), 1000)
        self.assert_nothing_left()

    def test_log_files_are_collected_even_from_a_failed_bake(self):
        logs = self.home.work / "logs"
        self.home.bake("logged", ["echo why >/var/log/install.log; exit 1"], code=1,
                       logs={"destination": str(logs), "files": ["/var/log/install.log"]})
        found = [path for path in logs.rglob("*install.log*")]
        self.assertEqual([path.read_text() for path in found], ["why\n"])
        self.assert_nothing_left()

    def test_keep_on_failure_keeps_a_volume_that_volume_rm_removes(self):
        self.home.bake("kept", ["echo evidence >/evidence; exit 1"], code=1, keep_on_failure=True)
        volumes = self.home.json("volume", "list")
        self.assertEqual(len(volumes), 1)
        self.home.kiln("gc")
        self.assertEqual(len(self.home.json("volume", "list")), 1)
        self.home.kiln("volume", "rm", volumes[0]["id"])
        self.home.kiln("gc")
        self.assert_nothing_left()

    def test_what_the_jail_brings_in_leaves_no_trace(self):
        self.home.bake("traceless", ["true"])
        shown = self.home.json("image", "diff", "base", "traceless")
        paths = [entry["path"] for entry in shown["files"]]
        allowed = {"/etc/kiln", "/etc/kiln/lineage.json", "/etc/machine-id"}
        self.assertLessEqual(set(paths), allowed)


class Hostile(KilnTest):
    def setUp(self):
        super().setUp()
        self.secret = self.home.work / "host-secret"
        self.secret.write_text("top secret")

    def try_it(self, script, **bootstrap):
        """Runs the script to its end, whatever it does; its output."""
        bake = self.home.bake("hostile", [f"( {script} ) 2>&1; true"], rebake=True, bootstrap=bootstrap).json()
        lines = self.home.log_lines(bake["bake"])
        self.home.kiln("image", "rm", "hostile")
        return "\n".join(lines)

    def test_it_cannot_read_host_files(self):
        for path in (self.secret, f"/proc/1/root{self.secret}", f"/proc/self/root/../../..{self.secret}",
                     f"/../../..{self.secret}"):
            with self.subTest(str(path)):
                self.assertNotIn("top secret", self.try_it(f"cat {path}"))
        self.assert_nothing_left()

    def test_it_cannot_see_or_signal_host_processes(self):
        pid = os.getpid()
        seen = self.try_it(f"ls /proc | grep -c '^[0-9]'; kill -9 {pid}; ls -d /proc/{pid} && cat /proc/{pid}/cmdline")
        self.assertLess(int(seen.splitlines()[0]), 10)
        self.assertNotIn("contained_test", seen)

    def test_it_cannot_see_host_mounts_or_mount_anything(self):
        seen = self.try_it("cat /proc/mounts; mount -t tmpfs none /mnt && echo MOUNTED; umount /proc && echo UNMOUNTED; "
                           "mount -o remount,rw /sys && echo REMOUNTED; mount --bind / /tmp && echo BOUND")
        self.assertNotIn(str(self.home.work), seen)
        for word in ("MOUNTED", "UNMOUNTED", "REMOUNTED", "BOUND"):
            self.assertNotIn(word, seen.split())

    def test_it_cannot_reach_devices_modules_or_the_kernels_knobs(self):
        seen = self.try_it(
            "mknod /tmp/sda b 8 0 && echo NODE; mknod /dev/loop0 b 7 0 && echo NODE; insmod /x.ko && echo MODULE; "
            "echo 1 >/proc/sys/kernel/sysrq && echo SYSRQ; echo b >/proc/sysrq-trigger && echo TRIGGER; "
            "reboot -f && echo REBOOT; head -c 1 /dev/loop0 && echo LOOP; head -c 1 /dev/loop-control && echo LOOP; "
            ""
            "date -s 2001-01-01 >/dev/null && echo CLOCK; head -c 1 /dev/mem && echo MEM; "
            "mknod /tmp/null c 1 3 && echo NODE")
        for word in ("MODULE", "SYSRQ", "TRIGGER", "REBOOT", "LOOP", "MEM"):
            self.assertNotIn(word, seen.split(), seen)
        self.assertGreater(time.time(), 1_700_000_000)

    def test_it_cannot_write_outside_its_volume(self):
        before = sorted(os.listdir("/"))
        self.try_it(f"echo owned >/../../../owned-by-bootstrap; mkdir -p {self.home.work}; echo owned >{self.secret}; "
                    "ln -s / /tmp/link; echo owned >/tmp/link/owned-by-bootstrap")
        self.assertEqual(sorted(os.listdir("/")), before)
        self.assertEqual(self.secret.read_text(), "top secret")

    def test_links_planted_in_the_image_do_not_lead_the_finish_step_outside(self):
        target = self.home.work / "host-file"
        target.write_text("untouched")
        folder = self.home.work / "host-folder"
        folder.mkdir()
        self.home.bake("links", [
            f"rm -rf /etc/kiln /etc/machine-id; ln -s {folder} /etc/kiln; ln -s {target} /etc/machine-id; "
            f"mkdir -p /var/log; ln -s {self.secret} /var/log/install.log"],
            code=None, logs={"destination": str(self.home.work / "logs"), "files": ["/var/log/install.log"]})
        self.assertEqual(target.read_text(), "untouched")
        self.assertEqual(list(folder.iterdir()), [])
        for path in (self.home.work / "logs").rglob("*"):
            self.assertFalse(path.is_file() and "top secret" in path.read_text(errors="replace"), path)
        self.assert_nothing_left()

    def test_it_has_no_network_when_told_so(self):
        seen = self.try_it("ip -o link show | grep -v 'lo:' ; cat /proc/net/dev", network="none")
        interfaces = [line.split(":")[0].strip() for line in seen.splitlines() if ":" in line]
        self.assertLessEqual(set(interfaces), {"lo"})

    def test_it_keeps_no_process_alive(self):
        self.try_it("for i in 1 2 3 4 5; do (setsid sh -c 'trap \"\" TERM INT HUP; sleep 4343003' &) ; done")
        self.assertEqual(list(processes_with("4343003")), [])
        self.assert_nothing_left()

    def test_it_gains_no_privileges_from_a_set_id_program(self):
        seen = self.try_it("grep -E 'NoNewPrivs|CapEff' /proc/self/status")
        self.assertIn("NoNewPrivs:\t1", seen)
        capabilities = int([line for line in seen.splitlines() if "CapEff" in line][0].split()[1], 16)
        for number, name in ((16, "SYS_MODULE"), (17, "SYS_RAWIO"), (21, "SYS_ADMIN"), (22, "SYS_BOOT"),
                             (25, "SYS_TIME"), (12, "NET_ADMIN"), (19, "SYS_PTRACE")):
            self.assertFalse(capabilities >> number & 1, name)

    def test_it_sees_no_environment_of_the_host(self):
        self.assertNotIn("KILN_HOME", self.try_it("env"))


if __name__ == "__main__":
    kiln_e2e.main()
