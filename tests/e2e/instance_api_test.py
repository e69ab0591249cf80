"""The instance API from outside, route by route, with curl alone, against a fresh kiln serve."""
import json
import socket
import subprocess

import kiln_e2e
from kiln_e2e import eventually
from service import ServiceTest

JSON = "Content-Type: application/json"


class InstanceApi(ServiceTest):
    def prepare(self):
        self.script = self.home.work / "script.sh"
        self.script.write_text("#!/bin/sh\nprintf '%s %d%%n' {{.Site}} {{.InstanceBuildID}}\n")
        self.env = {"KILN_INSTANCES_SCRIPT": str(self.script)}

    def curl(self, path, *options, auth=None):
        """@returns  status, header fields (lower case), body"""
        auth = ["-H", f"Authorization: token {self.token()}"] if auth is None else auth
        done = subprocess.run(
            ["curl", "-sS", "-i", "--path-as-is", "--max-time", "20", *auth, *options, self.service.url + path],
            capture_output=True, check=True)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        while head.startswith(b"HTTP/1.1 100"):
            head, _, body = body.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            fields.setdefault(name.lower(), []).append(value.strip())
        return int(lines[0].split()[1]), fields, body.decode()

    def token(self):
        return self.credentials["token"]

    @property
    def credentials(self):
        return json.loads((self.home.path / "credentials.json").read_text())

    def build(self, **more):
        request = {"site": "org", "env": "prod", "queue": "linux", "instance_type": "ct.small", "count": 1, **more}
        return self.curl("/instance-builds", "-d", json.dumps({"instance_builds": request}))

    def test_the_greeting_is_for_everybody_and_the_rest_wants_the_token(self):
        status, _, body = self.curl("/", auth=[])
        self.assertEqual(status, 200)
        self.assertIn("greeting", json.loads(body))
        status, fields, body = self.curl("/instances", auth=[])
        self.assertEqual((status, fields["www-authenticate"]), (401, ['Bearer realm="kiln"']))
        self.assertIn("error", json.loads(body))
        for scheme in ("token ", "token=", "Bearer "):
            status, _, _ = self.curl("/instances", auth=["-H", f"Authorization: {scheme}{self.token()}"])
            self.assertEqual(status, 200, scheme)
            status, _, _ = self.curl("/instances", auth=["-H", f"Authorization: {scheme}x{self.token()}"])
            self.assertEqual(status, 401, scheme)

    def test_nothing_is_there_at_first(self):
        status, _, body = self.curl("/instances")
        document = json.loads(body)
        self.assertEqual((status, document["instances"], document["stale"]), (200, [], False))
        self.assertEqual(self.curl("/instances/i-00000000000000000")[0], 404)
        self.assertEqual(self.curl("/instances/i-00000000000000000", "-X", "DELETE")[0], 404)
        self.assertEqual(json.loads(self.curl("/images")[2])["images"], [])
        self.assertEqual(self.curl("/images/ami-00000000000000000/active", "-X", "PUT")[0], 404)
        self.assertEqual(json.loads(self.curl("/autoscaling-group-builds")[2]), {"autoscaling_group_builds": []})

    def test_every_fault_of_a_request_is_told_at_once(self):
        status, _, body = self.build(site="", count=0, sise="x")
        self.assertEqual(status, 400)
        errors = " ".join(json.loads(body)["errors"])
        for word in ("site", "count", "sise"):
            self.assertIn(word, errors)

    def test_a_build_without_an_image_fails_and_says_why(self):
        status, fields, body = self.build(slack_channel="#builds")
        self.assertEqual(status, 202)
        build = json.loads(body)["instance_builds"][0]
        self.assertEqual(fields["location"], [build["href"]])

        def failed():
            shown = json.loads(self.curl(build["href"])[2])["instance_builds"][0]
            return shown if shown["state"] == "failed" else None
        shown = eventually(failed, 20, "the build has failed")
        self.assertIn("image", shown["error"])
        self.assertEqual(self.curl("/init-scripts/" + build["id"])[0], 404)
        listed = json.loads(self.home.kiln("instance-build", "list", "--json").out)
        self.assertEqual([one["id"] for one in listed], [build["id"]])

    def test_a_panic_is_answered_logged_and_counted_and_the_server_goes_on(self):
        status, _, body = self.curl("/kaboom", "-X", "POST")
        self.assertEqual(status, 500)
        self.assertIn("kaboom", json.loads(body)["error"])
        self.assertIn("kaboom", self.service.said())
        metrics = self.curl("/metrics")[2]
        self.assertTrue([line for line in metrics.splitlines() if "/kaboom" in line and "500" in line], metrics)
        self.assertEqual(self.curl("/instances")[0], 200)

    def test_the_server_ends_when_it_is_asked_to(self):
        self.assertEqual(self.curl("/", "-X", "DELETE", auth=[])[0], 401)
        status, _, body = self.curl("/", "-X", "DELETE")
        self.assertEqual((status, body), (204, ""))
        self.assertEqual(self.service.process.wait(30), 0)

    def test_tricks_are_refused(self):
        for path in ("/instances/../credentials.json", "/init-scripts/..%2f..%2fcredentials.json", "/instances/%00",
                     "/init-scripts/x%0d%0aX-Evil:%201", "/instances//", "/instance-builds/%ff"):
            status, fields, _ = self.curl(path)
            self.assertEqual(status, 404, path)
            self.assertNotIn("x-evil", fields)
        self.assertEqual(self.curl("/instances?site=a&site=b&x=1")[0], 400)
        status, _, _ = self.build(site="org\r\nX-Evil: 1")
        self.assertEqual(status, 400)
        big = self.home.work / "big.json"
        big.write_text('{"instance_builds": {"site": "' + "s" * (300 << 10) + '"}}')
        self.assertEqual(self.curl("/instance-builds", "-H", JSON, "--data-binary", f"@{big}")[0], 400)
        huge = self.home.work / "huge.json"
        with open(huge, "wb") as file:
            file.truncate(9 << 20)
        self.assertEqual(self.curl("/instance-builds", "-H", JSON, "--data-binary", f"@{huge}")[0], 413)
        self.assertEqual(self.curl("/instances")[0], 200)

    def test_slow_clients_hold_up_nobody(self):
        slow = [socket.create_connection(("127.0.0.1", self.service.port)) for _ in range(50)]
        for client in slow:
            client.sendall(b"POST /instance-builds HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n")
        self.assertEqual(self.curl("/instances", "--max-time", "5")[0], 200)
        for client in slow:
            client.close()


if __name__ == "__main__":
    kiln_e2e.main()
