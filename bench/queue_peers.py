"""The queues that kiln's is measured beside: each sends and processes messages that are on disk before the answer."""
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from measure import Failed

HERE = Path(__file__).resolve().parent / "peers"
PYTHON = "/usr/bin/python3"  # the one that Debian's packages are for
START_SECONDS = 60
RUN_SECONDS = 300
SENDERS = 10


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    """A server or worker of the measurement, in a process group of its own, with its output in a file."""

    def __init__(self, name, arguments, folder, env=None):
        self.name = name
        self.output = folder / f"{name}.out"
        with open(self.output, "wb") as out:
            self.process = subprocess.Popen([str(a) for a in arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=subprocess.STDOUT, env={**os.environ, **(env or {})},
                                            start_new_session=True)

    def wait_until(self, ready, seconds=START_SECONDS):
        deadline = time.monotonic() + seconds
        while not ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Failed(f"{self.name} did not start:\n{self.output.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)

    def stop(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
                self.process.wait(20)
                return
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue


def answers(port):
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class PeerQueue:
    """Messages a second from the first send to the last one processed, sender and worker at the same time."""

    name = ""

    def __init__(self, folder):
        self.folder = folder / type(self).__name__.lower()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.done = self.folder / "done"
        self.services = []

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for service in reversed(self.services):
            service.stop()

    def service(self, *arguments):
        self.services.append(Service(*arguments))
        return self.services[-1]

    def processed(self):
        return self.done.stat().st_size if self.done.exists() else 0

    def measure(self, count, size):
        before = self.processed()
        begun = time.perf_counter()
        sender = subprocess.run(self.sending(count, size), env={**os.environ, **self.env}, stdin=subprocess.DEVNULL,
                                capture_output=True, check=False)
        if sender.returncode != 0:
            raise Failed(f"{self.name}: {sender.stderr.decode(errors='replace')[-2000:]}")
        deadline = time.monotonic() + RUN_SECONDS
        while self.processed() < before + count:
            if time.monotonic() > deadline:
                raise Failed(f"{self.name}: {self.processed() - before} of {count} processed in {RUN_SECONDS} s")
            time.sleep(0.005)
        return count / (time.perf_counter() - begun)


class Sidekiq(PeerQueue):
    name = "Sidekiq on Redis, appendfsync always"
    threads = 10

    def start_redis(self):
        port = free_port()
        self.env = {"BENCH_REDIS": f"redis://127.0.0.1:{port}/0", "BENCH_DONE": str(self.done)}
        redis = self.service("redis", ["redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", self.folder,
                                       "--appendonly", "yes", "--appendfsync", "always", "--save", ""], self.folder)
        redis.wait_until(lambda: answers(port))

    def start(self):
        self.start_redis()
        self.service("sidekiq", ["sidekiq", "-r", HERE / "sidekiq_job.rb", "-c", self.threads], self.folder, self.env)

    def sending(self, count, size):
        return ["ruby", HERE / "sidekiq_send.rb", str(count), str(size), "1", str(SENDERS)]


class KilnOnRedis(Sidekiq):
    """kiln's driver on a Redis that is set like Sidekiq's, in place of Ruby's senders and workers."""

    name = "kiln's jobs on Redis, appendfsync always"

    def __init__(self, folder, program):
        super().__init__(folder)
        self.program = program

    def start(self):
        self.start_redis()

    def measure(self, count, size):
        words = [self.program, self.env["BENCH_REDIS"], count, size, SENDERS, self.threads]
        done = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if done.returncode != 0:
            raise Failed(f"redis_load: {done.stderr.decode(errors='replace')}")
        return json.loads(done.stdout)["per_second"]


class Celery(PeerQueue):
    name = "Celery on RabbitMQ, durable, confirmed"

    def start(self):
        port, distribution, self.epmd = free_port(), free_port(), str(free_port())
        self.env = {"BENCH_AMQP": f"amqp://guest:guest@127.0.0.1:{port}//", "BENCH_DONE": str(self.done)}
        node = {"RABBITMQ_NODENAME": f"bench{os.getpid()}@localhost", "RABBITMQ_NODE_PORT": str(port),
                "RABBITMQ_DIST_PORT": str(distribution), "ERL_EPMD_PORT": self.epmd, "HOME": str(self.folder),
                "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "ERL_EPMD_ADDRESS": "127.0.0.1",
                "RABBITMQ_MNESIA_BASE": str(self.folder / "db"), "RABBITMQ_LOG_BASE": str(self.folder / "log"),
                "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins")}
        rabbit = self.service("rabbitmq", ["/usr/lib/rabbitmq/bin/rabbitmq-server"], self.folder, node)
        rabbit.wait_until(lambda: answers(port))
        self.service("celery", [PYTHON, "-m", "celery", "-A", "celery_job", "--workdir", HERE, "worker", "--loglevel",
                                "WARNING", "--without-gossip", "--without-mingle"], self.folder, self.env)

    def __exit__(self, *_):
        super().__exit__()
        # Erlang's port mapper is a daemon of its own.
        subprocess.run(["epmd", "-port", self.epmd, "-kill"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       check=False)

    def sending(self, count, size):
        return [PYTHON, str(HERE / "celery_job.py"), str(count), str(size), "4"]
