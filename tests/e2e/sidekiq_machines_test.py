"""Machines for jobs that a Ruby program pushed with Sidekiq's own client: `kiln serve` takes them from Redis."""
import sys
import unittest

from instance_test import missing, network_traces
from kiln_e2e import SKIPPED, eventually, left_behind
from service import Service
from sidekiq_test import SidekiqFixture, unavailable


class SidekiqMachines(SidekiqFixture):
    def setUp(self):
        super().setUp()
        self.home.import_base()
        self.home.kiln("image", "tag", "base", "role=web")
        self.service = Service(self.home, "--no-bakery", env={
            "KILN_INSTANCES_QUEUE_SERVER": self.url, "KILN_INSTANCES_SYNC_EVERY": "1s"})
        self.addCleanup(self.finish)
        self.home.kiln("image", "activate", "base")

    def finish(self):
        self.service.stop()
        left = [one["id"] for one in self.machines() if one["state"] != "terminated"]
        if left:
            self.home.kiln("instance", "terminate", *left, code=None)

    def machines(self):
        return self.home.json("instance", "list")

    def states(self):
        return [one["state"] for one in self.machines()]

    def order(self, **more):
        return {"class": "InstanceBuild", "queue": "instance-builds",
                "args": [{"site": "org", "env": "prod", "queue": "linux", "role": "web", "instance_type": "ct.small",
                          "count": 1, **more}]}

    def test_a_ruby_client_gets_machines_and_ends_them(self):
        self.push(self.order(count=2))
        eventually(lambda: self.states() == ["running"] * 2, 20, "two machines run")
        for machine in self.machines():
            self.assertEqual((machine["tags"]["site"], machine["tags"]["role"]), ("org", "web"))
        self.push(*({"class": "InstanceTermination", "queue": "instance-terminations", "args": [machine["id"]]}
                    for machine in self.machines()))
        eventually(lambda: self.states() == ["terminated"] * 2, 20, "both are ended")
        eventually(lambda: self.home.json("security-group", "list") == [], 20, "their group has gone, too")
        eventually(lambda: network_traces(self.home) == [], 20, "no trace in the network")
        self.service.stop()
        ours = ("ruby ", "redis-server ")  # which this test started
        self.assertEqual([trace for trace in left_behind(self.home) if not any(name in trace for name in ours)], [])

    def test_the_page_shows_the_server_and_a_job_that_cannot_be_done(self):
        eventually(lambda: "instance-builds" in self.page.get("/busy"), 20, "the server is on the page")
        self.push(self.order(count=0))
        eventually(lambda: "InstanceBuild" in self.page.get("/morgue"), 20, "it is among the dead")
        self.assertIn("count", self.page.get("/morgue"))
        self.assertEqual(self.machines(), [])

    def test_a_job_of_a_killed_server_makes_one_machine(self):
        self.service.stop()
        self.service.env["KILN_FAULT"] = "kill@after:instance.launch"
        self.service.start()
        self.push(self.order())
        eventually(lambda: self.service.process.poll() is not None, 20, "the server was killed")
        del self.service.env["KILN_FAULT"]
        self.service.start()
        # Redis gives the job out again when the dead server's lease ends; here it ends at once.
        lease = self.cli("ZRANGE", "kiln:q:instance-builds:leases", 0, 0)
        self.cli("ZADD", "kiln:q:instance-builds:leases", 0, lease)
        eventually(lambda: self.cli("HLEN", "kiln:q:instance-builds:held") == "0", 20, "the job is done")
        eventually(lambda: self.states() == ["running"], 20, "one machine runs")


if __name__ == "__main__":
    why = unavailable() or missing()
    if why:
        print(f"skipped: {why}")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
