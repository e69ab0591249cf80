"""Clients of AWS' JSON protocols that sign their requests, one connection each. Python's standard library only.

They retry nothing: a test has to know which request was answered and which was not."""
import datetime
import hashlib
import hmac
import http.client
import json
import urllib.parse


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, status, document):
        super().__init__(f"{status} {document.get('__type')}: {document.get('message')}")
        self.status = status
        self.name = document.get("__type", "").split("#")[-1]


class Unanswered(Exception):
    """Nobody knows whether the request was done."""


class AwsClient:
    service = ""  # that requests are signed for
    operations = ""  # what stands before an operation's name

    def __init__(self, url, key, secret, region="us-east-1", timeout=40, skew_seconds=0):
        parts = urllib.parse.urlsplit(url)
        self.host = parts.netloc
        self.key, self.secret, self.region = key, secret, region
        self.skew = datetime.timedelta(seconds=skew_seconds)  # of the server's clock
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)

    def close(self):
        self.connection.close()

    __del__ = close

    def _headers(self, operation, body):
        now = (datetime.datetime.now(datetime.timezone.utc) + self.skew).strftime("%Y%m%dT%H%M%SZ")
        signed = {"content-type": "application/x-amz-json-1.0", "host": self.host, "x-amz-date": now,
                  "x-amz-target": f"{self.operations}.{operation}"}
        names = ";".join(sorted(signed))
        canonical = "\n".join(["POST", "/", "", *(f"{name}:{signed[name]}" for name in sorted(signed)), "", names,
                               hashlib.sha256(body).hexdigest()])
        scope = f"{now[:8]}/{self.region}/{self.service}/aws4_request"
        text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = f"AWS4{self.secret}".encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        return {**signed, "authorization": f"AWS4-HMAC-SHA256 Credential={self.key}/{scope}, SignedHeaders={names}, "
                                           f"Signature={signature}"}

    def call(self, operation, **arguments):
        body = json.dumps(arguments).encode()
        try:
            self.connection.request("POST", "/", body, self._headers(operation, body))
            answer = self.connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            raise Unanswered(f"{operation}: {error!r}") from None
        document = json.loads(text) if text else {}
        if answer.status != 200:
            raise Refused(answer.status, document)
        return document


class Sqs(AwsClient):
    service = "sqs"
    operations = "AmazonSQS"


class StepFunctions(AwsClient):
    service = "states"
    operations = "AWSStepFunctions"
