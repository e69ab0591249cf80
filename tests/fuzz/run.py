#!/usr/bin/env python3
"""Makes good inputs for a fuzz target and lets it change them for a while: run.py TARGET PROGRAM [SECONDS [SEED]]"""
import gzip
import hashlib
import hmac
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.parse
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
DISK_BYTES = 4 << 20
KEPT_BYTES = 48 << 10


def requests(_folder):
    yield (REPOSITORY / "examples/nginx-page/request.json").read_bytes()
    for row in json.loads((REPOSITORY / "tests/e2e/bad_requests.json").read_text()):
        text = json.dumps(row.get("request", "")).encode()
        if len(text) < KEPT_BYTES:
            yield text
    yield json.dumps({
        "name": "web@main@42", "parent": {"queries": [{"name": "base-*", "tag:team": ["a", "b"]}]},
        "bootstrap": {"commands": [{"run": "./x", "always": True}], "limits": {"memory_bytes": 1 << 30, "seconds": 60}},
        "volume": {"size_gib": 8}, "logs": {"destination": "/var/log/kiln", "files": ["/var/log/x"]},
        "deadline_seconds": 60, "share_with": ["111122223333"]}).encode()


def member_paths(_folder):
    yield from (b"a/b/c", b"./a", b"a/../b", b"/etc/passwd", b"a//b/./c", "ä/ö".encode())


def archives(_folder):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, kind, link in (("d", tarfile.DIRTYPE, ""), ("d/file", tarfile.REGTYPE, ""),
                                 ("d/link", tarfile.SYMTYPE, "file"), ("d/out", tarfile.SYMTYPE, "/etc"),
                                 ("d/hard", tarfile.LNKTYPE, "d/file"), ("x" * 150, tarfile.REGTYPE, "")):
            member = tarfile.TarInfo(name)
            member.type, member.linkname, member.size = kind, link, 5 if kind == tarfile.REGTYPE else 0
            tar.addfile(member, io.BytesIO(b"hello"))
    yield out.getvalue()
    yield gzip.compress(out.getvalue(), mtime=0)


def disks(folder):
    raw = folder / "disk"
    for table in ("gpt", "dos", None):
        with open(raw, "wb") as file:
            file.truncate(DISK_BYTES)
        if table:
            script = f"label: {table}\nstart=2048, size=4096\n"
            subprocess.run(["sfdisk", "-q", raw], input=script, text=True, check=True)
        else:
            subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", raw], check=True)
        yield raw.read_bytes()[:KEPT_BYTES]


def signed_requests(_folder):
    """One with an Authorization header, and one with parameters of its query; both are good."""
    scope, stamp = "20150830/us-east-1/service/aws4_request", "20150830T123600Z"

    def signature(method, query, headers, body):
        names = ";".join(sorted(headers))
        canonical = "\n".join([method, "/", query, *(f"{name}:{headers[name]}" for name in sorted(headers)), "", names,
                               hashlib.sha256(body).hexdigest()])
        text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = b"AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
        for part in [*scope.split("/"), text]:
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key.hex()

    headers = {"host": "localhost", "x-amz-date": stamp}
    sum_of_it = signature("POST", "a=b", headers, b"body")
    yield (f"POST /?a=b\nHost:localhost\nX-Amz-Date:{stamp}\nAuthorization:AWS4-HMAC-SHA256 "
           f"Credential=AKIDEXAMPLE/{scope}, SignedHeaders=host;x-amz-date, Signature={sum_of_it}\n\nbody").encode()
    query = (f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F{scope.replace('/', '%2F')}"
             f"&X-Amz-Date={stamp}&X-Amz-Expires=60&X-Amz-SignedHeaders=host")
    sum_of_it = signature("GET", query, {"host": "localhost"}, b"")
    yield f"GET /?{query}&X-Amz-Signature={sum_of_it}\nHost:localhost\n\n".encode()


ATTRIBUTES = {"VisibilityTimeout": "30", "Policy": '{"Statement":{"Sid":"a"}}', "KmsMasterKeyId": "k",
              "RedrivePolicy": json.dumps({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:d", "maxReceiveCount": 3}),
              "RedriveAllowPolicy": json.dumps({"redrivePermission": "byQueue",
                                                "sourceQueueArns": ["arn:aws:sqs:us-east-1:000000000000:s"]})}


def sqs_documents(_folder):
    message = {"MessageBody": "hi \u00e4", "DelaySeconds": 5, "MessageGroupId": "g",
               "MessageAttributes": {"a": {"DataType": "Number", "StringValue": "1"},
                                     "b": {"DataType": "Binary", "BinaryValue": "AA=="}}}
    yield b"\x00" + json.dumps({"QueueUrl": "http://localhost/000000000000/q", **message}).encode()
    yield b"\x01" + json.dumps({"QueueUrl": "q", "Entries": [{"Id": "a", **message}, {"Id": "b", **message}]}).encode()
    yield b"\x02" + json.dumps({"QueueUrl": "q", "AttributeNames": ["All"], "WaitTimeSeconds": 20}).encode()
    yield b"\x07" + json.dumps({"QueueName": "q", "Attributes": ATTRIBUTES, "tags": {"a": "b"}}).encode()
    yield b"\x07" + json.dumps({"QueueName": "q.fifo", "Attributes": {
        "FifoQueue": "true", "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}}).encode()


def sqs_forms(_folder):
    message = {"MessageBody": "hi <\u00e4>", "DelaySeconds": "5", "MessageAttribute.1.Name": "a",
               "MessageAttribute.1.Value.DataType": "String", "MessageAttribute.1.Value.StringValue": "x"}
    entries = {f"SendMessageBatchRequestEntry.{n}.{name}": value
               for n in (1, 2) for name, value in {"Id": str(n), **message}.items()}
    named = [pair for n, (name, value) in enumerate(ATTRIBUTES.items(), 1)
             for pair in ((f"Attribute.{n}.Name", name), (f"Attribute.{n}.Value", value))]
    for number, form in ((0, message), (1, entries), (2, {"AttributeName.1": "All", "MessageAttributeNames.1": "a.*"}),
                         (7, dict(named)), (14, {"Tag.1.Key": "a", "Tag.1.Value": "b"})):
        yield bytes([number]) + urllib.parse.urlencode({"Action": "X", "QueueUrl": "q", **form}).encode()


def connections(_folder):
    """Several requests one after the other, in pieces of a byte, of some, and whole."""
    one = b"POST /v1/bakes?a=b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"
    other = (b"PUT /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
             b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: u\r\n\r\n")
    for piece in (b"\x00", b"\x06", b"\xff"):
        yield piece + one + other + b"GET http://localhost/ HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n"


def definitions(_folder):
    work = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "TimeoutSecondsPath": "$.t",
            "Parameters": {"MessageBody.$": "States.Format('{}', $$.Task.Token)"}, "ResultPath": "$.r", "Next": "Choose",
            "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2, "JitterStrategy": "FULL"}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Bad", "Assign": {"e.$": "$.Cause"}}]}
    choose = {"Type": "Choice", "Default": "Many", "Choices": [
        {"And": [{"Variable": "$.a", "NumericLessThan": 5}, {"Not": {"Variable": "$x", "IsPresent": True}}], "Next": "Work"}]}
    child = {"StartAt": "Child", "States": {"Child": {"Type": "Pass", "Assign": {"y": 1}, "End": True}}}
    many = {"Type": "Map", "ItemsPath": "$.i", "Label": "l", "ItemBatcher": {"MaxItemsPerBatch": 5}, "Next": "Both",
            "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b"},
                           "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "MaxItems": 5}},
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **child}}
    both = {"Type": "Parallel", "End": True, "Branches": [
        {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 5, "Next": "S"}, "S": {"Type": "Succeed"}}}]}
    states = {"Work": work, "Choose": choose, "Many": many, "Both": both, "Bad": {"Type": "Fail", "ErrorPath": "$.e"}}
    yield json.dumps({"Comment": "c", "StartAt": "Work", "TimeoutSeconds": 60, "States": states}).encode()
    yield json.dumps({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {
        "Type": "Pass", "Output": {"a": ["{% $states.input.items[price > 1].name %}"]}, "Assign": {"x": "{% 1 %}"},
        "End": True}}}).encode()
    yield json.dumps(work).encode()
    yield b'{"a": [1, -0.5e3, "\\u00e4\\n", null, true]}'


def path_expressions(_folder):
    yield from (b"$.a[0]", b"$$.o['b'][1:2]", b"$v..c", b"$.a[?(@.b.c == 'y' && !@.d || @ in [1, 'x'])].b",
                b"$.a[?(@ =~ /[a-z]+/i)]", b"$['s','n']", rb"$.foo\.bar", b"$.a.length()",
                b"States.Format('{} and {}', $.s, States.MathAdd($.n, 1))",
                b"States.ArrayUnique(States.Array($.a[*], null, 'x', -2.5))",
                b"States.JsonMerge($.o, States.StringToJson('{\"a\": 1}'), false)",
                b"States.Hash(States.Base64Encode($.s), 'SHA-256')",
                b'{"x.$": "$.a", "y": [{"z.$": "States.StringSplit($$.s, \',\')"}], "c": 1}')


def jsonata_expressions(_folder):
    document = json.dumps({"a": [{"b": 1, "c": "x"}, {"b": 2, "c": "y"}], "d": "12 ab"}).encode()
    for text in ("a.b", "a[b>1].c", "a^(>b){c: $sum(b)}", "a@$x#$i.{'i': $i, 'b': $x.b, 'p': %.d}", "**.b[0]",
                 "($f := function($n, $s)<ns:s>{ $n = 0 ? $s : $f($n - 1, $s & 'x') }; $f(5, ''))",
                 "$ ~> |a|{'b': b * 2}, 'c'|", "$map(a, function($v, $i){ $v.b + $i }) ~> $sum()",
                 "$replace(d, /(\\d)(\\d)/, '$2$1') & $join($split(d, ' '), '-')",
                 "$fromMillis(1e12, '[FNn] [D1o] [MNn,3-3] [Y0001] [h#1]:[m01] [P] [Z]', '+0130')",
                 "$toMillis('7 Nov 2017', '[D] [MNn,3-3] [Y]')", "$formatNumber(-1234.5, '#,##0.0#;(0e0)')",
                 "$formatInteger(1999, 'Ww;o') & $parseInteger('MCM', 'I') & $substring(?, 1)('abc')",
                 "$partition($range(1, 9, 2), 2) ~> $string(true)", "$parse('[1,{}]')[0] in [1..3]"):
        yield text.encode() + b"\x00" + document


SEEDS = {"http": connections, "definition": definitions, "jsonpath": path_expressions, "jsonata": jsonata_expressions,
         "sigv4": signed_requests, "sqs_json": sqs_documents, "sqs_query": sqs_forms, "request": requests,
         "member_path": member_paths, "archive": archives, "probe": disks}


def main():
    target, program = sys.argv[1], sys.argv[2]
    seconds = sys.argv[3] if len(sys.argv) > 3 else "20"
    seed = sys.argv[4] if len(sys.argv) > 4 else str(int(time.time()) if "CI" not in os.environ else 1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "seeds").mkdir()
        files = []
        for number, text in enumerate(SEEDS[target](folder)):
            files.append(folder / "seeds" / f"{number:03}")
            files[-1].write_bytes(text)
        print(f"{program} {seconds} {seed}, {len(files)} good inputs", flush=True)
        return subprocess.run([program, seconds, seed, *files], env={**os.environ, "TMPDIR": name}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
