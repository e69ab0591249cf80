"""Machines by the API, from an image to their end: baked with a web server, asked for, visited, drained, ended."""
import json
import subprocess
import urllib.request

import kiln_e2e
from instance_test import missing, network_traces
from kiln_e2e import eventually, left_behind
from service import ServiceTest

# What each machine runs: it serves its page, and asks every now and then whether it is to go on.
SCRIPT = r"""#!/bin/sh
ask() { printf '%s HTTP/1.0\r\n%s\r\n\r\n' "$1" "$2" | nc 169.254.169.254 80 | sed '1,/^\r$/d'; }
TOKEN=$(ask 'PUT /latest/api/token' 'X-aws-ec2-metadata-token-ttl-seconds: 600')
ID=$(ask 'GET /latest/meta-data/instance-id' "X-aws-ec2-metadata-token: $TOKEN")
echo "$ID of {{.Site}}" >>/srv/index.html
httpd -p 80 -h /srv
wget -q -O - --post-data "instance-id=$ID" '{{.InstanceLaunchURL}}'
until wget -q -O - --post-data "instance-id=$ID" '{{.InstanceHeartbeatURL}}' | grep -q '"expected_state": *"down"'; do
  sleep 1
done
wget -q -O - --post-data "instance-id=$ID" '{{.InstanceTerminateURL}}'
"""


class WebMachines(ServiceTest):
    def prepare(self):
        if missing():
            self.skipTest(missing())
        self.home.import_base()
        self.home.bake("web", ["mkdir -p /srv", "echo a page >/srv/index.html"])
        self.home.kiln("image", "tag", "web", "role=web")
        self.group = self.home.json("security-group", "create", "web", "--allow", "tcp:80")["id"]
        script = self.home.work / "init.sh"
        script.write_text(SCRIPT)
        self.env = {"KILN_INSTANCES_SCRIPT": str(script), "KILN_INSTANCES_SYNC_EVERY": "1s"}

    def end(self):
        if self.service.process.poll() is not None:
            self.service.start()
        super().end()
        left = [one["id"] for one in self.home.json("instance", "list") if one["state"] != "terminated"]
        if left:
            self.home.kiln("instance", "terminate", *left, code=None)

    def ask(self, path, *options):
        token = json.loads((self.home.path / "credentials.json").read_text())["token"]
        return subprocess.run(
            ["curl", "-sS", "--fail-with-body", "--max-time", "20", "-H", f"Authorization: token {token}", *options,
             self.service.url + path], capture_output=True, text=True, check=False)

    def curl(self, path, *options):
        done = self.ask(path, *options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout) if done.stdout else None

    def post(self, path, **document):
        return self.curl(path, "-d", json.dumps(document))

    def request(self, **more):
        return {"site": "org", "env": "prod", "queue": "pages", "role": "web", "instance_type": "ct.small", "count": 1,
                "security_group_id": self.group, **more}

    def running(self, count):
        """Those that the API shows, when they are so many."""
        found = self.curl("/instances?role=web")["instances"]
        return found if len(found) == count and all(one["private_ip"] for one in found) else None

    def page(self, machine):
        try:
            with urllib.request.urlopen(f"http://{machine['private_ip']}/", timeout=5) as answer:
                return answer.read().decode()
        except OSError:
            return ""

    def assert_host_as_before(self):
        eventually(lambda: network_traces(self.home) == [], what="no trace in the network")
        self.assertEqual(left_behind(self.home), [])

    def test_two_machines_serve_pages_one_drains_and_both_end(self):
        self.home.kiln("image", "activate", "web")
        self.post("/instance-builds", instance_builds=self.request(count=2))
        machines = eventually(lambda: self.running(2), what="two machines")
        for machine in machines:
            eventually(lambda machine=machine: self.page(machine) == f"a page\n{machine['id']} of org\n",
                       what="it serves its page")
        # It hears by its next heartbeat that it is not to go on.
        first, second = (machine["id"] for machine in machines)
        self.curl(f"/instances/{first}", "-X", "DELETE")
        eventually(lambda: [one["id"] for one in self.running(1) or []] == [second], what="one is gone")
        self.assertIn("a page", self.page(next(one for one in machines if one["id"] == second)))
        self.curl(f"/instances/{second}", "-X", "DELETE")
        eventually(lambda: self.running(0) is not None, what="both are gone")
        self.service.stop()
        self.assert_host_as_before()

    def test_a_group_that_shrinks_lets_a_machine_drain_by_its_heartbeat(self):
        self.home.kiln("image", "activate", "web")
        pattern = self.post("/instance-builds", instance_builds=self.request(boot_instance=False))
        build = pattern["instance_builds"][0]["id"]
        group = self.post("/autoscaling-group-builds", autoscaling_group_builds={
            "instance_build_id": build, "site": "org", "env": "prod", "queue": "pages", "role": "web", "min_size": 0,
            "max_size": 2, "desired_capacity": 2})["autoscaling_group_builds"][0]["id"]
        machines = eventually(lambda: self.running(2), what="two machines")
        for machine in machines:
            eventually(lambda machine=machine: "a page" in self.page(machine), what="it serves its page")
        self.curl(f"/autoscaling-group-builds/{group}", "-X", "PATCH",
                  "-d", json.dumps({"autoscaling_group_builds": {"desired_capacity": 1}}))
        left = eventually(lambda: self.running(1), what="one has drained")
        self.assertIn("a page", self.page(left[0]))
        self.curl(f"/autoscaling-group-builds/{group}", "-X", "DELETE")
        eventually(lambda: self.running(0) is not None, what="none is left")
        self.service.stop()
        self.assert_host_as_before()

    def test_a_server_that_is_killed_at_any_step_makes_one_machine_for_a_build(self):
        self.home.kiln("image", "activate", "web")
        calls = ("make_group", "launch", "name_machines", "tell_started")  # what has an effect before it is written
        steps = ("resolve_image", "make_script", *calls)
        points = [f"{when}:instance.{step}" for when, some in (("before", steps), ("after", calls), ("wrote", steps))
                  for step in some]
        known = set()
        for point in points:
            with self.subTest(point):
                self.service.stop()
                self.service.env = {**self.env, "KILN_FAULT": f"kill@{point}"}
                self.service.start()
                order = self.request()
                del order["security_group_id"]  # so that a group is made for the build
                self.ask("/instance-builds", "-d", json.dumps({"instance_builds": order}))  # the answer may be lost
                eventually(lambda: self.service.process.poll() is not None, what=f"killed at {point}")
                self.service.env = self.env
                self.service.start()
                build = self.home.json("instance-build", "list")[0]["id"]
                eventually(lambda build=build: self.curl(f"/instance-builds/{build}")["instance_builds"][0]["state"]
                           in ("started", "finished"), what="the build goes on")
                # Also those that would have been ended meanwhile: terminated ones are listed for an hour.
                made = [one for one in self.home.json("instance", "list") if one["id"] not in known]
                known.update(one["id"] for one in made)
                self.assertEqual([one["tags"]["kiln:instance-build"] for one in made], [build])
                self.assertEqual((made[0]["state"] != "terminated", made[0]["tags"]["site"]), (True, "org"))
                self.curl(f"/instances/{made[0]['id']}", "-X", "DELETE")
                eventually(lambda: self.running(0) is not None, what="it is gone")
        eventually(lambda: [one["id"] for one in self.home.json("security-group", "list")] == [self.group],
                   what="the builds' groups are gone")
        self.service.stop()
        self.assert_host_as_before()

    def test_a_termination_goes_on_after_a_kill(self):
        self.home.kiln("image", "activate", "web")
        for point in ("after:instance.gone", "before:instance.terminate", "after:instance.terminate"):
            with self.subTest(point):
                self.service.stop()
                self.service.env = {**self.env, "KILN_FAULT": f"kill@{point}"}
                self.service.start()
                self.post("/instance-builds", instance_builds=self.request())
                machine = eventually(lambda: self.running(1), what="a machine")[0]
                self.curl(f"/instances/{machine['id']}", "-X", "DELETE")
                eventually(lambda: self.service.process.poll() is not None, what=f"killed at {point}")
                self.service.env = self.env
                self.service.start()
                eventually(lambda: self.running(0) is not None, what="it is gone")
        self.service.stop()
        self.assert_host_as_before()


if __name__ == "__main__":
    kiln_e2e.main()
