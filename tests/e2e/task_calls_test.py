"""Tasks of state machines that call functions, HTTP endpoints and the bakery: what is answered, what fails and how, and
what becomes of a call when the server dies in the middle of it."""
import base64
import json
import subprocess
import urllib.parse

import kiln_e2e
from kiln_e2e import KILN, KilnTest, eventually
from local_http import LocalHttp
from service import Service, ServiceTest, free_port

ROLE = "arn:aws:iam::000000000000:role/none"
LAMBDA = "arn:aws:states:::lambda:invoke"
HTTP = "arn:aws:states:::http:invoke"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:"
AGAIN = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 2}]


class Machines:
    """How tests run a state machine of one task on `self.service`."""

    def begin(self, resource, parameters=None, **more):
        """The ARN of an execution of the task T."""
        states = self.service.states()
        state = {"Type": "Task", "Resource": resource, "End": True, **more}
        if parameters is not None:
            state["Parameters"] = parameters
        self.machines = getattr(self, "machines", 0) + 1
        machine = states.call("CreateStateMachine", name=f"m-{self.machines}", roleArn=ROLE, definition=json.dumps(
            {"StartAt": "T", "States": {"T": state}}))["stateMachineArn"]
        return states.call("StartExecution", stateMachineArn=machine, input='{"id": 7}')["executionArn"]

    def describe(self, execution):
        return self.service.states().call("DescribeExecution", executionArn=execution)

    def over(self, execution, seconds=60):
        eventually(lambda: self.describe(execution)["status"] != "RUNNING", seconds, "the execution is over")
        return self.describe(execution)

    def types(self, execution):
        events = self.service.states().call("GetExecutionHistory", executionArn=execution)["events"]
        return [event["type"] for event in events]

    def output(self, execution):
        done = self.over(execution)
        self.assertEqual(done["status"], "SUCCEEDED", done)
        return json.loads(done["output"])

    def assert_fails(self, execution, error, cause=""):
        done = self.over(execution)
        self.assertEqual((done["status"], done["error"]), ("FAILED", error), done)
        self.assertIn(cause, done.get("cause", ""))

    def restart(self):
        self.service.kill()
        self.service.start()


class CallTest(Machines, ServiceTest):
    """A test with a local HTTP server, which tasks may call."""

    def prepare(self):
        self.http = LocalHttp()
        self.addCleanup(self.http.close)
        self.nobody = f"http://127.0.0.1:{free_port()}"
        connections = self.home.work / "connections.json"
        connections.write_text(json.dumps({
            "shop": {"basic": {"user": "kiln", "password": "secret"}, "query": {"v": "2"}},
            "mail": {"api_key": {"name": "X-Api-Key", "value": "key"}}}))
        connections.chmod(0o600)
        self.env = {
            "KILN_ENGINE_LAMBDA_ENDPOINT": self.http.url,
            "KILN_ENGINE_LAMBDA_FUNCTIONS": f"own={self.http.url}/own gone={self.nobody}/gone",
            "KILN_ENGINE_HTTP_ORIGINS": f"{self.http.url} {self.nobody}",
            "KILN_ENGINE_HTTP_CONNECTIONS": str(connections)}


class Functions(CallTest):
    def path(self, name):
        return f"/2015-03-31/functions/{name}/invocations"

    def test_a_function_answers(self):
        self.http.on(self.path("double"), lambda asked: (
            200, {"X-Amz-Executed-Version": "3", "x-amzn-RequestId": "r-1"}, json.dumps({"n": asked.json()["n"] * 2})))
        execution = self.begin(LAMBDA, {"FunctionName": FUNCTION + "double:live", "Payload": {"n.$": "$.id"}})
        output = self.output(execution)
        self.assertEqual((output["Payload"], output["StatusCode"], output["ExecutedVersion"]), ({"n": 14}, 200, "3"))
        self.assertEqual(output["SdkResponseMetadata"], {"RequestId": "r-1"})
        (asked,) = self.http.asked
        self.assertEqual((asked.method, asked.query), ("POST", "Qualifier=live"))
        self.assertEqual(self.types(execution)[2:5], ["TaskScheduled", "TaskStarted", "TaskSucceeded"])

    def test_a_function_that_is_the_resource_itself(self):
        self.http.on("/own", lambda asked: (200, {}, json.dumps([asked.json()])))
        execution = self.begin(FUNCTION + "own")
        self.assertEqual(self.output(execution), [{"id": 7}])
        self.assertEqual(self.types(execution)[2:5], [
            "LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded"])

    def test_a_function_that_throws(self):
        error = {"errorType": "OutOfStock", "errorMessage": "none left", "trace": []}
        self.http.on("/own", (200, {"X-Amz-Function-Error": "Unhandled"}, json.dumps(error)))
        execution = self.begin(LAMBDA, {"FunctionName": "own"})
        self.assert_fails(execution, "OutOfStock")
        self.assertEqual(json.loads(self.describe(execution)["cause"]), error)

    def test_one_that_there_is_not(self):
        self.http.on(self.path("none"), (404, {"x-amzn-ErrorType": "ResourceNotFoundException"},
                                         '{"Message": "Function not found: none"}'))
        self.assert_fails(self.begin(LAMBDA, {"FunctionName": "none"}), "Lambda.ResourceNotFoundException",
                          "Function not found: none (Service: AWSLambda; Status Code: 404;")

    def test_a_service_that_is_ill_is_asked_again_as_the_state_says(self):
        self.http.on("/own", (503, {}, "busy"), (500, {}, '{"message": "oh"}'), (200, {}, '"well"'))
        execution = self.begin(LAMBDA, {"FunctionName": "own"}, Retry=AGAIN)
        self.assertEqual(self.output(execution)["Payload"], "well")
        self.assertEqual(len(self.http.asked), 3)
        self.assertEqual(self.types(execution).count("TaskFailed"), 2)

    def test_without_a_retry_it_fails(self):
        self.http.on("/own", (502, {}, ""))
        self.assert_fails(self.begin(LAMBDA, {"FunctionName": "own"}), "Lambda.ServiceException", "Status Code: 502")

    def test_nobody_listens(self):
        execution = self.begin(LAMBDA, {"FunctionName": "gone"})
        self.assert_fails(execution, "Lambda.SdkClientException")
        self.assertEqual(self.types(execution).count("TaskFailed"), 1)

    def test_a_slow_answer_is_not_waited_for(self):
        self.http.on("/own", self.http.never)
        execution = self.begin(LAMBDA, {"FunctionName": "own"}, TimeoutSeconds=1)
        self.assert_fails(execution, "States.Timeout")
        self.assertIn("TaskTimedOut", self.types(execution))

    def test_the_first_slow_answer_is_given_up_and_the_second_one_taken(self):
        self.http.on("/own", self.http.never, (200, {}, "2"))
        execution = self.begin(LAMBDA, {"FunctionName": "own"}, TimeoutSeconds=1, Retry=AGAIN)
        self.assertEqual(self.output(execution)["Payload"], 2)

    def test_a_token_is_answered_after_a_kill(self):
        self.http.on("/own", (200, {}, '"taken"'))
        execution = self.begin(LAMBDA + ".waitForTaskToken", {
            "FunctionName": "own", "Payload": {"token.$": "$$.Task.Token", "id.$": "$.id"}})
        eventually(lambda: "TaskSubmitted" in self.types(execution), 20, "the function has the token")
        self.restart()
        asked = self.http.asked[0].json()
        self.assertEqual(asked["id"], 7)
        self.service.states().call("SendTaskSuccess", taskToken=asked["token"], output='{"by": "mary"}')
        self.assertEqual(self.output(execution), {"by": "mary"})
        self.assertEqual(len(self.http.asked), 1)

    def test_a_token_may_come_back_as_a_failure(self):
        self.http.on("/own", (200, {}, ""))
        execution = self.begin(LAMBDA + ".waitForTaskToken", {
            "FunctionName": "own", "Payload": {"token.$": "$$.Task.Token"}})
        asked = eventually(lambda: self.http.asked, 20, "the function is called")[0]
        self.service.states().call("SendTaskFailure", taskToken=asked.json()["token"], error="No", cause="not today")
        self.assert_fails(execution, "No", "not today")

    def test_a_function_that_throws_ends_the_wait_for_the_token(self):
        self.http.on("/own", (200, {"X-Amz-Function-Error": "Unhandled"}, '{"errorType": "Bad"}'))
        execution = self.begin(LAMBDA + ".waitForTaskToken", {
            "FunctionName": "own", "Payload": {"token.$": "$$.Task.Token"}})
        self.assert_fails(execution, "Bad")

    def test_a_call_that_a_kill_cuts_off_is_made_again(self):
        self.http.on("/own", self.http.never, (200, {}, '"again"'))
        execution = self.begin(LAMBDA, {"FunctionName": "own"})
        eventually(lambda: self.http.asked, 20, "the function is called")
        self.restart()
        self.assertEqual(self.output(execution)["Payload"], "again")
        self.assertEqual(len(self.http.asked), 2)
        self.assertEqual(self.types(execution).count("TaskStarted"), 1)

    def test_the_end_of_the_server_does_not_wait_for_answers(self):
        self.http.on("/own", self.http.never, (200, {}, '"again"'))
        execution = self.begin(LAMBDA, {"FunctionName": "own"})
        eventually(lambda: self.http.asked, 20, "the function is called")
        self.assertEqual(self.service.stop(10), 0)
        self.service.start()
        self.assertEqual(self.output(execution)["Payload"], "again")


class Endpoints(CallTest):
    def call(self, url, method="GET", parameters=None, **more):
        return self.begin(HTTP, {"Method": method, "ApiEndpoint": url, **(parameters or {})}, **more)

    def connection(self, name):
        return {"Authentication": {"ConnectionArn": f"arn:aws:events:us-east-1:000000000000:connection/{name}/1"}}

    def test_an_endpoint_answers(self):
        url = self.http.on("/orders", (200, {"Content-Type": "application/json"}, '{"open": [1]}'))
        output = self.output(self.call(url, parameters={
            "QueryParameters": {"state": "a b", "id": [1, 2]}, "Headers": {"X-One": "1"}, **self.connection("shop")}))
        self.assertEqual((output["StatusCode"], output["StatusText"]), (200, "OK"))
        self.assertEqual(output["ResponseBody"], {"open": [1]})
        self.assertEqual(output["Headers"]["content-type"], ["application/json"])
        (asked,) = self.http.asked
        self.assertEqual(urllib.parse.parse_qs(asked.query), {"state": ["a b"], "id": ["1", "2"], "v": ["2"]})
        self.assertEqual(asked.headers["X-One"], "1")
        self.assertEqual(asked.headers["Authorization"], "Basic " + base64.b64encode(b"kiln:secret").decode())

    def test_a_secret_is_in_no_history(self):
        url = self.http.on("/orders", (200, {}, "{}"))
        execution = self.call(url, parameters=self.connection("mail"))
        self.output(execution)
        self.assertEqual(self.http.asked[0].headers["X-Api-Key"], "key")
        events = self.service.states().call("GetExecutionHistory", executionArn=execution)
        self.assertNotIn("X-Api-Key", json.dumps(events))

    def test_bodies(self):
        url = self.http.on("/orders", (201, {}, "made"))
        output = self.output(self.call(url, "POST", {"RequestBody": {"id.$": "$.id"}}))
        self.assertEqual((output["StatusCode"], output["ResponseBody"]), (201, "made"))
        self.output(self.call(url, "POST", {"RequestBody": {"a": [1, 2]}, "Transform": {
            "RequestBodyEncoding": "URL_ENCODED", "RequestEncodingOptions": {"ArrayFormat": "REPEAT"}}}))
        self.assertEqual([(one.headers["Content-Type"], one.body) for one in self.http.asked], [
            ("application/json", '{"id":7}'), ("application/x-www-form-urlencoded", "a=1&a=2")])

    def test_statuses_that_are_no_success(self):
        for status, headers in ((302, {"Location": "/elsewhere"}), (404, {}), (429, {}), (503, {})):
            with self.subTest(status):
                url = self.http.on("/orders", (status, headers, f"it is {status}"))
                self.assert_fails(self.call(url), f"States.Http.StatusCode.{status}", f"it is {status}")
        self.assertEqual(self.http.asked_at("/elsewhere"), [])

    def test_an_endpoint_that_is_ill_is_asked_again(self):
        url = self.http.on("/orders", (503, {}, "busy"), (200, {}, "1"))
        execution = self.call(url, Retry=[{"ErrorEquals": ["States.Http.StatusCode.503"], "IntervalSeconds": 1}])
        self.assertEqual(self.output(execution)["ResponseBody"], 1)

    def test_a_slow_answer_is_not_waited_for(self):
        url = self.http.on("/orders", self.http.never)
        self.assert_fails(self.call(url, TimeoutSeconds=1), "States.Timeout")

    def test_nobody_listens(self):
        self.assert_fails(self.call(self.nobody + "/orders"), "States.Http.Socket")

    def test_what_is_not_allowed(self):
        rows = [("http://127.0.0.1:1/", {}, "States.Permissions", "not among those"),
                (self.http.url.replace("http://", "http://me@"), {}, "States.Permissions", "not among those"),
                (self.http.url, self.connection("none"), "States.Permissions", "is not configured"),
                (self.http.url, {"Headers": {"Host": "x"}}, "States.Runtime", "'Host' may not be set")]
        for url, more, error, cause in rows:
            with self.subTest(cause):
                self.assert_fails(self.call(url, parameters=more), error, cause)
        self.assertEqual(self.http.asked, [])


class Connections(ServiceTest):
    """The file with secrets of HTTP tasks."""

    def prepare(self):
        self.path = self.home.work / "connections.json"
        self.path.write_text('{"shop": {"bearer": "secret"}}')
        self.path.chmod(0o600)
        self.env = {"KILN_ENGINE_HTTP_CONNECTIONS": str(self.path)}

    def refusal(self):
        self.service.stop()
        done = subprocess.run([KILN, "serve", "--listen", "127.0.0.1:0", "--no-bakery"], capture_output=True, text=True,
                              env=self.home.environment(self.env), timeout=30, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertNotIn("secret", done.stderr)
        return done.stderr

    def test_one_that_others_may_read_is_refused(self):
        for mode in (0o640, 0o604, 0o620):
            with self.subTest(oct(mode)):
                self.path.chmod(mode)
                said = self.refusal()
                self.assertIn(f"engine.http_connections: '{self.path}' may be read by others (mode {mode:04o})", said)
                self.assertIn(f"chmod 600 '{self.path}'", said)

    def test_one_that_is_not_there_or_damaged_is_refused(self):
        for text in ('{"shop": {"bearer": "secret"', '{"shop": {"barer": "secret"}}'):
            self.path.write_text(text)
            self.assertIn("engine.http_connections", self.refusal())
        self.path.unlink()
        self.assertIn("engine.http_connections", self.refusal())


class Bakes(Machines, KilnTest):
    """kiln:bake, on a real image."""

    def setUp(self):
        super().setUp()
        self.service = Service(self.home)
        self.addCleanup(self.end)

    def end(self):
        if self.service.process.poll() is None:
            self.service.stop(60)

    def request(self, name, *commands):
        return {"name": name, "parent": {"name": "base"}, "bootstrap": {"commands": list(commands)}}

    def settle(self):
        """The server ends; nothing may be left of what it did."""
        self.assertEqual(self.service.stop(60), 0)
        self.assert_nothing_left()
        self.assert_images_whole()

    def bakes(self):
        return self.home.json("bake", "list")

    def test_one_is_submitted(self):
        record = self.output(self.begin("arn:aws:states:::kiln:bake", self.request("web", "echo ok >/made")))
        self.assertEqual([one["id"] for one in self.bakes()], [record["id"]])
        eventually(lambda: self.bakes()[0]["state"] == "succeeded", 60, "it is baked")
        self.settle()

    def test_one_is_waited_for(self):
        execution = self.begin("arn:aws:states:::kiln:bake.sync", self.request("web", "echo ok >/made"))
        output = self.output(execution)
        self.assertEqual((output["state"], output["image"]), ("succeeded", self.bakes()[0]["image"]))
        self.assertEqual(self.types(execution)[2:6], ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"])
        self.assertEqual(self.home.guest_file("web", "made"), b"ok\n")
        self.settle()

    def test_one_that_fails(self):
        execution = self.begin("arn:aws:states:::kiln:bake.sync", self.request("web", "exit 3"))
        self.assert_fails(execution, "States.TaskFailed")
        self.assertEqual(json.loads(self.describe(execution)["cause"])["state"], "failed")
        self.assertEqual(self.home.image_names(), ["base"])
        self.settle()

    def test_a_request_that_is_none(self):
        self.assert_fails(self.begin("arn:aws:states:::kiln:bake.sync", {"name": "web", "parant": {}}), "Kiln.Invalid",
                          "parant")
        self.assertEqual(self.bakes(), [])

    def test_a_stopped_execution_stops_its_bake(self):
        execution = self.begin("arn:aws:states:::kiln:bake.sync", self.request("web", "sleep 600"))
        eventually(lambda: self.bakes() and self.bakes()[0]["state"] == "running", 60, "it is under way")
        self.service.states().call("StopExecution", executionArn=execution)
        eventually(lambda: self.bakes()[0]["state"] not in ("queued", "running"), 60, "it is stopped")
        self.assertEqual(self.home.image_names(), ["base"])
        self.settle()

    def test_a_kill_in_the_middle_costs_an_attempt_alone(self):
        execution = self.begin("arn:aws:states:::kiln:bake.sync", self.request("web", "sleep 2; echo ok >/made"))
        bake = eventually(self.bakes, 60, "it is submitted")[0]["id"]
        eventually(lambda: "run began" in json.dumps(self.home.events(bake)), 60, "its commands run")
        self.restart()
        self.assertEqual(self.output(execution)["id"], bake)
        self.assertEqual([one["id"] for one in self.bakes()], [bake])
        self.assertEqual(self.home.image_names(), ["base", "web"])
        self.assertEqual(self.types(execution).count("TaskSucceeded"), 1)
        self.settle()

    def test_one_that_ends_while_the_server_is_away_is_noticed(self):
        self.service.stop()
        self.service.arguments = ("--no-bakery",)
        self.service.start()
        execution = self.begin("arn:aws:states:::kiln:bake.sync", self.request("web", "true"))
        eventually(lambda: "TaskSubmitted" in self.types(execution), 30, "it is submitted")
        worker = self.home.start("worker", "--queue", "bakes")
        try:
            eventually(lambda: self.bakes()[0]["state"] == "running", 60, "it is under way")
            self.service.kill()
            eventually(lambda: self.home.rows("SELECT state FROM bakes") == [("succeeded",)], 60, "it is baked")
            self.service.start()
            self.assertEqual(self.output(execution)["state"], "succeeded")
        finally:
            worker.terminate()
            worker.communicate(timeout=60)
        self.settle()


if __name__ == "__main__":
    kiln_e2e.main()
