"""Machines of their own kernel: a Debian cloud image launched as vm.small, reached by ssh, ended; and what kills leave.
The processor is emulated: where KVM runs guests it would prove less than what works everywhere."""
import os
import shlex
import shutil
import signal
import subprocess
import time
import unittest
from pathlib import Path

import kiln_e2e
from instance_test import missing, network_traces
from kiln_e2e import REPOSITORY, Home, eventually, left_behind

BASE = REPOSITORY / ".cache/base/debian-cloud.tar"
BOOT_SECONDS = 240  # ten times what it takes alone; other work may run beside it
USER_DATA = "#!/bin/sh\necho user data ran as $(id -un) > /root/proof\n"
EMULATION = {"KILN_BOOT_TEST_ACCELERATOR": "emulation"}
FAULT_POINTS = ("keep:taken", "vm:network", "vm:lent", "vm:started", "vm:runs", "keep:begun")
# The metadata service's version 2, by what a cloud image has: Python.
ASK = """
from urllib.request import Request, urlopen
base = "http://169.254.169.254/latest/"
ttl = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
token = urlopen(Request(base + "api/token", method="PUT", headers=ttl)).read().decode()
asked = Request(base + "meta-data/instance-id", headers={"X-aws-ec2-metadata-token": token})
print(urlopen(asked).read().decode())
"""


def why_not():
    for program in ("mmdebstrap", "qemu-system-x86_64", "ssh"):
        if not shutil.which(program):
            return f"no {program}"
    return missing()


class MachineTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if why_not():
            raise unittest.SkipTest(why_not())
        subprocess.run([REPOSITORY / "scripts/make_cloud_base", BASE], check=True, timeout=400,
                       stdout=subprocess.DEVNULL)

    def setUp(self):
        self.launched = []
        self.home = Home()
        self.addCleanup(self.home.close)
        self.home.kiln("image", "import", BASE, "--name", "cloud", timeout=300)
        self.addCleanup(self.terminate_all)

    def terminate_all(self):
        left = [one["id"] for one in self.home.json("instance", "list") if one["state"] != "terminated"]
        if left:
            self.home.kiln("instance", "terminate", *left, code=None)

    def launch(self, *arguments, env=None):
        one = self.home.json("instance", "launch", "cloud", "--type", "vm.small", *arguments,
                             env={**EMULATION, **(env or {})})[0]
        self.launched.append(one["id"])
        return one

    def show(self, instance):
        return self.home.json("instance", "show", instance["id"])

    def console(self, instance):
        return self.home.kiln("instance", "console", instance["id"]).out

    def process(self, program, instance):
        """The process number of its keeper ("kiln") or its QEMU; None when there is none."""
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue  # ended meanwhile
            if program in words[0] and instance["id"] in words:
                return int(path.parts[2])
        return None

    def assert_host_as_before(self):
        self.home.kiln("gc", "--quiet")
        eventually(lambda: not network_traces(self.home), what="no trace in the network")
        self.assertEqual(left_behind(self.home), [])


class Life(MachineTest):
    def setUp(self):
        super().setUp()
        self.key = self.home.work / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key], check=True)
        self.home.kiln("key", "import", "mine", f"{self.key}.pub")

    def ssh(self, address, command, patience=60):
        """What the command printed; "" when there was no way in."""
        try:
            return subprocess.run(
                ["ssh", "-i", self.key, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o",
                 "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=20", f"root@{address}", command],
                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=patience, check=False).stdout
        except subprocess.TimeoutExpired:
            return ""

    def reach(self, instance):
        """Waits until sshd lets us in; says what the console says when it never does."""
        try:
            eventually(lambda: self.ssh(instance["private_ip"], "echo in") == "in\n", BOOT_SECONDS, "sshd lets us in")
        except AssertionError as error:
            raise AssertionError(f"{error}; its console:\n{self.console(instance)[-6000:]}") from None

    def test_a_cloud_image_runs_user_data_is_reached_by_ssh_and_leaves_nothing(self):
        begun = time.monotonic()
        one = self.launch("--key", "mine", "--user-data", USER_DATA)
        self.assertEqual(one["state"], "running")
        self.reach(one)
        print(f"reached by ssh {time.monotonic() - begun:.1f} s after the request", flush=True)
        address = one["private_ip"]
        # cloud-init's exit code tells of warnings too; its end is what is waited for.
        proof = self.ssh(address, "cloud-init status --wait >/dev/null; cat /root/proof", patience=120)
        self.assertEqual(proof, "user data ran as root\n")
        self.assertEqual(self.ssh(address, f"python3 -c {shlex.quote(ASK)}").strip(), one["id"])
        self.assertEqual(self.ssh(address, "hostname").strip(), "ip-" + address.replace(".", "-"))
        inside = self.home.kiln("instance", "ssh", one["id"], "--identity", self.key, "--", "cat", "/root/proof")
        self.assertEqual(inside.out, proof)
        self.assertIn("Linux version", self.console(one))
        self.assertEqual(len(network_traces(self.home)), 2, "an interface, a table of rules")
        self.home.kiln("instance", "terminate", one["id"])
        self.assertEqual(self.show(one)["state"], "terminated")
        print(f"terminated {time.monotonic() - begun:.1f} s after the request", flush=True)
        self.assert_host_as_before()


class Kills(MachineTest):
    def test_a_keeper_that_is_killed_takes_its_machine_with_it(self):
        one = self.launch()
        qemu = self.process("qemu-system", one)
        self.assertIsNotNone(qemu)
        os.kill(self.process("kiln", one), signal.SIGKILL)
        eventually(lambda: self.process("qemu-system", one) is None, what="QEMU ended")
        eventually(lambda: self.show(one)["state"] == "stopped", what="its end was noticed")
        self.assertIn("keeper died", self.show(one)["reason"])
        self.home.kiln("instance", "start", one["id"], env=EMULATION)
        self.assertNotIn(self.process("qemu-system", one), (None, qemu))
        self.home.kiln("instance", "stop", one["id"], "--force")
        self.home.kiln("instance", "terminate", one["id"])
        self.assert_host_as_before()

    def test_a_machine_whose_qemu_is_killed_stops_and_says_so(self):
        one = self.launch()
        os.kill(self.process("qemu-system", one), signal.SIGKILL)
        eventually(lambda: self.show(one)["state"] == "stopped", what="its end was noticed")
        self.assertIn("QEMU ended", self.show(one)["reason"])
        eventually(lambda: self.process("kiln", one) is None, what="its keeper ended")
        self.home.kiln("instance", "terminate", one["id"])
        self.assert_host_as_before()

    def test_a_keeper_killed_while_it_starts_a_machine_leaves_one_that_can_be_ended(self):
        for point in FAULT_POINTS:
            with self.subTest(point):
                one = self.launch("--no-wait", "--shutdown", "terminate", env={"KILN_FAULT": f"kill@{point}"})
                eventually(lambda one=one: self.process("kiln", one) is None, what=f"killed at {point}")
                eventually(lambda one=one: self.process("qemu-system", one) is None, what="QEMU ended")
                self.home.kiln("instance", "terminate", one["id"])
                self.assertEqual(self.show(one)["state"], "terminated")
                self.assert_host_as_before()


if __name__ == "__main__":
    kiln_e2e.main()
