"""Notifications, against servers that others wrote: aiosmtpd (Debian's python3-aiosmtpd: a complete SMTP server with
STARTTLS and AUTH that a test can make fail) and Python's HTTP server; and that kill -9 loses none."""
import base64
import email
import email.policy
import hashlib
import hmac
import json
import signal
import socket
import sqlite3
import ssl
import subprocess
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import kiln_e2e
from kiln_e2e import Home, eventually
from service import Service

try:
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import SMTP, AuthResult
except ImportError:
    Controller = None

SECRET = "whsec_" + base64.b64encode(b"a secret of the tests, long").decode()
DENIED, UNAVAILABLE, INVALID = 3, 7, 2


class Sink:
    """An HTTP server that keeps what is posted to it and answers with `status`."""

    def __init__(self):
        sink = self
        self.requests, self.status, self.headers = [], 200, {}

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sink.requests.append((self.path, self.headers, body))
                self.send_response(sink.status)
                for name, value in sink.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def verified(headers, body, secret=SECRET):
    """As the Standard Webhooks specification says, by nothing of kiln's."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return wanted in headers["webhook-signature"].split() and abs(int(headers["webhook-timestamp"]) - time.time()) < 300


class NotifyTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)
        self.sink = Sink()
        self.addCleanup(self.sink.close)

    def told(self, channel, settings, code=0, env=None):
        flags = [word for name, value in settings.items() for word in ("--set", f"notify.{name}={value}")]
        return self.home.kiln("notify", "test", "--channel", channel, *flags, code=code, env=env)


class Http(NotifyTest):
    def test_slack_gets_its_four_keys(self):
        self.told("slack", {"slack_hook": self.sink.url("/services/T/B/x"), "slack_channel": "general"})
        path, _, body = self.sink.requests[0]
        self.assertEqual(path, "/services/T/B/x")
        self.assertEqual(json.loads(body), {
            "text": "A test: kiln's notifications come through :bell:", "channel": "#general", "username": "kiln",
            "icon_emoji": ":package:"})

    def test_a_web_hook_is_verified_by_another_implementation(self):
        self.told("webhook", {"webhook": self.sink.url("/hook"), "webhook_secret": SECRET})
        _, headers, body = self.sink.requests[0]
        self.assertTrue(verified(headers, body))
        self.assertFalse(verified(headers, body + b" "))
        self.assertEqual(json.loads(body)["type"], "test")
        self.assertEqual(headers["Idempotency-Key"], headers["webhook-id"])

    def test_a_hook_that_fails_is_told_of_without_its_secret(self):
        self.sink.status = 403
        result = self.told("slack", {"slack_hook": self.sink.url("/services/T/B/hidden")}, code=DENIED)
        self.assertIn("403", result.said)
        self.assertNotIn("hidden", result.said)

    def test_a_hook_that_is_away_is_unavailable(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            away = f"http://127.0.0.1:{probe.getsockname()[1]}/services/hidden"
        result = self.told("slack", {"slack_hook": away}, code=UNAVAILABLE)
        self.assertNotIn("hidden", result.said)


@unittest.skipIf(Controller is None, "python3-aiosmtpd is not installed")
class Mail(NotifyTest):
    """Each test has an SMTP server of its own, which answers as the test wants it."""

    def setUp(self):
        super().setUp()
        self.mails = []
        self.answers = {}
        self.logins = []

    def handler(self):
        test = self

        class Handler:
            async def handle_MAIL(self, server, session, envelope, address, options):
                envelope.mail_from = address
                return test.answers.get("MAIL", "250 OK")

            async def handle_RCPT(self, server, session, envelope, address, options):
                envelope.rcpt_tos.append(address)
                return test.answers.get("RCPT", "250 OK")

            async def handle_DATA(self, server, session, envelope):
                if "DATA" not in test.answers:
                    test.mails.append((session.ssl is not None, envelope))
                return test.answers.get("DATA", "250 OK")

        return Handler()

    def authenticate(self, server, session, envelope, mechanism, data):
        good = (data.login, data.password) == (b"kiln", b"p\xc3\xa4ss word")
        self.logins.append((mechanism, session.ssl is not None))
        return AuthResult(success=good, handled=False)

    def serve(self, **options):
        controller = Controller(self.handler(), hostname="127.0.0.1", port=0, **options)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            controller.port = probe.getsockname()[1]
        controller.start()
        self.addCleanup(controller.stop)
        return {"smtp": f"smtp://127.0.0.1:{controller.port}", "mail_from": "Kiln <kiln@example.org>",
                "mail_to": '"Ä, B" <a@example.org>, b@example.org'}

    def certificate(self):
        """For 127.0.0.1, signed by itself: the context that shows it, and its file."""
        cert, key = self.home.work / "cert.pem", self.home.work / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
            check=True, stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        return context, {"SSL_CERT_FILE": str(cert)}

    def test_a_mail_arrives_whole(self):
        self.told("mail", {**self.serve(), "smtp_tls": "none"})
        secure, envelope = self.mails[0]
        self.assertFalse(secure)
        self.assertEqual((envelope.mail_from, envelope.rcpt_tos), ("kiln@example.org", ["a@example.org", "b@example.org"]))
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.assertEqual(mail.defects, [])
        self.assertEqual(mail["Subject"], "[kiln] A test: kiln's notifications come through")
        self.assertEqual([(one.display_name, one.addr_spec) for one in mail["To"].addresses],
                         [("Ä, B", "a@example.org"), ("", "b@example.org")])
        self.assertEqual(mail["Auto-Submitted"], "auto-generated")
        self.assertTrue(mail["Message-ID"].endswith("@example.org>"))
        self.assertTrue(mail.get_content().replace("\r\n", "\n").startswith("A test: kiln's notifications come through\n"))
        self.assertLess(abs(mail["Date"].datetime.timestamp() - time.time()), 60)

    def test_starttls_and_login(self):
        context, env = self.certificate()
        settings = {**self.serve(tls_context=context, require_starttls=True, auth_required=True,
                                 authenticator=self.authenticate), "smtp_user": "kiln", "smtp_password": "päss word"}
        self.told("mail", settings, env=env)
        self.assertTrue(self.mails[0][0])
        self.assertTrue(all(secure for _, secure in self.logins))
        settings["smtp_password"] = "wrong-and-hidden"
        result = self.told("mail", settings, code=DENIED, env=env)
        self.assertNotIn("hidden", result.said)
        self.assertEqual(len(self.mails), 1)

    def test_implicit_tls(self):
        context, env = self.certificate()
        settings = self.serve_implicit(context)
        self.told("mail", settings, env=env)
        self.assertEqual(len(self.mails), 1)

    def serve_implicit(self, context):
        settings = self.serve(ssl_context=context)
        return {**settings, "smtp": settings["smtp"].replace("smtp://", "smtps://")}

    def test_nothing_is_said_to_a_server_without_starttls(self):
        result = self.told("mail", self.serve(), code=DENIED)
        self.assertEqual(self.mails, [])
        self.assertIn("mail", result.said)

    def test_a_certificate_that_nobody_vouches_for_is_refused(self):
        context, _ = self.certificate()
        self.told("mail", self.serve(tls_context=context), code=DENIED)
        self.assertEqual(self.mails, [])

    def test_a_refusal_for_now_is_unavailable_and_one_for_good_invalid(self):
        settings = {**self.serve(), "smtp_tls": "none"}
        for when in ("MAIL", "RCPT", "DATA"):
            for answer, code in (("451 4.7.1 Come back later", UNAVAILABLE), ("550 5.1.1 Nobody here", INVALID)):
                with self.subTest(when=when, answer=answer):
                    self.answers = {when: answer}
                    result = self.told("mail", settings, code=code)
                    self.assertIn(answer[:3], result.said)
        self.assertEqual(self.mails, [])

    def test_a_server_that_says_nothing_is_waited_for_until_it_is_asked_to_stop(self):
        with socket.create_server(("127.0.0.1", 0)) as mute:
            settings = {"smtp": f"smtp://127.0.0.1:{mute.getsockname()[1]}", "mail_from": "a@b", "mail_to": "c@d"}
            flags = [word for name, value in settings.items() for word in ("--set", f"notify.{name}={value}")]
            process = self.home.start("notify", "test", *flags)
            connection, _ = mute.accept()
            with connection:
                process.send_signal(signal.SIGINT)
                self.assertEqual(self.home.finish(process, "notify test", timeout=20).code, 130)

    def test_a_text_line_of_one_dot_does_not_end_the_mail(self):
        texts = self.home.work / "texts.json"
        texts.write_text(json.dumps({"test": {"plain": "one\n.\nBcc: x@example.org\n.two"}}))
        self.told("mail", {**self.serve(), "smtp_tls": "none", "texts": str(texts)})
        mail = email.message_from_bytes(self.mails[0][1].content, policy=email.policy.default)
        self.assertTrue(mail.get_content().replace("\r\n", "\n").startswith("one\n.\nBcc: x@example.org\n.two\n"))
        self.assertIsNone(mail["Bcc"])
        self.assertEqual(len(self.mails), 1)


class Outbox(NotifyTest):
    """`kiln serve` sends what waits in its store."""

    def setUp(self):
        super().setUp()
        self.home.kiln("notify", "list")
        (self.home.path / "kiln.toml").write_text(
            f'[notify]\nwebhook = "{self.sink.url("/hook")}"\nwebhook_secret = "{SECRET}"\n')

    def database(self):
        return sqlite3.connect(self.home.path / "kiln.db", timeout=30)

    def tell(self, key):
        """As a store does that tells of what it writes."""
        event = {"type": "work.failed", "timestamp": "2026-01-01T00:00:00.000Z", "key": key, "channel": "",
                 "data": {"work": "bake", "name": "bake-1", "error": "no room"}}
        with self.database() as database:
            database.execute(
                "INSERT INTO notifications (number, key, channel, kind, event, created_us, state, due_us, attempts, error)"
                " VALUES ((SELECT coalesce(max(number), 0) + 1 FROM notifications), ?, 'webhook', 'work.failed', ?, 1,"
                " 'waiting', 1, 0, '')", (key, json.dumps(event)))

    def make_due(self):
        """As if the time had passed that an attempt has, or a pause takes."""
        with self.database() as database:
            database.execute("UPDATE notifications SET due_us = 1 WHERE state = 'waiting'")

    def serve(self, *arguments, env=None):
        service = Service(self.home, *(arguments or ("--no-bakery",)), env=env)
        self.addCleanup(lambda: service.process.poll() is None and service.stop())
        return service

    def listed(self, state):
        return self.home.json("notify", "list", "--state", state)

    def sent_keys(self):
        return [headers["webhook-id"] for _, headers, _ in self.sink.requests]

    def test_what_waits_is_sent_once(self):
        self.tell("a")
        self.tell("b")
        self.serve()
        eventually(lambda: len(self.listed("sent")) == 2, 30, "both were sent")
        self.assertEqual(sorted(self.sent_keys()), ["a", "b"])
        _, headers, body = self.sink.requests[0]
        self.assertTrue(verified(headers, body))
        self.assertEqual(json.loads(body)["data"], {"work": "bake", "name": "bake-1", "error": "no room"})

    def test_bakes_of_a_server_are_told(self):
        self.home.import_base()
        service = self.serve("--concurrency", "1")
        bakes = {}
        for name, command, code in (("good@1", "true", 0), ("bad@1", "exit 3", 1)):
            done = self.home.kiln("bake", "submit", self.home.request(name, [command]), "--wait", "--json", code=code)
            bakes[name] = done.json()["bake"]
        eventually(lambda: len(self.sink.requests) == 4, 30, "four events")
        told = [json.loads(body) for _, _, body in self.sink.requests]
        self.assertEqual([(one["type"], one["data"]["name"]) for one in told], [
            ("work.started", "good@1"), ("work.succeeded", "good@1"), ("work.started", "bad@1"), ("work.failed", "bad@1")])
        self.assertIn("3", told[3]["data"]["error"])
        self.assertEqual(told[3]["data"]["link"], f"kiln bake show {bakes['bad@1']}")
        self.assertEqual(len(set(self.sent_keys())), 4)
        service.stop()

    def test_a_bake_whose_server_dies_is_told_by_the_next(self):
        self.home.import_base()
        self.sink.status = 503
        service = self.serve("--concurrency", "1")
        self.home.kiln("bake", "submit", self.home.request("web@1", ["true"]), "--wait", "--json")
        service.kill()
        self.sink.status = 200
        self.sink.requests.clear()
        self.make_due()
        self.serve()
        eventually(lambda: {json.loads(body)["type"] for _, _, body in self.sink.requests}
                   == {"work.started", "work.succeeded"}, 30, "both were told")

    def test_a_failing_receiver_is_tried_again_and_a_refusing_one_given_up(self):
        self.sink.status, self.sink.headers = 503, {"Retry-After": "3600"}
        self.tell("a")
        self.serve()
        eventually(lambda: self.sink.requests, 30, "it was tried")
        waiting = eventually_listed(self, "waiting")
        self.assertEqual((waiting["attempts"], "503" in waiting["error"]), (1, True))
        self.assertGreater(due_in(waiting), 3500)
        self.sink.status = 410
        self.make_due()
        eventually(lambda: self.listed("failed"), 90, "it was given up")
        self.assertEqual(self.sent_keys(), ["a", "a"])

    def test_kill_9_before_and_after_sending_loses_nothing(self):
        for point, sent in (("notify:taken", 0), ("notify:sent", 1)):
            with self.subTest(point=point):
                self.sink.requests.clear()
                self.tell(point)
                try:
                    service = self.serve(env={"KILN_FAULT": f"kill@{point}"})
                    self.assertEqual(service.process.wait(30), -signal.SIGKILL)
                except AssertionError as error:
                    self.assertIn("ended with -9", str(error))  # before it was ready
                self.assertEqual(len(self.sink.requests), sent)
                self.make_due()
                service = self.serve()
                eventually(lambda: not self.listed("waiting"), 30, "it was sent")
                self.assertEqual(self.sent_keys(), [point] * (sent + 1))
                service.stop()


def eventually_listed(test, state):
    found = []
    eventually(lambda: found.extend(row for row in test.listed(state) if row["error"]) or found, 30, f"it is {state}")
    return found[-1]


def due_in(row):
    due = time.mktime(time.strptime(row["due"][:19] + " UTC", "%Y-%m-%dT%H:%M:%S %Z"))
    return due - time.mktime(time.gmtime())


if __name__ == "__main__":
    kiln_e2e.main()
