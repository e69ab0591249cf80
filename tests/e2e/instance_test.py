"""Containers of the local cloud, through the program: their life, their network, and what kills leave."""
import http.server
import json
import os
import shutil
import signal
import subprocess
import threading
import unittest
from pathlib import Path

import kiln_e2e
from kiln_e2e import KilnTest, eventually, left_behind

HELLO = "#!/bin/sh\necho hello from $(hostname)\n"
LAUNCH_POINTS = ("launch:volumes", "launch:recorded", "launch:kept")
KEEPER_POINTS = ("keep:taken", "guest:attached", "guest:network", "guest:started", "keep:begun", "keep:ended",
                 "keep:settling", "keep:removed")


def missing():
    for program in ("crun", "nft", "ip"):
        if not (shutil.which(program) or Path("/usr/sbin", program).exists()):
            return f"no {program}"
    return None


def network_traces():
    """Interfaces and rules that are an instance's."""
    links = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout
    tables = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=True).stdout
    return sorted([line.split(": ")[1].split("@")[0] for line in links.splitlines() if ": kln" in line]
                  + [line for line in tables.splitlines() if "kiln-i-" in line])


class InstanceTest(KilnTest):
    def setUp(self):
        if missing():
            self.skipTest(missing())
        super().setUp()
        self.before = network_traces()
        self.addCleanup(self.terminate_all)

    def terminate_all(self):
        left = [one["id"] for one in self.home.json("instance", "list") if one["state"] != "terminated"]
        if left:
            self.home.kiln("instance", "terminate", *left, code=None)

    def launch(self, *arguments, **options):
        return self.home.json("instance", "launch", "base", *arguments, **options)

    def show(self, instance):
        return self.home.json("instance", "show", instance["id"])

    def record(self, instance):
        return json.loads(self.home.rows(f"SELECT facts FROM instances WHERE id = '{instance['id']}'")[0][0])

    def inside(self, instance, *command, code=0):
        return self.home.kiln("instance", "exec", instance["id"], "--", *command, code=code).out

    def console(self, instance):
        return self.home.kiln("instance", "console", instance["id"]).out

    def keeper(self, instance):
        """The process number of its keeper."""
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes().split(b"\0")
            except OSError:
                continue
            if b"keep" in words and instance["id"].encode() in words:
                return int(path.parts[2])
        return None

    def assert_host_as_before(self):
        eventually(lambda: network_traces() == self.before, what=f"no trace in the network: {network_traces()}")
        self.assertEqual(left_behind(self.home), [])


class Life(InstanceTest):
    def test_user_data_runs_once_and_everything_goes_with_the_end(self):
        one = self.launch("--user-data", HELLO)[0]
        self.assertEqual(one["state"], "running")
        name = "ip-" + one["private_ip"].replace(".", "-")
        eventually(lambda: f"hello from {name}" in self.console(one), what="user data ran")
        self.home.kiln("instance", "stop", one["id"])
        self.assertEqual(self.show(one)["state"], "stopped")
        self.home.kiln("instance", "start", one["id"])
        self.assertEqual(self.show(one)["state"], "running")
        self.home.kiln("instance", "terminate", one["id"])
        self.assertEqual(self.console(one).count("hello"), 1)
        self.assertEqual(self.show(one)["state"], "terminated")
        self.assert_host_as_before()

    def test_its_volume_keeps_what_was_written_over_a_stop_and_a_reboot(self):
        one = self.launch()[0]
        self.inside(one, "sh", "-c", "echo kept >/root/note")
        first = self.record(one)["first_process"]
        self.home.kiln("instance", "reboot", one["id"])
        eventually(lambda: self.record(one)["first_process"] not in (0, first), what="it runs anew")
        self.assertEqual(self.inside(one, "cat", "/root/note"), "kept\n")
        self.home.kiln("instance", "stop", one["id"], "--force")
        self.home.kiln("instance", "start", one["id"])
        self.assertEqual(self.inside(one, "cat", "/root/note"), "kept\n")

    def test_one_that_powers_itself_off_is_what_its_shutdown_behaviour_says(self):
        script = "#!/bin/sh\nkill -USR2 1\n"
        stays, goes = (self.launch("--no-wait", "--shutdown", what, "--user-data", script)[0]
                       for what in ("stop", "terminate"))
        eventually(lambda: self.show(stays)["state"] == "stopped", what="stopped")
        eventually(lambda: self.show(goes)["state"] == "terminated", what="terminated")
        self.assertIn("InstanceInitiatedShutdown", self.show(goes)["reason"])

    def test_its_lifetime_ends_it(self):
        one = self.launch("--lifetime", "2s", "--shutdown", "terminate")[0]
        eventually(lambda: self.show(one)["state"] == "terminated", what="terminated")
        self.assertIn("lifetime", self.show(one)["reason"])

    def test_the_same_token_yields_the_same_instance(self):
        first = self.launch("--client-token", "t")[0]
        self.assertEqual(self.launch("--client-token", "t")[0]["id"], first["id"])
        self.home.kiln("instance", "launch", "base", "--client-token", "t", "--tag", "a=b", code=5)

    def test_no_capacity_and_throttling_can_be_had(self):
        self.home.kiln("instance", "launch", "base", code=6, env={"KILN_FAULT": "full@launch"})
        self.home.kiln("instance", "launch", "base", code=6, env={"KILN_FAULT": "throttle@launch"})
        self.assertEqual(self.home.json("instance", "list"), [])


class Network(InstanceTest):
    def enter(self, instance, *command):
        pid = self.record(instance)["first_process"]
        return subprocess.run(["nsenter", "-t", str(pid), "-n", *command], capture_output=True, text=True, check=False)

    def fetch(self, instance, url, *options):
        return self.enter(instance, "curl", "-s", "-m", "2", *options, url).stdout

    def test_the_metadata_service_answers_with_a_token_and_inside_alone(self):
        one = self.launch("--tag", "role=web")[0]
        base = "http://169.254.169.254/latest"
        self.assertEqual(self.fetch(one, f"{base}/meta-data/instance-id"), "Unauthorized\n")
        token = self.fetch(one, f"{base}/api/token", "-X", "PUT", "-H", "X-aws-ec2-metadata-token-ttl-seconds: 60")
        header = f"X-aws-ec2-metadata-token: {token}"
        self.assertEqual(self.fetch(one, f"{base}/meta-data/instance-id", "-H", header), one["id"])
        self.assertEqual(self.fetch(one, f"{base}/meta-data/tags/instance/role", "-H", header), "web")
        document = json.loads(self.fetch(one, f"{base}/dynamic/instance-identity/document", "-H", header))
        self.assertEqual(document["privateIp"], one["private_ip"])

    def test_it_reaches_neither_the_host_nor_its_neighbours(self):
        server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), http.server.SimpleHTTPRequestHandler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.shutdown)
        one, two = self.launch("--count", "2")
        gateway = one["private_ip"].rsplit(".", 1)[0] + ".1"
        code = ("-o", "/dev/null", "-w", "%{http_code}")
        self.assertEqual(self.fetch(one, f"http://{gateway}:{server.server_port}/", *code), "000")
        self.inside(two, "sh", "-c", "mkdir -p /srv; echo page >/srv/index.html; httpd -p 80 -h /srv")
        self.assertEqual(self.fetch(one, f"http://{two['private_ip']}/", *code), "000")
        page = subprocess.run(["curl", "-s", "-m", "5", f"http://{two['private_ip']}/"], capture_output=True,
                              text=True, check=False)
        self.assertEqual(page.stdout, "page\n", "this host may come in where no group is named")

    def test_a_group_says_what_comes_in(self):
        group = self.home.json("security-group", "create", "web", "--allow", "tcp:80")
        one = self.launch("--security-group", "web")[0]
        self.inside(one, "sh", "-c",
                    "mkdir -p /srv; echo page >/srv/index.html; httpd -p 80 -h /srv; httpd -p 81 -h /srv")
        answers = [subprocess.run(["curl", "-s", "-m", "2", f"http://{one['private_ip']}:{port}/"],
                                  capture_output=True, text=True, check=False).stdout for port in (80, 81)]
        self.assertEqual(answers, ["page\n", ""])
        self.home.kiln("security-group", "rm", group["id"], code=5)
        self.home.kiln("instance", "terminate", one["id"])
        self.home.kiln("security-group", "rm", group["id"])

    def test_root_inside_can_neither_change_its_network_nor_the_host(self):
        one = self.launch()[0]
        for command in ("ip address add 10.64.0.99/32 dev eth0", "mount -t tmpfs none /mnt",
                        "mknod /root/sda b 8 0", "echo 1 >/proc/sys/kernel/sysrq", "echo b >/proc/sysrq-trigger"):
            self.home.kiln("instance", "exec", one["id"], "--", "sh", "-c", f"mkdir -p /mnt; {command}",
                           code=1 if "echo" in command else None)
            self.assertNotEqual(self.home.kiln("instance", "exec", one["id"], "--", "sh", "-c", command,
                                               code=None).code, 0, command)


class Kills(InstanceTest):
    def settle(self):
        """What the next commands do about what was left."""
        self.home.kiln("gc", "--quiet")
        eventually(lambda: all(one["state"] not in ("pending", "shutting-down", "stopping")
                               for one in self.home.json("instance", "list")), what="all settled")

    def test_a_keeper_that_is_killed_leaves_nothing_that_runs(self):
        one = self.launch()[0]
        os.kill(self.keeper(one), signal.SIGKILL)
        eventually(lambda: self.show(one)["state"] == "stopped", what="its end was noticed")
        self.assertIn("keeper died", self.show(one)["reason"])
        self.settle()
        self.home.kiln("instance", "start", one["id"])
        self.assertEqual(self.show(one)["state"], "running")
        self.home.kiln("instance", "terminate", one["id"])
        self.assert_host_as_before()

    def test_a_launcher_that_is_killed_makes_one_instance_or_none(self):
        for point in LAUNCH_POINTS:
            with self.subTest(point):
                self.home.kiln("instance", "launch", "base", "--client-token", point, code=-signal.SIGKILL,
                               env={"KILN_FAULT": f"kill@{point}"})
                again = self.launch("--client-token", point)
                self.assertEqual(len(again), 1)
                same = [one for one in self.home.json("instance", "list") if one["client_token"] == point]
                self.assertEqual([one["id"] for one in same], [again[0]["id"]])
                self.home.kiln("instance", "terminate", again[0]["id"])
        self.settle()
        self.assert_host_as_before()

    def test_a_keeper_killed_at_any_point_leaves_an_instance_that_can_be_ended(self):
        for point in KEEPER_POINTS:
            with self.subTest(point):
                one = self.launch("--no-wait", "--shutdown", "terminate", "--lifetime", "1s",
                                  env={"KILN_FAULT": f"kill@{point}"})[0]
                eventually(lambda one=one: self.keeper(one) is None, what=f"killed at {point}")
                self.settle()
                self.home.kiln("instance", "terminate", one["id"])
                self.assertEqual(self.show(one)["state"], "terminated")
                self.assert_host_as_before()


if __name__ == "__main__":
    kiln_e2e.main()
