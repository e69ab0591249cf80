"""A machine of its own kernel: a Debian cloud image, launched as vm.small, reached by ssh, terminated."""
import shlex
import subprocess
import time
import unittest

import kiln_e2e
from kiln_e2e import REPOSITORY, Home, eventually, left_behind

BASE = REPOSITORY / ".cache/base/debian-cloud.tar"
BOOT_SECONDS = 240  # without KVM the processor is emulated, and other tests may run beside it
USER_DATA = "#!/bin/sh\necho user data ran as $(id -un) > /root/proof\n"


class Machine(unittest.TestCase):
    def setUp(self):
        subprocess.run([REPOSITORY / "scripts/make_cloud_base", BASE], check=True, timeout=900,
                       stdout=subprocess.DEVNULL)
        self.home = Home()
        self.addCleanup(self.home.close)
        self.home.kiln("image", "import", BASE, "--name", "cloud", timeout=300)
        self.key = self.home.work / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key], check=True)
        self.home.kiln("key", "import", "mine", f"{self.key}.pub")

    def ssh(self, address, command, patience=30):
        done = subprocess.run(
            ["ssh", "-i", self.key, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o",
             "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=10", f"root@{address}", command],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=patience, check=False)
        return done.stdout

    def one(self, identifier):
        return self.home.json("instance", "show", identifier)

    def reach(self, identifier):
        """Waits until sshd lets us in; the address."""
        address = self.one(identifier)["private_ip"]
        deadline = time.monotonic() + BOOT_SECONDS
        while True:
            if self.ssh(address, "echo in") == "in\n":
                return address
            if time.monotonic() > deadline:
                console = self.home.kiln("instance", "console", identifier).out
                raise AssertionError(f"no way in after {BOOT_SECONDS} s; its console:\n{console[-4000:]}")
            time.sleep(1)

    def test_cloud_image_runs_user_data_and_leaves_nothing(self):
        identifier = self.home.kiln(
            "instance", "launch", "cloud", "--type", "vm.small", "--key", "mine", "--user-data", USER_DATA,
            timeout=180).out.strip()
        self.addCleanup(self.home.kiln, "instance", "terminate", identifier, code=None)
        address = self.reach(identifier)
        proof = self.ssh(address, "cloud-init status --wait >/dev/null; cat /root/proof", patience=120)
        self.assertEqual(proof, "user data ran as root\n")
        ask = ("from urllib.request import Request as R, urlopen as u; h = 'http://169.254.169.254/latest/';"
               "t = u(R(h + 'api/token', method='PUT', headers={'X-aws-ec2-metadata-token-ttl-seconds': '60'})).read();"
               "print(u(R(h + 'meta-data/instance-id', headers={'X-aws-ec2-metadata-token': t.decode()})).read().decode())")
        self.assertEqual(self.ssh(address, f"python3 -c {shlex.quote(ask)}").strip(), identifier)
        self.home.kiln("instance", "terminate", identifier)
        eventually(lambda: self.one(identifier)["state"] == "terminated", 60, "the instance's end")
        self.home.kiln("image", "rm", "cloud", "--yes", code=None)
        self.assertEqual(left_behind(self.home), [])


if __name__ == "__main__":
    kiln_e2e.main()
