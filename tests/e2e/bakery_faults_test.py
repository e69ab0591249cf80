"""Server, bakers and clients are killed at random instants while bakes are asked for; in the end every request that
was accepted has its image and one END, its replies have no gap, and nothing is left behind."""
import collections
import json
import os
import random
import subprocess
import time

import kiln_e2e
from kiln_e2e import KILN, KilnTest, eventually
from service import Service
from aws_client import Refused, Unanswered

ROUNDS = int(os.environ.get("KILN_FAULT_ROUNDS", "200"))
SEED = int(os.environ.get("KILN_FAULT_SEED", "1"))
BAKERS = 2
MOST_UNDER_WAY = 6
END_SECONDS = int(os.environ.get("KILN_FAULT_END", "240"))
# A request whose bakers die again and again is a dead letter after a few times. Here they die for another reason.
SETTINGS = {"KILN_BAKERY_MAX_RECEIVES": "900"}


class Baker:
    """`kiln worker` in a process of its own."""

    def __init__(self, home, number):
        self.home = home
        self.log = home.work / f"worker-{number}.log"
        self.start()

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [KILN, "worker", "--queue", "bakes", "--concurrency", "1"], cwd=self.home.work,
                env=self.home.environment(SETTINGS), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def said(self):
        return self.log.read_text(errors="replace")[-2000:]


class Replies:
    """What came back of each request, by its name."""

    def __init__(self):
        self.events = collections.defaultdict(dict)  # bake -> (attempt, sequence) -> event
        self.names = {}  # bake -> name

    def take(self, message):
        event = json.loads(message["Body"])
        attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
        key = (int(attributes["attempt"]), event["sequence"])
        known = self.events[event["bake"]].setdefault(key, event)
        assert known["category"] == event["category"], f"two replies of one number: {known} and {event}"
        if event["category"] == "ACCEPTED":
            self.names[event["bake"]] = event["data"]["request"]["name"]

    def ended(self):
        return {self.names.get(bake) for bake, events in self.events.items()
                if any(event["final"] for event in events.values())}


class BakeryFaults(KilnTest):
    def setUp(self):
        super().setUp()
        self.service = Service(self.home, "--no-bakery", env=SETTINGS)
        self.bakers = [Baker(self.home, number) for number in range(BAKERS)]
        self.addCleanup(self.end)
        self.replies = Replies()
        self.accepted = set()
        self.clients = []

    def end(self):
        for baker in self.bakers:
            baker.process.terminate()
        for baker in self.bakers:
            baker.process.wait(60)
        self.service.stop()

    def submit(self, name):
        """By the queue; whether it was accepted is not known when the server dies under it."""
        request = {"name": name, "parent": {"name": "base"}, "bootstrap": {"commands": [f"echo {name} >/name"]},
                   "checkpoints": False, "reply_to": "replies", "deadline_seconds": 600}
        try:
            self.sqs.call("SendMessage", QueueUrl=self.requests, MessageBody=json.dumps(request))
            self.accepted.add(name)
        except (Unanswered, Refused):
            self.connect()

    def connect(self):
        self.sqs = self.service.sqs()

    def read_replies(self, wait=0):
        try:
            messages = self.sqs.call("ReceiveMessage", QueueUrl=self.reply_queue, MaxNumberOfMessages=10,
                                     MessageAttributeNames=["All"], WaitTimeSeconds=wait).get("Messages", [])
            for message in messages:
                self.replies.take(message)
                self.sqs.call("DeleteMessage", QueueUrl=self.reply_queue, ReceiptHandle=message["ReceiptHandle"])
            return len(messages)
        except (Unanswered, Refused):
            self.connect()
            return 0

    def start_client(self, name):
        path = self.home.request(name, [f"echo {name} >/name"], checkpoints=False)
        self.clients.append(self.home.start("bake", "submit", path, "--wait"))

    def kill_something(self, chance):
        victim = chance.choice(["server", "baker", "baker", "client"])
        if victim == "server":
            self.service.kill()
            self.service.start()
            self.connect()
        elif victim == "baker":
            baker = chance.choice(self.bakers)
            baker.kill()
            baker.start()
        else:
            for client in self.clients:
                client.kill()
                client.communicate()
            self.clients = []

    def test_random_kills_lose_no_request_and_no_reply(self):
        print(f"seed {SEED}, {ROUNDS} rounds", flush=True)
        chance = random.Random(SEED)
        self.connect()
        self.requests = self.service.url + "/" + self.sqs.call("GetQueueUrl", QueueName="bakes")["QueueUrl"].split("/", 3)[3]
        self.reply_queue = self.service.create_queue("replies")
        for number in range(ROUNDS):
            if len(self.accepted) - len(self.replies.ended() & self.accepted) < MOST_UNDER_WAY:
                self.submit(f"queued-{number}")
            if number % 10 == 0:
                self.start_client(f"client-{number}")
            deadline = time.monotonic() + chance.uniform(0.05, 0.5)  # the instant of the kill is what is tried
            while time.monotonic() < deadline:
                self.read_replies()
            self.kill_something(chance)
        for client in self.clients:
            client.communicate(timeout=END_SECONDS)
        try:
            eventually(self.all_ended, END_SECONDS, "every accepted request ends")
        except AssertionError as error:
            raise AssertionError(f"{error}: {sorted(self.accepted - self.replies.ended())}\n{self.state()}") from None
        self.check()

    def state(self):
        return "\n".join([self.home.kiln("bake", "list").out, self.home.kiln("queue", "list").out, self.service.said(),
                          *(baker.said() for baker in self.bakers)])

    def all_ended(self):
        self.read_replies(wait=1)
        return self.accepted <= self.replies.ended()

    def check(self):
        names = collections.Counter(self.replies.names.values())
        images = set(self.home.image_names())
        for bake, events in self.replies.events.items():
            name = self.replies.names[bake]
            last = max(attempt for attempt, _ in events)
            numbers = sorted(sequence for attempt, sequence in events if attempt == last)
            self.assertEqual(numbers, list(range(1, len(numbers) + 1)), f"{name}: a gap in {numbers}")
            finals = [key for key, event in events.items() if event["final"]]
            self.assertEqual(finals, [(last, len(numbers))], name)
            self.assertEqual(events[finals[0]]["data"]["state"], "succeeded", f"{name}: {events[finals[0]]}")
            self.assertIn(name, images)
        self.assertEqual({name: count for name, count in names.items() if count > 1}, {}, "requests that ran as two bakes")
        print(f"{len(self.accepted)} accepted, {sum(max(a for a, _ in e) > 1 for e in self.replies.events.values())} of "
              f"them in more than one attempt", flush=True)
        self.end()
        self.home.kiln("gc")
        self.assert_nothing_left()
        self.assert_images_whole()


if __name__ == "__main__":
    kiln_e2e.main()
