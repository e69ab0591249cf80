"""What the engine of state machines promises under kill -9, and to late workers: what was answered holds.

Clients start executions and do their tasks at random; a checker reads the histories afterwards. The seed is printed."""
import collections
import json
import os
import random
import signal
import threading
import time
import uuid

import kiln_e2e
from aws_client import Refused, Unanswered
from kiln_e2e import eventually
from service import ServiceTest

ROUNDS = int(os.environ.get("KILN_FAULT_ROUNDS", "200"))
SEED = int(os.environ.get("KILN_FAULT_SEED", "1"))
ROLE = "arn:aws:iam::000000000000:role/test"
TASK_SECONDS = 5  # what a killed client, or server, had of a task is given out again after it
TERMINAL = {"ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"}


def machine(activity):
    """A task, a wait, two branches, one of them with a task, and a Map. A task that fails, or that nobody reports, is tried again."""
    task = {"Type": "Task", "Resource": activity, "TimeoutSeconds": TASK_SECONDS,
            "Retry": [{"ErrorEquals": ["Again", "States.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 100}]}
    return {"StartAt": "First", "States": {
        "First": {**task, "Next": "Wait"},
        "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Both"},
        "Both": {"Type": "Parallel", "Next": "Each", "Branches": [
            {"StartAt": "Quick", "States": {"Quick": {"Type": "Pass", "End": True}}},
            {"StartAt": "Slow", "States": {"Slow": {**task, "End": True}}}]},
        "Each": {"Type": "Map", "ItemsPath": "$", "End": True, "ItemProcessor": {
            "StartAt": "Item", "States": {"Item": {"Type": "Pass", "End": True}}}}}}


class Record:
    def __init__(self):
        self.lock = threading.Lock()
        self.started = {}  # name -> ARN when answered 200, None: not answered
        self.reported = []  # tokens whose success was answered 200


class Client(threading.Thread):
    """Starts executions and does tasks at random until it is told to stop or the server is gone."""

    def __init__(self, connect, test, record, seed):
        super().__init__(daemon=True)
        self.connect, self.test, self.record = connect, test, record
        self.random = random.Random(seed)
        self.stopping = threading.Event()

    def run(self):
        states = self.connect()
        try:
            while not self.stopping.is_set():
                self.random.choice((self.start_one, self.work, self.work, self.work))(states)
        except Unanswered:
            pass  # the server was killed
        finally:
            states.close()

    def start_one(self, states):
        name = str(uuid.UUID(int=self.random.getrandbits(128)))
        with self.record.lock:
            self.record.started[name] = None
        answer = states.call("StartExecution", stateMachineArn=self.test.machine, name=name, input='{"a": 1}')
        with self.record.lock:
            self.record.started[name] = answer["executionArn"]

    def work(self, states):
        work(states, self.test.activity, self.record, self.random)


def work(states, activity, record, chance):
    """Takes a task if there is one soon. @returns  whether there was"""
    token = states.call("GetActivityTask", activityArn=activity).get("taskToken")
    if not token:
        return False
    try:
        if chance.random() < 0.1:
            states.call("SendTaskFailure", taskToken=token, error="Again", cause="by chance")
        else:
            states.call("SendTaskSuccess", taskToken=token, output='{"done": true}')
            with record.lock:
                record.reported.append(token)
    except Refused as refusal:
        if refusal.name not in ("TaskTimedOut", "TaskDoesNotExist"):
            raise
    return True


class FlowTest(ServiceTest):
    def setUp(self):
        super().setUp()
        states = self.service.states()
        self.activity = states.call("CreateActivity", name="work")["activityArn"]
        self.machine = states.call("CreateStateMachine", name="load", roleArn=ROLE,
                                   definition=json.dumps(machine(self.activity)))["stateMachineArn"]

    def history(self, states, arn):
        events, token = [], {}
        while True:
            page = states.call("GetExecutionHistory", executionArn=arn, maxResults=1000, **token)
            events += page["events"]
            if not page.get("nextToken"):
                return events
            token = {"nextToken": page["nextToken"]}

    def running(self, states):
        return states.call("ListExecutions", stateMachineArn=self.machine, statusFilter="RUNNING")["executions"]

    def check_history(self, arn, events):
        self.assertEqual([event["id"] for event in events], list(range(1, len(events) + 1)), arn)
        self.assertTrue(all(event["previousEventId"] < event["id"] for event in events), arn)
        self.assertEqual([event["type"] for event in events if event["type"] in TERMINAL], ["ExecutionSucceeded"], arn)
        self.assertEqual(events[-1]["type"], "ExecutionSucceeded", arn)
        exits = collections.Counter(event["stateExitedEventDetails"]["name"] for event in events
                                    if event["type"].endswith("StateExited"))
        self.assertEqual(exits, {"First": 1, "Wait": 1, "Both": 1, "Quick": 1, "Slow": 1, "Each": 1, "Item": 2}, arn)


class FlowFaults(FlowTest):
    def test_kill_at_random_instants_loses_nothing_and_does_nothing_twice(self):
        print(f"seed {SEED}, {ROUNDS} rounds", flush=True)
        chance = random.Random(SEED)
        record = Record()
        for number in range(ROUNDS):
            clients = [Client(self.service.states, self, record, f"{SEED}/{number}/{lane}") for lane in range(3)]
            for client in clients:
                client.start()
            time.sleep(chance.uniform(0.05, 0.4))  # the instant of the kill is what is tried here
            self.service.kill()
            for client in clients:
                client.join(30)
                self.assertFalse(client.is_alive())
            self.service.start()
        self.finish(record, chance)
        self.check(record)

    def finish(self, record, chance):
        """Workers go on until nothing runs any more."""
        stopping = threading.Event()

        def go_on():
            states = self.service.states(timeout=90)
            while not stopping.is_set():
                work(states, self.activity, record, random.Random(chance.random()))

        workers = [threading.Thread(target=go_on, daemon=True) for _ in range(4)]
        for worker in workers:
            worker.start()
        states = self.service.states()
        eventually(lambda: not self.running(states), 300, "all executions have ended")
        stopping.set()

    def check(self, record):
        states = self.service.states()
        answered = {name: arn for name, arn in record.started.items() if arn}
        self.assertGreater(len(answered), 0)
        for name, arn in record.started.items():
            known = arn or self.machine.replace(":stateMachine:", ":execution:") + ":" + name
            try:
                found = states.call("DescribeExecution", executionArn=known)
            except Refused as refusal:
                self.assertIsNone(arn, f"{name} was answered and is lost: {refusal}")
                continue
            self.assertEqual(found["status"], "SUCCEEDED", known)
            self.check_history(known, self.history(states, known))
        for token in random.Random(SEED).sample(record.reported, min(50, len(record.reported))):
            with self.assertRaises(Refused) as again:
                states.call("SendTaskSuccess", taskToken=token, output="{}")
            self.assertIn(again.exception.name, ("TaskTimedOut", "TaskDoesNotExist"))
        print(f"{len(record.started)} started, {len(answered)} answered, {len(record.reported)} tasks reported", flush=True)

    def test_a_name_stays_idempotent_across_a_kill(self):
        states = self.service.states()
        first = states.call("StartExecution", stateMachineArn=self.machine, name="once", input='{"n": 1}')
        self.service.kill()
        self.service.start()
        states = self.service.states()
        again = states.call("StartExecution", stateMachineArn=self.machine, name="once", input='{"n": 1}')
        self.assertEqual((again["executionArn"], again["startDate"]), (first["executionArn"], first["startDate"]))
        with self.assertRaises(Refused) as other:
            states.call("StartExecution", stateMachineArn=self.machine, name="once", input='{"n": 2}')
        self.assertEqual(other.exception.name, "ExecutionAlreadyExists")

    def test_a_worker_that_was_stopped_past_its_time_is_refused(self):
        states = self.service.states()
        definition = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": self.activity, "TimeoutSeconds": 1,
                                                       "End": True}}}
        late = states.call("CreateStateMachine", name="late", roleArn=ROLE, definition=json.dumps(definition))
        execution = states.call("StartExecution", stateMachineArn=late["stateMachineArn"])["executionArn"]
        token = states.call("GetActivityTask", activityArn=self.activity)["taskToken"]
        os.kill(self.service.pid, signal.SIGSTOP)
        time.sleep(1.5)  # longer than the task's time
        os.kill(self.service.pid, signal.SIGCONT)
        states = self.service.states()
        eventually(lambda: states.call("DescribeExecution", executionArn=execution)["status"] == "FAILED", 20,
                   "the task's time is over")
        with self.assertRaises(Refused) as refused:
            states.call("SendTaskSuccess", taskToken=token, output="{}")
        self.assertIn(refused.exception.name, ("TaskTimedOut", "TaskDoesNotExist"))


if __name__ == "__main__":
    kiln_e2e.main()
