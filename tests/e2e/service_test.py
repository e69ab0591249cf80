"""kiln serve and kiln worker from outside: AWS' own command line sends a request and reads the replies, a second
process bakes, and whatever is killed in the middle loses nothing."""
import json
import os
import signal
import subprocess
import unittest
import urllib.error
import urllib.request

import kiln_e2e
from aws_cli import aws_cli
from kiln_e2e import KilnTest, eventually

LONG = ["echo begun", "sleep 2; echo slept", "echo ended >/ended"]


class Server:
    """A kiln serve on a free port."""

    def __init__(self, home, *arguments, env=None):
        self.home = home
        self.process = home.start("serve", "--listen", "127.0.0.1:0", *arguments, env=env)
        self.note = eventually(self.read_note, 20, "a server that has announced itself")

    @property
    def url(self):
        return self.note["url"]

    def read_note(self):
        if self.process.poll() is not None:
            raise AssertionError(f"kiln serve ended: {self.process.communicate()[1].decode()}")
        path = self.home.path / "run/server.json"
        note = json.loads(path.read_text()) if path.exists() else None
        return note if note and note["pid"] == self.process.pid else None

    def credentials(self):
        return json.loads((self.home.path / "credentials.json").read_text())

    def ask(self, path, method="GET", body=None, token=None, headers=None):
        """@returns  status, headers and body"""
        token = self.credentials()["token"] if token is None else token
        request = urllib.request.Request(
            self.url + path, method=method, data=body,
            headers={"Authorization": f"Bearer {token}", **(headers or {})} if token else headers or {})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def json(self, path, **options):
        status, _, body = self.ask(path, **options)
        if status >= 300:
            raise AssertionError(f"{path}: {status} {body}")
        return json.loads(body)

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()

    def stop(self, number=signal.SIGTERM, timeout=60):
        if self.process.poll() is None:
            self.process.send_signal(number)
        _, err = self.process.communicate(timeout=timeout)
        return self.process.returncode, err.decode()


class ServiceTest(KilnTest):
    """What the tests below share: servers and workers that end with the test."""

    def setUp(self):
        super().setUp()
        self.started = []
        self.addCleanup(self.end_all)

    def serve(self, *arguments, **options):
        server = Server(self.home, *arguments, **options)
        self.started.append(server.process)
        return server

    def worker(self, *arguments):
        process = self.home.start("worker", "--queue", "bakes", *arguments)
        self.started.append(process)
        return process

    def end_all(self):
        for process in self.started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()

    def end(self, process):
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)

    def wait_for_line(self, server, bake, line):
        eventually(lambda: line in server.ask(f"/v1/bakes/{bake}/logs")[2].splitlines(), 30, f"the line {line!r}")

    def assert_clean_after(self, server):
        code, err = server.stop()
        self.assertEqual(code, 0, err)
        self.home.kiln("gc")
        self.assert_nothing_left()


class Service(ServiceTest):
    # --- The server

    def test_it_announces_itself_answers_and_ends_in_order(self):
        server = self.serve()
        self.assertEqual(server.json("/healthz", token=""), {"status": "ok"})
        self.assertEqual(server.ask("/v1/version", token="")[0], 401)
        self.assertEqual(server.ask("/v1/version", token="wrong")[0], 401)
        self.assertEqual(server.json("/v1/version")["name"], "kiln")
        self.assertIn("kiln_build_info", server.ask("/metrics")[2])
        self.assertEqual((self.home.path / "credentials.json").stat().st_mode & 0o777, 0o600)
        second = self.home.kiln("serve", "--listen", "127.0.0.1:0", code=5)
        self.assertIn(server.url, second.err)
        self.assertIn(str(server.process.pid), second.err)
        self.assert_clean_after(server)
        self.assertFalse((self.home.path / "run/server.json").exists())

    def test_a_port_in_use_is_a_conflict_with_a_remedy(self):
        server = self.serve()
        other = kiln_e2e.Home()
        self.addCleanup(other.close)
        result = other.kiln("serve", "--listen", server.url.removeprefix("http://"), code=5)
        self.assertIn("hint:", result.err)

    def test_a_killed_server_leaves_a_note_that_means_nothing(self):
        server = self.serve()
        server.kill()
        result = self.home.kiln("bake", "submit", self.home.request(), code=7)
        self.assertIn("no server runs", result.err)
        self.assert_clean_after(self.serve())

    # --- Bakes over HTTP

    def test_a_submitted_bake_is_followed_to_its_end(self):
        server = self.serve()
        result = self.home.kiln("bake", "submit", self.home.request("web", ["echo hello"]), "--wait")
        self.assertRegex(result.out, r"^ami-[0-9a-f]{17}\n$")
        self.assertIn("| hello", result.err)
        page = server.json("/v1/bakes?name=web")
        bake = page["bakes"][0]
        self.assertEqual((bake["state"], bake["image"]), ("succeeded", result.out.strip()))
        self.assertEqual(server.ask(f"/v1/bakes/{bake['id']}/logs")[2].splitlines()[0], "hello")
        events = server.json(f"/v1/bakes/{bake['id']}/events")
        self.assertTrue(events["over"])
        self.assertEqual([event["sequence"] for event in events["events"]],
                         list(range(1, len(events["events"]) + 1)))
        failed = self.home.kiln("bake", "submit", self.home.request("bad", ["exit 3"]), "--wait", code=1)
        self.assertIn("exit", failed.err)
        self.assert_clean_after(server)

    def test_a_wrong_request_is_refused_whole_at_the_door(self):
        server = self.serve()
        status, _, body = server.ask("/v1/bakes", "POST", b'{"name": "w", "nonsense": 1}')
        self.assertEqual(status, 400)
        self.assertGreater(len(json.loads(body)["error"]["problems"]), 2)
        self.assertEqual(server.json("/v1/bakes")["bakes"], [])

    def test_the_same_key_is_the_same_bake(self):
        server = self.serve()
        request = self.home.request("web", ["true"])
        bakes = {self.home.kiln("bake", "submit", request, "--key", "k-1").out for _ in range(2)}
        self.assertEqual(len(bakes), 1)
        self.assertEqual(len(server.json("/v1/bakes")["bakes"]), 1)

    def test_a_bake_is_cancelled(self):
        server = self.serve()
        bake = self.home.kiln("bake", "submit", self.home.request("web", ["echo begun", "sleep 60"])).out.strip()
        self.wait_for_line(server, bake, "begun")
        self.assertEqual(server.ask(f"/v1/bakes/{bake}", "DELETE")[0], 202)
        eventually(lambda: server.json(f"/v1/bakes/{bake}")["state"] == "cancelled", 30, "the end of the bake")
        self.assertEqual(server.ask(f"/v1/bakes/{bake}", "DELETE")[0], 409)
        self.assertEqual(server.ask("/v1/bakes/bake-00000000000000000", "DELETE")[0], 404)
        self.assert_clean_after(server)

    def test_following_survives_a_server_that_is_killed_and_started_anew(self):
        server = self.serve("--no-bakery")
        worker = self.worker()
        request = self.home.request("web", LONG, checkpoints=False)
        arguments = ("bake", "submit", request, "--wait")
        client = self.home.start(*arguments)
        bake = eventually(lambda: server.json("/v1/bakes")["bakes"], 20, "the bake")[0]["id"]
        self.wait_for_line(server, bake, "begun")
        server.kill()
        server = self.serve("--no-bakery")
        result = self.home.finish(client, arguments)
        self.assertEqual(result.code, 0, result)
        for line in ("begun", "slept"):
            self.assertEqual(result.err.count(f"| {line}\n"), 1, result)
        self.end(worker)
        self.assert_clean_after(server)


    def test_a_worker_follows_a_server_that_comes_back_on_another_port(self):
        server = self.serve("--no-bakery")
        worker = self.worker()
        self.home.kiln("bake", "submit", self.home.request("first", ["true"]), "--wait")
        server.kill()
        before = server.url
        server = self.serve("--no-bakery")
        self.assertNotEqual(server.url, before)
        self.home.kiln("bake", "submit", self.home.request("second", ["true"]), "--wait")
        self.assertIsNone(worker.poll())
        self.end(worker)
        self.assert_clean_after(server)


class WithAwsCli(ServiceTest):
    """The same queue through AWS' own command line."""

    trust = {}

    @classmethod
    def setUpClass(cls):
        cls.program = aws_cli()
        if cls.program is None:
            raise unittest.SkipTest("AWS' command line cannot be installed here")

    def aws(self, server, *arguments):
        keys = server.credentials()
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.home.work),
            "AWS_ACCESS_KEY_ID": keys["access_key_id"], "AWS_SECRET_ACCESS_KEY": keys["secret_access_key"],
            "AWS_DEFAULT_REGION": "us-east-1", **self.trust}
        # Version 1 does not look at AWS_ENDPOINT_URL for SQS.
        done = subprocess.run([self.program, "sqs", "--endpoint-url", server.url, *arguments], env=environment, capture_output=True, text=True,
                              check=False, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout) if done.stdout else None

    def queue_url(self, server, name):
        return self.aws(server, "get-queue-url", "--queue-name", name)["QueueUrl"]

    def replies(self, server, url):
        """All replies until the final one; the newest attempt's, by sequence."""
        attempts = {}
        while True:
            answer = self.aws(server, "receive-message", "--queue-url", url, "--max-number-of-messages", "10",
                              "--wait-time-seconds", "20", "--visibility-timeout", "300",
                              "--message-attribute-names", "All") or {}
            received = answer.get("Messages", [])
            for message in received:
                reply = json.loads(message["Body"])
                attempt = int(message["MessageAttributes"]["attempt"]["StringValue"])
                attempts.setdefault(attempt, {})[reply["sequence"]] = reply
            if received:
                self.aws(server, "delete-message-batch", "--queue-url", url, "--entries", json.dumps(
                    [{"Id": str(i), "ReceiptHandle": one["ReceiptHandle"]} for i, one in enumerate(received)]))
            newest = attempts.get(max(attempts, default=0), {})
            if any(reply["final"] for reply in newest.values()) and sorted(newest) == list(range(1, len(newest) + 1)):
                return newest, sorted(attempts)

    def ask_for_a_bake(self, server, name, commands):
        replies = self.aws(server, "create-queue", "--queue-name", f"{name}-replies")["QueueUrl"]
        request = self.home.request(name, commands, reply_to=f"{name}-replies")
        self.aws(server, "send-message", "--queue-url", self.queue_url(server, "bakes"),
                 "--message-body", request.read_text())
        return replies

    def assert_baked(self, replies, name):
        self.assertEqual(replies[1]["category"], "ACCEPTED")
        self.assertEqual(replies[len(replies)]["category"], "END")
        image = next(reply for reply in replies.values() if reply["category"] == "IMAGE")
        self.assertIn(image["data"]["id"], [found["id"] for found in self.home.images() if found["name"] == name])

    def test_a_request_is_sent_by_aws_and_baked_by_a_second_process(self):
        server = self.serve("--no-bakery")
        worker = self.worker()
        replies, attempts = self.replies(server, self.ask_for_a_bake(server, "web", ["echo hello"]))
        self.assert_baked(replies, "web")
        self.assertEqual(attempts, [1])
        self.assertIn("hello", [reply["message"] for reply in replies.values()])
        self.end(worker)
        self.assert_clean_after(server)

    def test_a_worker_of_another_host_bakes_for_a_server_with_tls(self):
        certificate, key = self.home.work / "cert.pem", self.home.work / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        server = self.serve("--no-bakery", "--set", f"server.tls_cert={certificate}", "--set", f"server.tls_key={key}")
        self.assertTrue(server.url.startswith("https://"), server.url)
        refused = self.home.kiln("queue", "list", code=3)
        self.assertIn("certificate", refused.err)
        self.trust = {"AWS_CA_BUNDLE": str(certificate)}
        other = kiln_e2e.Home()
        self.addCleanup(other.close)
        other.import_base()
        keys = server.credentials()
        worker = other.start("worker", "--queue", "bakes", "--server", server.url, env={
            "AWS_ACCESS_KEY_ID": keys["access_key_id"], "AWS_SECRET_ACCESS_KEY": keys["secret_access_key"],
            "CURL_CA_BUNDLE": str(certificate)})
        self.started.append(worker)
        replies, _ = self.replies(server, self.ask_for_a_bake(server, "web", ["echo hello"]))
        image = next(reply for reply in replies.values() if reply["category"] == "IMAGE")
        self.assertIn(image["data"]["id"], [found["id"] for found in other.images()])
        self.end(worker)
        self.assert_clean_after(server)

    def test_the_same_after_kill_9_of_the_baker_in_the_middle(self):
        server = self.serve("--no-bakery", "--set", "server.sweep_every=1s")
        first = self.worker()
        queue = self.ask_for_a_bake(server, "web", LONG)
        bake = eventually(lambda: server.json("/v1/bakes")["bakes"], 30, "the bake")[0]["id"]
        self.wait_for_line(server, bake, "begun")
        os.killpg(first.pid, signal.SIGKILL)
        first.communicate()
        second = self.worker()
        replies, attempts = self.replies(server, queue)
        self.assert_baked(replies, "web")
        self.assertEqual(attempts[-1], 2, "the second attempt is marked as such")
        self.end(second)
        self.assert_clean_after(server)


if __name__ == "__main__":
    kiln_e2e.main()
