"""Sidekiq 6.4 and kiln on one Redis: a Ruby client pushes what kiln does, kiln pushes what a Ruby worker does, and
Sidekiq's web page shows kiln's process, its jobs, retries and dead ones, and may retry and kill them."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

from kiln_e2e import KILN, SKIPPED, Home, eventually
from service import free_port

HERE = Path(__file__).resolve().parent / "sidekiq"
LEASE_KEY = "kiln:q:builds:leases"
# Notes the job; waits while there is a file `hold`; fails, saying why, while there is a file `fail`.
PROGRAM = """#!/bin/sh
cat >>"$WORK/got"
echo "$KILN_JOB_CLASS" >>"$WORK/classes"
while [ -e "$WORK/hold" ]; do sleep 0.05; done
if [ -e "$WORK/fail" ]; then echo 'the oven <is> cold' >&2; exit 3; fi
echo "$KILN_JOB_ID" >>"$WORK/done"
"""


def unavailable():
    if not Path(KILN).exists():
        return f"{KILN} is not built"
    for program in ("redis-server", "redis-cli", "ruby", "sidekiq"):
        if not shutil.which(program):
            return f"no {program}"
    for library in ("sidekiq/web", "rack/mock"):
        if subprocess.run(["ruby", "-r", library, "-e", ""], capture_output=True, check=False).returncode != 0:
            return f"Ruby has no {library}"
    return None


class Page:
    """Sidekiq's web page."""

    def __init__(self, env):
        self.process = subprocess.Popen(["ruby", HERE / "page.rb"], env=env, text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("Sidekiq's page died")
        answer = json.loads(line)
        if answer["status"] not in (200, 302):
            raise AssertionError(f"{request}: {answer}")
        return answer["body"]

    def get(self, path):
        return self.ask(path=path)

    def post(self, path, origin, **form):
        return self.ask(path=path, form=form, **{"from": origin})

    def close(self):
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


class SidekiqFixture(unittest.TestCase):
    """A home, a Redis, and Sidekiq's page on it."""

    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)
        self.work = self.home.work
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.ruby = {**os.environ, "TEST_REDIS": self.url, "TEST_DONE": str(self.work / "ruby-done")}
        self.start_redis()
        self.page = Page(self.ruby)
        self.addCleanup(self.page.close)
        program = self.work / "program"
        program.write_text(PROGRAM)
        program.chmod(0o755)

    def start(self, *arguments, env=None, log="log"):
        with open(self.work / log, "ab") as out:
            process = subprocess.Popen([str(a) for a in arguments], env=env, cwd=self.work, stdin=subprocess.DEVNULL,
                                       stdout=out, stderr=out, start_new_session=True)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.wait()

    def start_redis(self):
        self.redis = self.start("redis-server", "--port", self.port, "--bind", "127.0.0.1", "--dir", self.work, "--save", "",
                                "--appendonly", "yes", "--appendfsync", "always", log="redis.log")
        eventually(lambda: self.cli("PING") == "PONG", 20, "redis answers")

    def cli(self, *words):
        return subprocess.run(["redis-cli", "-p", str(self.port), *map(str, words)], capture_output=True, text=True,
                              check=False).stdout.strip()

    def kiln_worker(self, *options):
        env = self.home.environment({"WORK": str(self.work), "KILN_LOG_LEVEL": "info"})
        worker = self.start(KILN, "job", "work", "--queue", f"{self.url}#builds", *options, "--", self.work / "program", env=env,
                            log="worker.log")
        eventually(lambda: self.cli("SCARD", "processes") == "1", 20, "the worker is on the page")
        return worker

    def push(self, *jobs):
        done = subprocess.run(["ruby", HERE / "push.rb"], env=self.ruby, text=True, check=True, capture_output=True,
                              input="".join(json.dumps(job) + "\n" for job in jobs))
        return done.stdout.split()

    def lines(self, name):
        path = self.work / name
        return path.read_text().splitlines() if path.exists() else []

    def flag(self, name, there=True):
        path = self.work / name
        path.touch() if there else path.unlink()

    def log(self):
        return (self.work / "worker.log").read_text()


class SidekiqTest(SidekiqFixture):
    def test_ruby_pushes_and_kiln_does_it(self):
        self.kiln_worker()
        ids = self.push({"class": "InstanceBuild", "queue": "builds", "args": [{"role": "web", "count": 2}]},
                        {"class": "InstanceBuild", "queue": "builds", "args": ["ü", None, 1.5]})
        eventually(lambda: sorted(self.lines("done")) == sorted(ids), 20, "both are done")
        got = [json.loads(line) for line in self.lines("got")]
        self.assertEqual([job["args"] for job in got], [[{"role": "web", "count": 2}], ["ü", None, 1.5]])
        self.assertEqual(self.lines("classes"), ["InstanceBuild"] * 2)
        eventually(lambda: self.cli("GET", "stat:processed") == "2", 10, "they are counted")
        self.assertEqual(self.cli("HLEN", "kiln:q:builds:held"), "0")

    def test_ruby_schedules_and_kiln_does_it_when_it_is_due(self):
        self.kiln_worker()
        self.push({"class": "Later", "queue": "builds", "args": [], "at": time.time() + 2})
        self.assertEqual(self.lines("done"), [])
        eventually(lambda: len(self.lines("done")) == 1, 20, "it is done")
        self.assertEqual(self.cli("ZCARD", "schedule"), "0")

    def test_kiln_pushes_and_ruby_does_it(self):
        self.start("sidekiq", "-r", HERE / "worker.rb", "-q", "mail", "-c", 2, env=self.ruby, log="sidekiq.log")
        job = self.home.kiln("job", "push", f"{self.url}#mail", "HardWorker", '"a@example.org"', "42", '{"k":[]}').out.strip()
        eventually(lambda: self.lines("ruby-done"), 40, "Ruby has done it")
        self.assertEqual(json.loads(self.lines("ruby-done")[0]), {"jid": job, "args": ["a@example.org", 42, {"k": []}]})

    def test_kiln_schedules_and_ruby_does_it(self):
        self.start("sidekiq", "-r", HERE / "worker.rb", "-q", "mail", "-c", 2, env=self.ruby, log="sidekiq.log")
        self.home.kiln("job", "push", f"{self.url}#mail", "HardWorker", "--in", "1s")
        self.assertIn("HardWorker", self.page.get("/scheduled"))
        eventually(lambda: self.lines("ruby-done"), 60, "Ruby has done it")

    def test_the_page_shows_the_process_and_its_busy_job(self):
        self.flag("hold")
        self.kiln_worker("--concurrency", 3)
        job, = self.push({"class": "SlowBuild", "queue": "builds", "args": ["a-long-argument"]})
        eventually(lambda: job in self.page.get("/busy"), 20, "the job is shown as busy")
        busy = self.page.get("/busy")
        for shown in ("SlowBuild", "a-long-argument", "builds", "kiln"):
            self.assertIn(shown, busy)
        self.flag("hold", False)
        eventually(lambda: self.lines("done") == [job], 20, "it is done")
        eventually(lambda: job not in self.page.get("/busy"), 20, "it is not busy any more")
        self.assertEqual(json.loads(self.page.get("/stats"))["sidekiq"]["processed"], 1)

    def test_the_page_retries_kills_and_brings_back(self):
        self.flag("fail")
        self.kiln_worker()
        job, = self.push({"class": "ColdBuild", "queue": "builds", "args": [7]})
        eventually(lambda: "ColdBuild" in self.page.get("/retries"), 20, "it is to be retried")
        retries = self.page.get("/retries")
        self.assertIn("the oven &lt;is&gt; cold", retries)
        self.assertIn("Kiln::ProgramFailed", retries)
        # "Retry" does it at once, and takes one from the count; it fails again.
        self.page.post(f"/retries/{self.entry('retry')}", "/retries", retry="Retry")
        eventually(lambda: '"retried_at"' in self.cli("ZRANGE", "retry", 0, -1), 20, "it has failed twice")
        # "Kill" puts it among the dead.
        self.page.post(f"/retries/{self.entry('retry')}", "/retries", kill="Kill")
        self.assertNotIn("ColdBuild", self.page.get("/retries"))
        self.assertIn("ColdBuild", self.page.get("/morgue"))
        # "Retry" from there, with what was wrong mended.
        self.flag("fail", False)
        self.page.post(f"/morgue/{self.entry('dead')}", "/morgue", retry="Retry")
        eventually(lambda: self.lines("done") == [job], 20, "it is done at last")
        self.assertEqual(json.loads(self.page.get("/stats"))["sidekiq"]["failed"], 2)

    def entry(self, key):
        """The page's name of the only entry of a sorted set: its score and the job's id."""
        shown = self.page.get({"retry": "/retries", "dead": "/morgue"}[key])
        job = json.loads(self.cli("ZRANGE", key, 0, -1))["jid"]
        return re.search(rf'[0-9.]+-{job}', shown).group()

    def test_a_job_without_retries_is_dead_and_so_is_what_is_no_job(self):
        self.flag("fail")
        self.kiln_worker()
        self.push({"class": "OnceOnly", "queue": "builds", "args": [], "retry": 0})
        self.cli("LPUSH", "queue:builds", "{this is no job")
        eventually(lambda: self.cli("ZCARD", "dead") == "2", 20, "both are dead")
        morgue = self.page.get("/morgue")
        self.assertIn("OnceOnly", morgue)
        self.assertIn("this is no job", morgue)

    def test_the_page_quiets_and_stops_the_process(self):
        worker = self.kiln_worker()
        identity = self.cli("SMEMBERS", "processes")
        self.page.post("/busy", "/busy", identity=identity, quiet="Quiet")
        eventually(lambda: self.cli("HGET", identity, "quiet") == "true", 20, "it is quiet")
        self.push({"class": "Waits", "queue": "builds", "args": []})
        self.page.post("/busy", "/busy", identity=identity, stop="Stop")
        self.assertEqual(worker.wait(30), 0, self.log())
        self.assertEqual(self.lines("done"), [])
        self.assertEqual(self.cli("SCARD", "processes"), "0")

    def test_the_job_of_a_killed_worker_is_done_by_another(self):
        self.flag("hold")
        worker = self.kiln_worker()
        job, = self.push({"class": "Build", "queue": "builds", "args": []})
        eventually(lambda: self.lines("classes"), 20, "it has begun")
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        self.flag("hold", False)
        self.assertEqual(self.cli("LLEN", "queue:builds"), "0")
        self.cli("DEL", "processes")  # the page forgets it when its minute is over
        self.kiln_worker()
        # A minute of silence gives it back; here that minute is over at once.
        self.cli("ZADD", LEASE_KEY, 1, self.cli("ZRANGE", LEASE_KEY, 0, 0))
        eventually(lambda: job in self.lines("done"), 20, "another worker has done it")

    def test_a_restart_of_redis_meanwhile_loses_nothing(self):
        self.flag("hold")
        self.kiln_worker()
        ids = self.push(*({"class": "Build", "queue": "builds", "args": [i]} for i in range(5)))
        eventually(lambda: self.lines("classes"), 20, "the first has begun")
        self.redis.kill()
        self.redis.wait()
        self.flag("hold", False)
        eventually(lambda: "trying again" in self.log(), 20, "the worker has noticed")
        self.start_redis()
        eventually(lambda: set(self.lines("done")) == set(ids), 90, "all are done")
        self.assertEqual(self.cli("LLEN", "queue:builds"), "0")

    def test_a_server_that_is_not_there_is_named(self):
        refused = self.home.kiln("queue", "list", "--server", "redis://127.0.0.1:1/0", code=None)
        self.assertEqual(refused.code, 7, refused)
        self.assertIn("127.0.0.1:1", refused.err)

    def test_messages_of_kilns_go_through_redis(self):
        server = ("--server", self.url)
        self.home.kiln("queue", "create", "replies", *server)
        self.home.kiln("queue", "send", "replies", "hello", *server)
        self.assertIn("Kiln::Message", self.page.get("/queues/replies"))
        self.assertEqual(self.home.kiln("queue", "receive", "replies", "--delete", *server).out, "hello\n")
        self.assertEqual(self.home.json("queue", "show", "replies", *server)["visible"], 0)


if __name__ == "__main__":
    why = unavailable()
    if why:
        print(f"skipped: {why}")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
