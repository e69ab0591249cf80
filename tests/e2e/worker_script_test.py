"""worker/worker.sh against `kiln serve`, with AWS' own command line: the life of a worker, rule by rule."""
import hashlib
import json
import os
import signal
import subprocess
import sys
import unittest

from aws_cli import aws_cli
from kiln_e2e import REPOSITORY, SKIPPED, eventually
from service import ServiceTest

WORKER = REPOSITORY / "worker/worker.sh"
AWKWARD = "it's \"quoted\", $HOME `date`\nnew\tline \\ \u00fc \U0001f525"


class WorkerScript(ServiceTest):
    def prepare(self):
        self.work = self.home.work / "worker"
        self.work.mkdir()

    def setUp(self):
        super().setUp()
        self.activity = self.home.kiln("activity", "create", "build").out.strip()

    def script(self, text, name="script.sh"):
        path = self.work / name
        path.write_text("#!/bin/sh\n" + text)
        return path

    def machine(self, **more):
        definition = self.home.work / "machine.json"
        definition.write_text(json.dumps({"StartAt": "Build", "States": {
            "Build": {"Type": "Task", "Resource": self.activity, "End": True, **more}}}))
        self.home.kiln("machine", "create", "release", definition)

    def execute(self, name="r", **task):
        return self.home.kiln("execution", "start", "release", "--name", name, "--input",
                              json.dumps({"name": name, **task})).out.strip()

    def worker(self, script, **variables):
        credentials = self.service.credentials()
        env = {"PATH": f"{aws_cli().parent}:{os.environ['PATH']}", "HOME": str(self.work), "TMPDIR": str(self.work),
               "AWS_ACCESS_KEY_ID": credentials["access_key_id"], "AWS_REGION": "us-east-1",
               "AWS_SECRET_ACCESS_KEY": credentials["secret_access_key"], "AWS_ENDPOINT_URL": self.service.url,
               "ACTIVITY_ARN": self.activity, "SCRIPT_URL": str(script), "WORKER_INSTANCE": "here",
               "WORKER_POWER_OFF": "none", "WORKER_HEARTBEAT": "1", "WORKER_PAUSE": "0", "WORKER_GRACE": "5",
               "NOT_FOR_SCRIPTS": "secret"}
        env.update({name: str(value) for name, value in variables.items()})
        with open(self.work / "log", "ab") as log:
            process = subprocess.Popen([WORKER], env=env, cwd=self.work, stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=log, start_new_session=True)
        self.addCleanup(self.kill, process)
        return process

    @staticmethod
    def kill(process):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def log(self):
        return (self.work / "log").read_text(errors="replace")

    def ended(self, execution):
        def over():
            shown = self.home.json("execution", "show", execution)
            return shown if shown["status"] != "RUNNING" else None
        try:
            return eventually(over, 40, "it has ended")
        except AssertionError:
            raise AssertionError(self.log()) from None

    def exit_of(self, process):
        eventually(lambda: process.poll() is not None, 40, "the worker has ended")
        self.assertEqual([path.name for path in self.work.glob("worker.*")], [], "its folder is gone")
        return process.returncode

    def test_a_task_gets_its_variables_and_nothing_else(self):
        self.machine()
        self.worker(self.script('env -0 >"$OUT"; echo said; echo "$TASK_TOKEN" >"$OUT.token"'))
        out = self.work / "variables"
        shown = self.ended(self.execute(env={"OUT": str(out), "AWKWARD": AWKWARD}))
        self.assertEqual(shown["status"], "SUCCEEDED")
        output = json.loads(shown["output"])
        self.assertEqual({key: output[key] for key in ("worker", "instance", "log")},
                         {"worker": "w_here", "instance": "here", "log": "w_here"})
        self.assertIsInstance(output["seconds"], int)
        variables = dict(item.split("=", 1) for item in out.read_text().split("\0") if item)
        self.assertEqual(variables["AWKWARD"], AWKWARD)
        self.assertEqual(variables["TASK_NAME"], "r")
        self.assertTrue((self.work / "variables.token").read_text().strip())
        self.assertEqual(set(variables) - {"PWD", "OLDPWD", "SHLVL", "_"},
                         {"PATH", "HOME", "LANG", "TASK_TOKEN", "TASK_NAME", "OUT", "AWKWARD"})
        self.assertIn("said\n", self.log())

    def test_a_failure_is_told_with_its_last_lines_and_ends_the_worker(self):
        self.machine()
        process = self.worker(self.script('echo "the oven is \\"cold\\""; exit 3'),
                              INIT_URL=self.script('cleanup() { echo cleaned >"$TMPDIR/cleaned"; }', "init.sh"))
        shown = self.ended(self.execute(env={}))
        self.assertEqual((shown["status"], shown["error"]), ("FAILED", "Worker.ScriptFailed"))
        cause = json.loads(shown["cause"])
        self.assertEqual((cause["status"], cause["tail"], cause["instance"]), (3, 'the oven is "cold"', "here"))
        self.assertEqual(self.exit_of(process), 1)
        self.assertEqual((self.work / "cleaned").read_text(), "cleaned\n")

    def test_the_error_of_a_failure_may_be_named_by_the_task(self):
        self.machine()
        self.worker(self.script("exit 1"))
        self.assertEqual(self.ended(self.execute(env={}, error="TestBuildNoRetry"))["error"], "TestBuildNoRetry")

    def test_a_worker_takes_one_task_after_another_and_leaves_nothing_of_them(self):
        self.machine()
        self.worker(self.script('ls -A >"$OUT"; touch left; sleep 1000 & echo $! >"$OUT.left"'))
        for name in ("one", "two"):
            out = self.work / name
            self.assertEqual(self.ended(self.execute(name, env={"OUT": str(out)}))["status"], "SUCCEEDED")
            self.assertEqual(out.read_text(), "")
            left = int((self.work / f"{name}.left").read_text())
            eventually(lambda left=left: not os.path.exists(f"/proc/{left}"), what="what it started has ended")

    def test_a_stopped_execution_ends_its_script_and_the_worker_goes_on(self):
        self.machine()
        self.worker(self.script('echo $$ >"$OUT"; [ -z "$WAIT" ] || { trap "" TERM; while :; do sleep 1; done; }'),
                    WORKER_GRACE=1)
        out = self.work / "pid"
        execution = self.execute(env={"OUT": str(out), "WAIT": "yes"})
        pid = int(eventually(lambda: out.exists() and out.read_text().strip(), 40, "the script runs"))
        self.home.kiln("execution", "stop", execution)
        eventually(lambda: not os.path.exists(f"/proc/{pid}"), 10, "the script has ended")
        self.assertEqual(self.ended(self.execute("next", env={"OUT": str(out), "WAIT": ""}))["status"], "SUCCEEDED")

    def test_a_worker_that_is_to_end_hands_its_task_back(self):
        self.machine(Retry=[{"ErrorEquals": ["Worker.Terminated"], "IntervalSeconds": 1, "MaxAttempts": 1}])
        script = self.script('echo run >>"$OUT"; [ "$(wc -l <"$OUT")" -gt 1 ] || sleep 1000')
        first = self.worker(script)
        out = self.work / "runs"
        execution = self.execute(env={"OUT": str(out)})
        eventually(out.exists, 40, "the script runs")
        first.send_signal(signal.SIGTERM)
        self.assertEqual(self.exit_of(first), 0)
        self.worker(script)
        self.assertEqual(self.ended(execution)["status"], "SUCCEEDED")
        self.assertEqual(out.read_text(), "run\nrun\n")

    def test_what_cannot_be_fetched_or_is_another_ends_it(self):
        script = self.script("true")
        wrong = hashlib.sha256(b"another").hexdigest()
        for name, variables, why in (
                ("another digest", {"SCRIPT_SHA256": wrong}, "another SHA-256"),
                ("no script", {"SCRIPT_URL": self.work / "gone"}, "no script from"),
                ("no activity", {"ACTIVITY_ARN": ""}, "ACTIVITY_ARN is missing"),
                ("a bad init", {"INIT_URL": self.script("false", "bad.sh")}, "the init script ended with 1")):
            with self.subTest(name):
                self.assertEqual(self.exit_of(self.worker(script, **variables)), 1)
                self.assertIn(why, self.log())

    def test_an_init_script_that_ends_the_shell_ends_in_order(self):
        for name, text in (("exit", "exit 3"), ("unset", 'echo "$NOT_SET" >/dev/null; exit 0'), ("error", "set -u; : $NONE")):
            with self.subTest(name):
                off = self.work / f"off-{name}"
                process = self.worker(self.script("true"), WORKER_POWER_OFF=f"touch {off}", INIT_URL=self.script(
                    f'cleanup() {{ touch "{off}-cleaned"; }}\n{text}', f"{name}.sh"))
                eventually(off.exists, 20, "the machine is switched off")
                self.assertTrue((self.work / f"off-{name}-cleaned").exists())
                self.kill(process)

    def test_a_start_that_hangs_is_ended_by_the_watchdog(self):
        init = self.script("sleep 1000", "hangs.sh")
        off = self.work / "off"
        process = self.worker(self.script("true"), INIT_URL=init, WORKER_WATCHDOG=1, WORKER_GRACE=1,
                              WORKER_POWER_OFF=f"touch {off}")
        eventually(off.exists, 20, "the machine is switched off")
        self.kill(process)
        process = self.worker(self.script("true"), INIT_URL=init, WORKER_WATCHDOG=1, WORKER_GRACE=1)
        eventually(lambda: process.poll() is not None, 20, "it has ended")
        self.assertNotEqual(process.returncode, 0)

    def test_an_input_that_cannot_be_read_fails_the_task(self):
        self.machine()
        self.worker(self.script("true"))
        self.assertEqual(self.ended(self.execute(env={"9 lives": "x"}))["error"], "Worker.BadInput")

    def test_without_tasks_it_dies_of_boredom(self):
        """With a command line that answers at once, as AWS does after a minute."""
        fake = self.work / "bin"
        fake.mkdir()
        self.script('echo "$@" >>"$TMPDIR/calls"; echo "{}"', "bin/aws").chmod(0o755)
        process = self.worker(self.script("true"), PATH=f"{fake}:{os.environ['PATH']}", WORKER_EMPTY_POLLS=3,
                              WORKER_INSTANCE="i-0123")
        self.assertEqual(self.exit_of(process), 0)
        calls = (self.work / "calls").read_text()
        self.assertEqual(calls.count("get-activity-task"), 3)
        self.assertIn("--resources i-0123 --tags Key=Name,Value=ww-0-build", calls)
        self.assertIn("good bye", self.log())

    def test_a_power_off_is_repeated_until_it_happens(self):
        process = self.worker(self.script("true"), SCRIPT_URL="", WORKER_POWER_OFF="echo off >>off")
        eventually((self.work / "off").exists, 20, "it was switched off")
        self.assertIsNone(process.poll())


if __name__ == "__main__":
    if aws_cli() is None:
        print("skipped: AWS' command line cannot be had")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
