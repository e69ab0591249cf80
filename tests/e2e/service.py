"""What the tests of `kiln serve` share: a server that can be killed and started again on the same home."""
import json
import os
import signal
import socket
import subprocess
import unittest

from kiln_e2e import KILN, Home, eventually
from aws_client import Sqs, StepFunctions

SMALL_DISK_BYTES = 96 << 20


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    """`kiln serve` on a home, on a port of its own, which it keeps when it is started again."""

    def __init__(self, home, *arguments, env=None):
        self.home, self.arguments, self.env = home, arguments, env
        self.process = None
        self.port = free_port()
        self.log = home.work / "serve.log"
        self.start()

    @property
    def pid(self):
        return self.process.pid

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [KILN, "serve", "--listen", f"127.0.0.1:{self.port}", *map(str, self.arguments)], cwd=self.home.work,
                env=self.home.environment(self.env), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)
        try:
            eventually(self.ready, 30, "kiln serve is ready")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.said()}") from None

    def ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"kiln serve ended with {self.process.returncode}")
        try:
            document = json.loads((self.home.path / "run/server.json").read_text())
        except (OSError, ValueError):
            return False
        if document["pid"] != self.process.pid:
            return False  # of the one before
        self.url = document["url"]
        return True

    def said(self):
        return self.log.read_text(errors="replace")[-4000:]

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, seconds=30):
        """SIGTERM; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def credentials(self):
        return json.loads(self.home.kiln("credentials", "--format", "json").out)

    def sqs(self, **options):
        return self.client(Sqs, **options)

    def states(self, **options):
        return self.client(StepFunctions, **options)

    def client(self, kind, **options):
        credentials = self.credentials()
        return kind(self.url, credentials["access_key_id"], credentials["secret_access_key"], **options)

    def create_queue(self, name, **attributes):
        """Its URL."""
        return self.sqs().call("CreateQueue", QueueName=name, Attributes=attributes)["QueueUrl"]


class ServiceTest(unittest.TestCase):
    """A test with a home and a server of its own, without bakers."""

    maxDiff = None
    arguments = ("--no-bakery",)
    env = None

    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)
        self.prepare()
        self.service = Service(self.home, *self.arguments, env=self.env)
        self.addCleanup(self.end)

    def prepare(self):
        """What is to be there before the server starts."""

    def end(self):
        if self.service.process.poll() is None:
            self.service.stop()


class SmallDisk:
    """A file system of its own for a home, that can be filled and given room again."""

    def __init__(self, home, size=SMALL_DISK_BYTES):
        self.mount_point = home.work / "small"
        self.mount_point.mkdir()
        disk = home.work / "disk.raw"
        with open(disk, "wb") as file:
            file.truncate(size)
        subprocess.run(["mkfs.ext4", "-q", "-F", disk], check=True)
        subprocess.run(["mount", "-o", "loop", disk, self.mount_point], check=True)
        self.reserve = self.mount_point / "reserve"
        with open(self.reserve, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, size // 4)
        home.path = self.mount_point / "home"

    def make_room(self):
        self.reserve.unlink()

    def unmount(self):
        eventually(lambda: subprocess.run(["umount", self.mount_point], stderr=subprocess.DEVNULL, check=False).returncode
                   == 0, 30, "the small disk is let go of")
