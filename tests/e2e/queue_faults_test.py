"""The queue's promises under kill -9, SIGSTOP, a full disk and a damaged store: what was answered holds.

Clients write down each request and its answer; a checker reads that afterwards. The seed is printed."""
import collections
import os
import random
import signal
import sqlite3
import threading
import time
import uuid
from pathlib import Path

import kiln_e2e
from kiln_e2e import eventually
from service import ServiceTest, SmallDisk
from aws_client import Refused, Unanswered

ROUNDS = int(os.environ.get("KILN_FAULT_ROUNDS", "200"))
SEED = int(os.environ.get("KILN_FAULT_SEED", "1"))
CLIENTS = 4
VISIBILITY_SECONDS = 2


class Record:
    """What the clients asked for and what they were told. One lock: it is a notebook, not a benchmark."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent = {}  # body -> True: answered 200, False: not answered
        self.deleted = {}  # body -> when its deletion was answered 200
        self.deletion_begun = set()
        self.received = collections.Counter()
        self.came_back = []

    def note_received(self, body, asked):
        with self.lock:
            self.received[body] += 1
            # Asked for after the deletion was answered: it must not come back.
            if body in self.deleted and self.deleted[body] < asked:
                self.came_back.append(body)


class Client(threading.Thread):
    """Sends, receives and deletes at random until it is told to stop or the server is gone."""

    def __init__(self, connect, queue, record, seed):
        super().__init__(daemon=True)
        self.connect, self.queue, self.record = connect, queue, record
        self.random = random.Random(seed)
        self.stopping = threading.Event()

    def run(self):
        sqs = self.connect()
        try:
            while not self.stopping.is_set():
                self.random.choice((self.send, self.take))(sqs)
        except Unanswered:
            pass  # the server was killed
        finally:
            sqs.close()

    def send(self, sqs):
        bodies = [f"{uuid.UUID(int=self.random.getrandbits(128))}" for _ in range(self.random.randint(1, 10))]
        with self.record.lock:
            self.record.sent.update(dict.fromkeys(bodies, False))
        answer = sqs.call("SendMessageBatch", QueueUrl=self.queue,
                          Entries=[{"Id": str(i), "MessageBody": body} for i, body in enumerate(bodies)])
        with self.record.lock:
            self.record.sent.update({bodies[int(entry["Id"])]: True for entry in answer.get("Successful", [])})

    def take(self, sqs):
        asked = time.monotonic()
        messages = sqs.call("ReceiveMessage", QueueUrl=self.queue, MaxNumberOfMessages=10,
                            VisibilityTimeout=VISIBILITY_SECONDS).get("Messages", [])
        for message in messages:
            self.record.note_received(message["Body"], asked)
        for message in self.random.sample(messages, k=self.random.randint(0, len(messages))):
            with self.record.lock:
                self.record.deletion_begun.add(message["Body"])
            sqs.call("DeleteMessage", QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
            with self.record.lock:
                self.record.deleted[message["Body"]] = time.monotonic()


class QueueTest(ServiceTest):
    def load(self, record, seed):
        clients = [Client(self.service.sqs, self.queue, record, f"{seed}/{number}") for number in range(CLIENTS)]
        for client in clients:
            client.start()
        return clients

    def drain(self, record):
        """Receives and deletes everything there is, leases that still run included."""
        sqs = self.service.sqs()
        empty_since = None
        while empty_since is None or time.monotonic() - empty_since < VISIBILITY_SECONDS + 1:
            asked = time.monotonic()
            messages = sqs.call("ReceiveMessage", QueueUrl=self.queue, MaxNumberOfMessages=10, WaitTimeSeconds=1,
                                VisibilityTimeout=30).get("Messages", [])
            for message in messages:
                record.note_received(message["Body"], asked)
                sqs.call("DeleteMessage", QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
            if messages:
                empty_since = None
            elif empty_since is None:
                empty_since = time.monotonic()

    def check(self, record):
        answered = {body for body, ok in record.sent.items() if ok}
        lost = answered - set(record.received)
        self.assertEqual(lost, set(), f"{len(lost)} of {len(answered)} answered messages are lost")
        self.assertEqual(set(record.received) - set(record.sent), set(), "messages that nobody sent")
        self.assertEqual(record.came_back, [], "deleted messages that came back")
        self.assertGreater(len(answered), 0)


class QueueFaults(QueueTest):
    def test_kill_at_random_instants_loses_nothing(self):
        print(f"seed {SEED}, {ROUNDS} rounds", flush=True)
        chance = random.Random(SEED)
        self.queue = self.service.create_queue("load")
        record = Record()
        for number in range(ROUNDS):
            clients = self.load(record, f"{SEED}/{number}")
            time.sleep(chance.uniform(0.02, 0.3))  # the instant of the kill is what is tried here
            self.service.kill()
            for client in clients:
                client.join(30)
                self.assertFalse(client.is_alive())
            self.service.start()
        self.drain(record)
        self.check(record)
        print(f"{len(record.sent)} sent, {sum(record.sent.values())} answered, {len(record.deleted)} deleted, "
              f"{sum(record.received.values()) - len(record.received)} delivered again", flush=True)

    def test_a_lease_outlives_a_kill(self):
        self.queue = self.service.create_queue("lease")
        sqs = self.service.sqs()
        sqs.call("SendMessage", QueueUrl=self.queue, MessageBody="held")
        message = sqs.call("ReceiveMessage", QueueUrl=self.queue, VisibilityTimeout=600)["Messages"][0]
        self.service.kill()
        self.service.start()
        sqs = self.service.sqs()
        self.assertNotIn("Messages", sqs.call("ReceiveMessage", QueueUrl=self.queue, WaitTimeSeconds=1))
        sqs.call("DeleteMessage", QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])

    def test_a_worker_that_was_stopped_past_its_lease_is_refused(self):
        """The late worker's answer: its receipt extends nothing and, in a FIFO queue, deletes nothing."""
        self.queue = self.service.create_queue("late.fifo", FifoQueue="true")
        sqs = self.service.sqs()
        sqs.call("SendMessage", QueueUrl=self.queue, MessageBody="work", MessageGroupId="g", MessageDeduplicationId="d")
        late = sqs.call("ReceiveMessage", QueueUrl=self.queue, VisibilityTimeout=1)["Messages"][0]
        os.kill(self.service.pid, signal.SIGSTOP)
        time.sleep(1.5)  # longer than the lease
        os.kill(self.service.pid, signal.SIGCONT)
        again = sqs.call("ReceiveMessage", QueueUrl=self.queue, VisibilityTimeout=60, WaitTimeSeconds=5)["Messages"][0]
        self.assertEqual(again["MessageId"], late["MessageId"])
        for operation, more in (("ChangeMessageVisibility", {"VisibilityTimeout": 60}), ("DeleteMessage", {})):
            with self.assertRaises(Refused):
                sqs.call(operation, QueueUrl=self.queue, ReceiptHandle=late["ReceiptHandle"], **more)
        sqs.call("DeleteMessage", QueueUrl=self.queue, ReceiptHandle=again["ReceiptHandle"])



class FullDisk(QueueTest):
    def prepare(self):
        self.disk = SmallDisk(self.home)
        self.addCleanup(self.disk.unmount)

    def test_a_full_disk_loses_nothing_that_was_answered(self):
        self.queue = self.service.create_queue("full")
        record = Record()
        sqs = self.service.sqs()
        filler = "x" * (200 << 10)
        refused = None
        for number in range(4000):
            body = f"{number}:{filler}"
            record.sent[body] = False
            try:
                sqs.call("SendMessage", QueueUrl=self.queue, MessageBody=body)
                record.sent[body] = True
            except Refused as error:
                refused = error
                break
        self.assertIsNotNone(refused, "the disk never ran full")
        self.assertGreaterEqual(refused.status, 500, refused)
        self.disk.make_room()
        eventually(lambda: self.sends(sqs), 30, "the service takes messages again")
        self.drain(record)
        record.received.pop("again", None)
        self.check(record)

    def sends(self, sqs):
        try:
            sqs.call("SendMessage", QueueUrl=self.queue, MessageBody="again")
            return True
        except Refused:
            return False


class DamagedStore(QueueTest):
    def test_a_damaged_page_is_refused_at_the_next_start_with_what_to_do(self):
        self.queue = self.service.create_queue("damaged")
        sqs = self.service.sqs()
        for number in range(200):
            sqs.call("SendMessage", QueueUrl=self.queue, MessageBody=f"{number}" * 100)
        self.service.kill()  # after an unclean end the next start looks at all of the store
        with sqlite3.connect(self.home.database()) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        page = 4096 * random.Random(SEED).randrange(1, self.home.database().stat().st_size // 4096)
        with open(self.home.database(), "r+b") as file:
            file.seek(page)
            kind = file.read(1)[0]
            file.seek(page)
            file.write(bytes([kind ^ 0xFF]))
        refused = self.home.kiln("serve", "--listen", "127.0.0.1:0", code=1)
        self.assertRegex(refused.err, "damaged|malformed")
        self.assertIn("backup", refused.err)


class ClockSet(QueueTest):
    """The machine's clock is set an hour forward and back under a running server."""

    def prepare(self):
        self.clock = self.home.work / "clock"
        self.set_clock(0)
        found = sorted(Path("/usr/lib").rglob("libfaketimeMT.so.1"))
        if not found:
            self.skipTest("libfaketime is not installed")
        self.env = {"LD_PRELOAD": str(found[0]), "FAKETIME_TIMESTAMP_FILE": str(self.clock), "FAKETIME_NO_CACHE": "1",
                    "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def set_clock(self, seconds):
        self.clock.write_text(f"{seconds:+d}s\n")
        self.skew = seconds

    def call(self, operation, **arguments):
        return self.service.sqs(skew_seconds=self.skew).call(operation, QueueUrl=self.queue, **arguments)

    def test_leases_and_delays_do_not_move_with_the_clock(self):
        self.queue = self.service.create_queue("clock")
        self.call("SendMessage", MessageBody="held")
        held = self.call("ReceiveMessage", VisibilityTimeout=900)["Messages"][0]
        for seconds in (3600, -3600, 0):
            with self.subTest(seconds=seconds):
                self.set_clock(seconds)
                self.assertNotIn("Messages", self.call("ReceiveMessage"), "the lease ran out with the clock")
                self.call("SendMessage", MessageBody="delayed", DelaySeconds=1)
                self.assertNotIn("Messages", self.call("ReceiveMessage"), "the delay ran out with the clock")
                delayed = self.call("ReceiveMessage", WaitTimeSeconds=10)["Messages"][0]
                self.assertEqual(delayed["Body"], "delayed")
                self.call("DeleteMessage", ReceiptHandle=delayed["ReceiptHandle"])
        self.call("DeleteMessage", ReceiptHandle=held["ReceiptHandle"])


if __name__ == "__main__":
    kiln_e2e.main()
