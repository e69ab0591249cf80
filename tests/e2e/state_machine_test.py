"""State machines from outside: the command line makes them and does their tasks, the server is killed in between, and
nothing of an execution is lost."""
import json
import re
import subprocess
import unittest
import urllib.request

import kiln_e2e
from kiln_e2e import KILN, eventually
from service import ServiceTest

PLACE = "us-east-1:000000000000"


def task(resource, **more):
    return {"Type": "Task", "Resource": resource, "End": True, **more}


class StateMachines(ServiceTest):
    def create(self, name, states, start="First", **more):
        path = self.home.work / f"{name}.json"
        path.write_text(json.dumps({"StartAt": start, "States": states, **more}))
        return self.home.kiln("machine", "create", name, path).out.strip()

    def start(self, machine, name, **document):
        return self.home.kiln(
            "execution", "start", machine, "--name", name, "--input", json.dumps(document)).out.strip()

    def show(self, execution):
        return self.home.json("execution", "show", execution)

    def await_status(self, execution, status):
        eventually(lambda: self.show(execution)["status"] == status, 20, f"{execution} is {status}")

    def types(self, execution):
        return [event["type"] for event in self.home.json("execution", "history", execution)]

    def restart(self):
        self.service.kill()
        self.service.start()

    def test_a_task_that_is_taken_before_and_reported_after_a_kill(self):
        activity = self.home.kiln("activity", "create", "approve").out.strip()
        self.assertEqual(activity, f"arn:aws:states:{PLACE}:activity:approve")
        self.create("order", {"First": task(activity)})
        self.start("order", "o-7", id=7)
        taken = self.home.json("task", "take", "approve", "--worker", "mary")
        self.assertEqual(taken["input"], {"id": 7})
        self.restart()
        self.home.kiln("task", "heartbeat", taken["token"])
        self.home.kiln("task", "succeed", taken["token"], "--output", '{"by": "mary"}')
        self.await_status("order:o-7", "SUCCEEDED")
        self.assertEqual(json.loads(self.show("order:o-7")["output"]), {"by": "mary"})
        self.assertEqual(self.types("order:o-7"), [
            "ExecutionStarted", "TaskStateEntered", "ActivityScheduled", "ActivityStarted", "ActivitySucceeded",
            "TaskStateExited", "ExecutionSucceeded"])
        late = self.home.kiln("task", "succeed", taken["token"], code=5)
        self.assertIn("TaskTimedOut", late.err)

    def test_a_machine_that_is_being_deleted_ends_its_executions_also_after_a_kill(self):
        activity = self.home.kiln("activity", "create", "last").out.strip()
        machine = self.create("old", {"First": {"Type": "Task", "Resource": activity, "Next": "Long"},
                                      "Long": {"Type": "Wait", "Seconds": 3600, "End": True}})
        self.start("old", "o-1")
        taken = self.home.json("task", "take", "last")
        self.service.states().call("DeleteStateMachine", stateMachineArn=machine)
        self.restart()
        self.home.kiln("task", "succeed", taken["token"])
        self.await_status(f"arn:aws:states:{PLACE}:execution:old:o-1", "ABORTED")

    def test_a_task_that_waits_is_taken_after_a_kill(self):
        activity = self.home.kiln("activity", "create", "pack").out.strip()
        self.create("ship", {"First": task(activity)})
        self.start("ship", "s-1", box=1)
        self.restart()
        taken = self.home.json("task", "take", "pack")
        self.home.kiln("task", "fail", taken["token"], "--error", "Broken", "--cause", "glass")
        self.await_status("ship:s-1", "FAILED")
        self.assertEqual(self.show("ship:s-1")["error"], "Broken")
        self.home.kiln("execution", "redrive", "ship:s-1")
        again = self.home.json("task", "take", "pack")
        self.home.kiln("task", "succeed", again["token"])
        self.await_status("ship:s-1", "SUCCEEDED")

    def test_a_wait_ends_although_the_server_was_away(self):
        self.create("later", {"First": {"Type": "Wait", "Seconds": 2, "End": True}})
        self.start("later", "l-1")
        self.restart()
        self.await_status("later:l-1", "SUCCEEDED")

    def test_a_nested_execution_is_started_once_over_a_kill(self):
        activity = self.home.kiln("activity", "create", "inner").out.strip()
        child = self.create("child", {"First": task(activity)})
        self.create("parent", {"First": task(
            "arn:aws:states:::states:startExecution.sync:2",
            Parameters={"StateMachineArn": child, "Input": {"a": 1}})})
        self.start("parent", "p-1")
        eventually(lambda: self.home.json("execution", "list", "child"), 20, "the child is started")
        self.restart()
        taken = self.home.json("task", "take", "inner")
        self.home.kiln("task", "succeed", taken["token"], "--output", '{"b": 2}')
        self.await_status("parent:p-1", "SUCCEEDED")
        self.assertEqual(json.loads(self.show("parent:p-1")["output"])["Output"], {"b": 2})
        self.assertEqual(len(self.home.json("execution", "list", "child")), 1)

    def test_a_stopped_parent_stops_its_child(self):
        child = self.create("child", {"First": {"Type": "Wait", "Seconds": 600, "End": True}})
        self.create("parent", {"First": task(
            "arn:aws:states:::states:startExecution.sync", Parameters={"StateMachineArn": child})})
        self.start("parent", "p-1")
        eventually(lambda: "TaskSubmitted" in self.types("parent:p-1"), 20, "the child is started")
        self.home.kiln("execution", "stop", "parent:p-1", "--cause", "enough")
        name = self.home.json("execution", "list", "child")[0]["name"]
        self.await_status(f"child:{name}", "ABORTED")

    def test_a_message_carries_the_token_of_its_task(self):
        url = self.service.create_queue("work")
        self.create("ask", {"First": task(
            "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            Parameters={"QueueUrl": url, "MessageBody": {"token.$": "$$.Task.Token"}})})
        self.start("ask", "a-1")
        message = self.home.json("queue", "receive", "work", "--wait", "10s", "--delete")[0]
        self.restart()
        self.home.kiln("task", "succeed", json.loads(message["body"])["token"], "--output", '"done"')
        self.await_status("ask:a-1", "SUCCEEDED")
        self.assertEqual(self.show("ask:a-1")["output"], '"done"')

    def test_items_of_a_folder_are_mapped_and_the_results_written(self):
        (self.home.work / "items").mkdir()
        (self.home.work / "items/in.csv").write_text("n\n1\n2\n3\n")
        bucket = f"file://{self.home.work}/items"
        self.create("each", {"First": {
            "Type": "Map", "End": True,
            "ItemReader": {"Resource": "arn:aws:states:::s3:getObject",
                           "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
                           "Parameters": {"Bucket": bucket, "Key": "in.csv"}},
            "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject",
                             "Parameters": {"Bucket": bucket, "Prefix": "out"}},
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                              "StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}}})
        done = json.loads(self.home.kiln("execution", "start", "each", "--wait").out)
        details = done["ResultWriterDetails"]
        self.assertEqual(details["Bucket"], bucket)
        manifest = json.loads((self.home.work / "items" / details["Key"]).read_text())
        result = manifest["ResultFiles"]["SUCCEEDED"][0]["Key"]
        results = json.loads((self.home.work / "items" / result).read_text())
        self.assertEqual([json.loads(one["Output"]) for one in results], [{"n": "1"}, {"n": "2"}, {"n": "3"}])

    @property
    def env(self):
        return {"KILN_ENGINE_ITEM_FOLDERS": f"{self.home.work}/items"}

    def test_polls_do_not_hold_up_the_servers_end(self):
        self.home.kiln("activity", "create", "idle")
        poll = self.home.start("task", "take", "idle")
        try:
            eventually(lambda: self.parked() > 0, 20, "the poll is parked")
            self.assertEqual(self.service.stop(10), 0)
        finally:
            poll.kill()
            poll.communicate()

    def parked(self):
        """Requests that wait for their answers."""
        token = self.service.credentials()["token"]
        request = urllib.request.Request(self.service.url + "/metrics", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read().decode()
        return int(re.search(r"^kiln_http_parked_requests (\d+)$", text, re.MULTILINE).group(1))


class Expressions(unittest.TestCase):
    def evaluate(self, *arguments, document=""):
        return subprocess.run([KILN, "eval", *arguments], input=document, capture_output=True, text=True, check=False)

    def test_an_expression_is_evaluated_on_stdin(self):
        done = self.evaluate("$sum(n)", document='{"n": [1, 2.5]}')
        self.assertEqual((done.returncode, done.stdout), (0, "3.5\n"))

    def test_bindings_are_variables(self):
        done = self.evaluate("--bindings", '{"a": {"b": 1}}', "--language", "jsonpath", "$a.b")
        self.assertEqual((done.returncode, done.stdout), (0, "1\n"))

    def test_no_value_prints_nothing(self):
        done = self.evaluate("nothing", document="{}")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_an_error_is_told_with_its_code(self):
        done = self.evaluate("1 + 'a'")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertTrue(done.stderr.startswith("T2002: "), done.stderr)


if __name__ == "__main__":
    kiln_e2e.main()
