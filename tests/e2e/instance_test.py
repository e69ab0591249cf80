"""Containers of the local cloud, through the program: their life, their network, and what kills leave."""
import base64
import http.server
import json
import os
import shutil
import signal
import subprocess
import threading
import time
import unittest
from pathlib import Path

import kiln_e2e
from kiln_e2e import FOLDERS, KilnTest, eventually, left_behind, root_tar
from service import free_port

HELLO = "#!/bin/sh\necho hello from $(hostname)\n"
LAUNCH_POINTS = ("launch:volumes", "launch:recorded", "launch:kept")
KEEPER_POINTS = ("keep:taken", "guest:attached", "guest:network", "guest:started", "keep:begun", "keep:ended",
                 "keep:settling", "keep:removed")


def missing():
    for program in ("crun", "nft", "ip"):
        if not (shutil.which(program) or Path("/usr/sbin", program).exists()):
            return f"no {program}"
    return None


def network_traces(home):
    """Interfaces and rules that are an instance's of this home; another home's are not our affair."""
    links = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout
    tables = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=True).stdout
    ids = [row[0] for row in home.rows("SELECT id FROM instances")]
    return sorted([name for one in ids if (name := f"kln{one[2:12]}") in links]
                  + [name for one in ids if (name := f"kiln-{one}") in tables])


class InstanceTest(KilnTest):
    def setUp(self):
        if missing():
            self.skipTest(missing())
        super().setUp()
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
        eventually(lambda: not network_traces(self.home), what="no trace in the network")
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


class Weather(InstanceTest):
    """What a cloud does on a bad day."""

    def test_a_launch_may_be_slow(self):
        begun = time.monotonic()
        one = self.launch(env={"KILN_FAULT": "slow@launch"})[0]
        self.assertEqual(one["state"], "running")
        self.assertGreater(time.monotonic() - begun, 2)

    def test_one_that_never_boots_is_pending_until_it_is_terminated(self):
        one = self.launch("--no-wait", env={"KILN_FAULT": "dead@boot"})[0]
        eventually(lambda: self.keeper(one), what="it has a keeper")
        eventually(lambda: len(network_traces(self.home)) == 2, what="it was begun")
        self.home.kiln("gc", "--quiet")
        self.assertEqual(self.show(one)["state"], "pending")
        self.home.kiln("instance", "exec", one["id"], "--", "true", code=5)
        self.home.kiln("instance", "terminate", one["id"])
        self.assertEqual(self.show(one)["state"], "terminated")
        self.assertIn("UserInitiatedShutdown", self.show(one)["reason"])
        self.assert_host_as_before()

    def test_one_that_never_boots_can_be_stopped_and_boots_the_next_time(self):
        one = self.launch("--no-wait", "--user-data", HELLO, env={"KILN_FAULT": "dead@boot"})[0]
        self.home.kiln("instance", "stop", one["id"])
        self.assertEqual(self.show(one)["state"], "stopped")
        eventually(lambda: not network_traces(self.home), what="no trace in the network")
        self.home.kiln("instance", "start", one["id"])
        eventually(lambda: "hello" in self.console(one), what="its user data ran, for it never had")

    def test_one_that_boots_and_never_calls_runs_and_does_nothing(self):
        one = self.launch("--user-data", HELLO, env={"KILN_FAULT": "silent@boot"})[0]
        self.assertEqual(one["state"], "running")
        self.assertEqual(self.inside(one, "sh", "-c", "ls /run/kiln").split(), ["init"])
        self.home.kiln("instance", "terminate", one["id"])
        self.assertEqual(self.console(one), "")
        self.assert_host_as_before()


class UserData(InstanceTest):
    """Of a container: a script, or where one is."""

    def serve(self):
        """A server on the port that instances may reach, with what it was asked."""
        asked, self.ready = [], []
        ready = self.ready

        class Scripts(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append((self.path, self.headers.get("Authorization"), self.client_address[0]))
                missing_yet = (self.path == "/late" and len(asked) < 3
                               or self.path == "/stuck" and self.path not in ready)
                body = {"/nothing": "", "/page": "<html>"}.get(self.path, HELLO).encode()
                self.send_response(503 if missing_yet else 200 if body else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.port = free_port()
        server = http.server.ThreadingHTTPServer(("0.0.0.0", self.port), Scripts)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return asked

    def launch_with(self, path):
        gateway = self.launch("--no-wait")[0]["private_ip"].rsplit(".", 1)[0] + ".1"
        return self.launch("--user-data", f"#include http://x:secret-word@{gateway}:{self.port}{path}\n",
                           env={"KILN_SERVER_LISTEN": f"0.0.0.0:{self.port}"})[0]

    def test_an_included_script_is_fetched_from_within_the_instance(self):
        asked = self.serve()
        one = self.launch_with("/script")
        eventually(lambda: "hello from" in self.console(one), what="it ran")
        credentials = "Basic " + base64.b64encode(b"x:secret-word").decode()
        self.assertEqual(asked, [("/script", credentials, one["private_ip"])])

    def test_a_server_that_is_not_ready_is_asked_again(self):
        asked = self.serve()
        one = self.launch_with("/late")
        eventually(lambda: "hello from" in self.console(one), what="it ran")
        self.assertEqual(len(asked), 3)

    def test_what_could_not_be_fetched_before_a_stop_is_fetched_at_the_next_start(self):
        asked = self.serve()
        one = self.launch_with("/stuck")
        eventually(lambda: asked, what="it was asked for")
        self.home.kiln("instance", "stop", one["id"], "--force")
        self.ready.append("/stuck")
        self.home.kiln("instance", "start", one["id"], env={"KILN_SERVER_LISTEN": f"0.0.0.0:{self.port}"})
        eventually(lambda: "hello from" in self.console(one), what="it ran")
        self.home.kiln("instance", "reboot", one["id"])
        count = len(asked)
        eventually(lambda: self.record(one)["starts"] == 2, what="it runs anew")
        self.assertEqual((len(asked), self.console(one).count("hello from")), (count, 1))

    def test_what_is_no_script_is_not_run_and_the_console_says_why(self):
        self.serve()
        for path, why in (("/page", "#!"), ("/nothing", "404")):
            with self.subTest(path):
                one = self.launch_with(path)
                eventually(lambda one=one: "user data is not run" in self.console(one), what="it says so")
                self.assertIn(why, self.console(one))
                self.assertEqual(self.show(one)["state"], "running")
        log = (self.home.path / "logs/keepers.log").read_text()
        self.assertIn("user data is not run", log)
        self.assertNotIn("secret-word", log + self.console(one))

    def test_what_a_container_does_not_understand_is_refused_at_launch(self):
        for text in ("#cloud-config\nusers: []\n", "Content-Type: multipart/mixed\n", "\x1f\x8b", "#include file:///x"):
            with self.subTest(text):
                result = self.home.kiln("instance", "launch", "base", "--user-data", text, code=2)
                self.assertIn("user_data", result.said)
        self.assertEqual(self.home.json("instance", "list"), [])


class Limits(InstanceTest):
    def test_memory_and_processes_are_those_of_its_type(self):
        one = self.launch("--type", "ct.nano")[0]
        self.inside(one, "sh", "-c", "head -c 80000000 /dev/zero | tail -c 50000000 >/dev/null")
        killed = self.home.kiln("instance", "exec", one["id"], "--",
                                "awk", 'BEGIN { s = "x"; while (1) s = s s }', code=None)
        self.assertEqual(killed.code, 137, "no more than 128 MiB")
        self.home.kiln("instance", "exec", one["id"], "--", "sh", "-c",
                       "i=0; while [ $i -lt 400 ]; do sleep 1000 >/dev/null 2>&1 & i=$((i+1)); done", code=2)

    def test_a_container_of_one_cpu_has_the_time_of_one(self):
        if not list(Path("/sys/fs/cgroup").glob("**/cpu.cfs_quota_us")) and not list(
                Path("/sys/fs/cgroup").glob("**/cpu.max")):
            self.skipTest("no controller of CPU time")
        one = self.launch("--type", "ct.nano")[0]
        for _ in range(2):
            self.inside(one, "sh", "-c", "sh -c 'while :; do :; done' >/dev/null 2>&1 </dev/null &")
        begun = time.monotonic()
        first = self.cpu_seconds(one)
        eventually(lambda: self.cpu_seconds(one) - first > 1, 60, "a second's work")
        used, passed = self.cpu_seconds(one) - first, time.monotonic() - begun
        self.assertLess(used, 1.2 * passed + 0.2)

    def cpu_seconds(self, one):
        for folder in Path("/sys/fs/cgroup").glob("**/kiln/" + one["id"]):
            if (folder / "cpu.stat").exists() and "usage_usec" in (folder / "cpu.stat").read_text():
                return int((folder / "cpu.stat").read_text().split()[1]) / 1e6
            if (folder / "cpuacct.usage").exists():
                return int((folder / "cpuacct.usage").read_text()) / 1e9
        raise AssertionError("nothing counts CPU time")


def root_with_sshd():
    """A root tar that has this machine's sshd, with all the libraries that it loads."""
    files = {"etc/ssh/sshd_config": b"HostKey /etc/ssh/ssh_host_ed25519_key\nPasswordAuthentication no\n",
             "etc/passwd": b"root:x:0:0:root:/root:/bin/sh\nsshd:x:101:65534:sshd:/run/sshd:/bin/false\n"}
    for program in ("/usr/sbin/sshd", "/usr/bin/ssh-keygen"):
        loads = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout.split()
        for name in (program, *(word for word in loads if word.startswith("/"))):
            files[name.lstrip("/") if name.startswith("/usr") else "usr" + name] = Path(name)
    folders = sorted({str(parent) for name in files for parent in Path(name).parents if str(parent) != "."})
    return root_tar(files=files, links={"lib": "usr/lib", "lib64": "usr/lib64"},
                    folders=[name for name in folders if name not in FOLDERS])


class Ssh(InstanceTest):
    def setUp(self):
        if not Path("/usr/sbin/sshd").exists() or not shutil.which("ssh"):
            self.skipTest("no sshd")
        super().setUp()

    def test_the_key_that_was_named_lets_one_in(self):
        tar = self.home.work / "ssh.tar"
        tar.write_bytes(root_with_sshd())
        self.home.json("image", "import", tar, "--name", "with-sshd")
        key = self.home.work / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        self.home.kiln("key", "import", "mine", f"{key}.pub")
        one = self.home.json("instance", "launch", "with-sshd", "--key", "mine")[0]

        def says(*words):
            return self.home.kiln("instance", "ssh", one["id"], "--identity", key, "--", *words, code=None)
        eventually(lambda: says("true").code == 0, 30, f"sshd is there: {self.console(one)}")
        self.assertEqual(says("echo", "$SSH_CONNECTION").out.split()[2], one["private_ip"])
        self.assertEqual(says("exit", "7").code, 7)
        self.home.kiln("instance", "terminate", one["id"])
        again = self.home.json("instance", "launch", "with-sshd", "--key", "mine")[0]
        self.assertEqual(again["private_ip"], one["private_ip"])
        one = again  # another machine of that address is not mistaken for the first one
        eventually(lambda: says("true").code == 0, 30, "it lets one in, too")


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
        self.addCleanup(server.server_close)
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
