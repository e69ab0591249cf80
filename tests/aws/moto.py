"""moto's server, which others wrote, for tests that drive kiln against it. scripts/test_peers installs it."""
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests/e2e"))
from kiln_e2e import eventually  # noqa: E402

PROGRAM = Path(os.environ.get("KILN_TEST_PEERS", REPOSITORY / "build/peers")) / "bin/moto_server"


def unavailable():
    return None if PROGRAM.exists() else "moto's server is not installed; scripts/test_peers does that"


class Moto:
    """A server on a free port of loopback, without data."""

    def __init__(self):
        self.log = tempfile.NamedTemporaryFile(prefix="kiln-moto-", suffix=".log")
        self.process = subprocess.Popen(
            [PROGRAM, "-H", "127.0.0.1", "-p", "0"], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            start_new_session=True)
        self.url = eventually(self.announced, 60, "moto's server is ready")

    def announced(self):
        text = Path(self.log.name).read_text(errors="replace")
        if self.process.poll() is not None:
            raise AssertionError(f"moto's server ended: {text}")
        found = re.search(r"Running on (http://\S+)", text)
        return found and found.group(1)

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()

    def ask(self, method, path, body=None, service="s3"):
        """The answer's body and headers. Requests are not signed; the header only says for whom they are."""
        kind = "application/x-www-form-urlencoded" if service == "iam" else "application/octet-stream"
        request = urllib.request.Request(self.url + path, method=method, data=body, headers={
            "Content-Type": kind,
            "Authorization": f"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, "
                             "SignedHeaders=host, Signature=none"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read(), answer.headers

    def iam(self, **parameters):
        """The answer's XML."""
        form = urllib.parse.urlencode({"Version": "2010-05-08", **parameters}).encode()
        return self.ask("POST", "/", form, "iam")[0].decode()

    def make_bucket(self, bucket, versions=False):
        self.ask("PUT", f"/{bucket}")
        if versions:
            self.ask("PUT", f"/{bucket}?versioning", b"<VersioningConfiguration><Status>Enabled</Status>"
                                                     b"</VersioningConfiguration>")

    def put(self, bucket, key, body):
        """Its version, where the bucket has versions."""
        body = body if isinstance(body, bytes) else body.encode()
        return self.ask("PUT", f"/{bucket}/{urllib.parse.quote(key)}", body)[1].get("x-amz-version-id")

    def get(self, bucket, key):
        return self.ask("GET", f"/{bucket}/{urllib.parse.quote(key)}")[0].decode()

    def user(self):
        """An access key id and its secret, of a user who may do all with S3."""
        self.iam(Action="CreateUser", UserName="kiln")
        self.iam(Action="PutUserPolicy", UserName="kiln", PolicyName="all", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}))
        answer = self.iam(Action="CreateAccessKey", UserName="kiln")
        return tuple(re.search(f"<{name}>([^<]+)</{name}>", answer).group(1)
                     for name in ("AccessKeyId", "SecretAccessKey"))

    def check_signatures(self, after=0):
        """From here on, but for so many requests, each request must be signed by a user who may do what it asks."""
        self.ask("POST", "/moto-api/reset-auth", str(after).encode(), "moto-api")
