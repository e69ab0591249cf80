"""Releases from outside: deployed, run and taken up again by the command line, their tasks done by hand, the server
killed in between."""
import json
from concurrent.futures import ThreadPoolExecutor

import kiln_e2e
from kiln_e2e import eventually
from service import ServiceTest

PLAN = """
name = "hello"

[versions]
release = "{Major}.{Minor}.{Patch}"

[versions.variables]
BRANCH = "HELLO-{{.Major}}.{{.Minor}}"

[[distros.known]]
name = "debian-12"

[[distros.known]]
name = "debian-13"
versions = ["1.*"]

[[steps]]
name = "Source"
script = "/usr/local/bin/source.sh"
should_run = { missing = "file://FOLDER/source-{{.Version}}" }

[[steps]]
name = "Build"
per = "distro"
after = ["Source"]
script = "/usr/local/bin/build.sh"
retry = { attempts = 0 }

[[steps]]
name = "Publish"
after = ["Build"]
needs = "any"
script = "/usr/local/bin/publish.sh"
should_run = { command = 'test ! -e "FOLDER/published-$VERSION"' }
"""


class Releases(ServiceTest):
    def setUp(self):
        super().setUp()
        self.plan = self.home.work / "release.toml"
        self.plan.write_text(PLAN.replace("FOLDER", str(self.home.work)))
        self.release("deploy", self.plan)

    def release(self, *arguments, **options):
        """A verb of releases; those that start or look at one name the plan."""
        of_file = arguments[0] in ("check", "deploy")
        return self.home.kiln("release", *arguments, *(() if of_file else ("--plan", self.plan)), **options)

    def status(self):
        return json.loads(self.release("status", "--json").out)

    def await_status(self, status):
        eventually(lambda: self.status()["status"] == status, 60, f"the release is {status}")
        return self.status()

    def take(self, step):
        """The next task of a step."""
        return self.home.json("task", "take", f"hello-{step}", "--worker", "w_test", timeout=90)

    def succeed(self, step):
        task = self.take(step)
        self.home.kiln("task", "succeed", task["token"], "--output", '{"worker": "w_test", "seconds": 1}')
        return task["input"]

    def fail(self, step):
        task = self.take(step)
        cause = {"worker": "w_test", "instance": "i-1", "status": 3, "log": "w_i-1", "tail": "boom"}
        self.home.kiln("task", "fail", task["token"], "--error", "Worker.Failed", "--cause", json.dumps(cause))
        return task["input"]

    def test_a_plan_that_is_deployed_again_changes_nothing(self):
        again = self.release("deploy", self.plan)
        self.assertIn("unchanged, with 5 activities", again.err)
        self.plan.write_text(self.plan.read_text().replace("attempts = 0", "attempts = 1"))
        self.assertIn("changed", self.release("deploy", self.plan).err)

    def test_one_distro_fails_the_other_is_published_and_a_retry_does_the_rest(self):
        self.release("1.0.0")
        source = self.succeed("source")
        self.assertEqual(source["name"], "Source-1.0.0")
        self.assertEqual(source["env"], {"VERSION": "1.0.0", "IS_NIGHTLY": "false", "BRANCH": "HELLO-1.0"})
        names = [self.succeed("build")["name"], self.fail("build")["name"]]
        self.assertEqual(sorted(names), ["Build-1.0.0-debian-12", "Build-1.0.0-debian-13"])
        self.succeed("publish")
        end = self.await_status("FAILED")
        failed = names[1].removeprefix("Build-1.0.0-")
        self.assertEqual(
            end["cause"], "The following steps have failed:\n"
            f"Build 1.0.0 {failed}: Worker.Failed, exit status 3, worker w_test, instance i-1, log w_i-1")
        self.assertEqual(end["summary"], {"succeeded": 3, "failed": 1})
        build = end["results"]["versions"]["1.0.0"]["distros"][failed]["Build"]
        self.assertEqual((build["status"], build["tail"]), ("failed", "boom"))

        (self.home.work / "source-1.0.0").touch()
        self.release("retry")
        self.assertEqual(self.succeed("build")["name"], names[1])
        self.succeed("publish")  # something before it is new
        self.assertEqual(self.await_status("SUCCEEDED")["summary"], {"skipped": 2, "succeeded": 2})

    def test_everything_is_skipped_that_is_done(self):
        for name in ("source-1.0.0", "published-1.0.0"):
            (self.home.work / name).touch()
        ran = self.release("1.0.0", "Source", "Publish", "--watch")
        self.assertIn("SUCCEEDED", ran.out)
        self.assertIn(f"Source 1.0.0: skipped: file://{self.home.work}/source-1.0.0 is there", ran.err)
        self.assertLess(ran.seconds, 10, "it waits for no health check")

    def test_a_distro_that_a_version_does_not_support_is_reported(self):
        (self.home.work / "source-2.0.0").touch()
        (self.home.work / "published-2.0.0").touch()
        self.release("2.0.0", "debian-12", "debian-13")
        self.assertEqual(self.succeed("build")["name"], "Build-2.0.0-debian-12")
        end = self.await_status("SUCCEEDED")
        self.assertEqual(end["results"]["versions"]["2.0.0"]["not_supported"], ["debian-13"])

    def test_the_server_is_killed_in_the_middle(self):
        self.release("1.0.0", "debian-12")
        task = self.take("source")
        self.service.kill()
        self.service.start()
        self.home.kiln("task", "succeed", task["token"], "--output", "{}")
        self.succeed("build")
        # A function's task that dies with the server is given out again after 120 s: not waited for here.
        eventually(lambda: "waits for a worker" in self.release("status").out, 30, "the last step waits")
        self.service.kill()
        self.service.start()
        self.succeed("publish")
        self.assertEqual(self.await_status("SUCCEEDED")["summary"], {"succeeded": 3})

    def test_the_same_release_is_started_once(self):
        with ThreadPoolExecutor() as pool:
            started = {one.out for one in pool.map(lambda _: self.release("1.0.0", "debian-12"), range(2))}
        # Two in the same second have the same name; of two in different ones the later sees the earlier.
        self.assertEqual(len(started), 1, started)
        other = self.release("1.0.0", "debian-12", "--again").out
        self.assertNotIn(other, started)
        for name in (started | {other}):
            self.release("stop", name.strip())
        self.assertEqual(
            [one["status"] for one in json.loads(self.release("list", "--json").out)], ["ABORTED", "ABORTED"])

    def test_words_that_are_none_start_nothing(self):
        refused = self.release("1.0.0", "debian-21", code=2)
        self.assertIn('unknown distro "debian-21"; did you mean "debian-12"?', refused.err)
        self.assertEqual(json.loads(self.release("list", "--json").out), [])


if __name__ == "__main__":
    kiln_e2e.main()
