"""Distributed Maps of `kiln serve` that read from S3 and write to it: S3 is moto's server."""
import gzip
import json
import socket
import subprocess
import sys
import unittest

import moto  # first: it says where the others are
import kiln_e2e
from kiln_e2e import Home, eventually
from service import Service

ROLE = "arn:aws:iam::000000000000:role/none"
PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
# Fails for the items that are 2.
CHOOSY = {"StartAt": "C", "States": {
    "C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "F"}], "Default": "P"},
    "P": {"Type": "Pass", "End": True}, "F": {"Type": "Fail", "Error": "Two", "Cause": "it is 2"}}}


def reader(action="getObject", config=None, **parameters):
    out = {"Resource": f"arn:aws:states:::s3:{action}", "Parameters": parameters}
    return {"ItemReader": {**out, "ReaderConfig": config} if config else out}


def writer(bucket, prefix="out", config=None):
    out = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": bucket, "Prefix": prefix}}
    return {"ResultWriter": {**out, "WriterConfig": config} if config else out}


class Execution:
    def __init__(self, described):
        self.status = described["status"]
        self.output = json.loads(described.get("output", "null"))
        self.error, self.cause = described.get("error"), described.get("cause")


class S3Test(unittest.TestCase):
    """A test with a server of its own, and the S3 that `s3_environment` names."""

    maxDiff = None

    def setUp(self):
        self.home = Home()
        self.addCleanup(self.home.close)
        self.service = Service(self.home, "--no-bakery", env=self.s3_environment())
        self.addCleanup(self.end)

    def end(self):
        if self.service.process.poll() is None:
            try:
                self.service.stop()
            except subprocess.TimeoutExpired:
                self.service.kill()
                raise

    def s3_environment(self):
        return {"AWS_ENDPOINT_URL_S3": self.s3_url(), "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}

    def begin(self, *parts, processor=None, **more):
        """Starts a machine that is one Map of these parts; the execution's ARN."""
        states = self.service.states()
        fields = {}
        for part in parts:
            fields.update(part)
        body = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **(processor or PASS)}
        definition = {"StartAt": "Each", "States": {
            "Each": {"Type": "Map", "End": True, "ItemProcessor": body, **fields, **more}}}
        self.machines = getattr(self, "machines", 0) + 1
        machine = states.call("CreateStateMachine", name=f"each-{self.machines}", definition=json.dumps(definition),
                              roleArn=ROLE)["stateMachineArn"]
        return states.call("StartExecution", stateMachineArn=machine)["executionArn"]

    def describe(self, execution):
        return self.service.states().call("DescribeExecution", executionArn=execution)

    def over(self, execution):
        eventually(lambda: self.describe(execution)["status"] != "RUNNING", 60, "the Map is over")
        return Execution(self.describe(execution))

    def run_map(self, *parts, **more):
        return self.over(self.begin(*parts, **more))

    def items(self, *parts, **more):
        """What the Map gave, which must have succeeded."""
        done = self.run_map(*parts, **more)
        self.assertEqual(done.status, "SUCCEEDED", f"{done.error}: {done.cause}")
        return done.output

    def assert_fails(self, done, error, *causes):
        self.assertEqual((done.status, done.error), ("FAILED", error), done.cause)
        for cause in causes:
            self.assertIn(cause, done.cause)


class MotoTest(S3Test):
    @classmethod
    def setUpClass(cls):
        cls.moto = moto.Moto()
        cls.addClassCleanup(cls.moto.close)
        cls.moto.make_bucket("source")
        cls.moto.make_bucket("out")

    def s3_url(self):
        return self.moto.url


class ItemReaders(MotoTest):
    def test_json(self):
        self.moto.put("source", "a.json", '{"orders": [{"id": 1}, {"id": 2}, {"id": 3}]}')
        config = {"InputType": "JSON", "ItemsPointer": "/orders", "MaxItems": 2}
        self.assertEqual(self.items(reader(config=config, Bucket="source", Key="a.json")), [{"id": 1}, {"id": 2}])

    def test_json_lines_that_are_packed(self):
        self.moto.put("source", "a.jsonl.gz", gzip.compress(b'{"id": 1}\n\n"two"\n3'))
        found = self.items(reader(config={"InputType": "JSONL"}, Bucket="source", Key="a.jsonl.gz"))
        self.assertEqual(found, [{"id": 1}, "two", 3])

    def test_csv_with_names_in_its_first_row(self):
        self.moto.put("source", "a.csv", 'id,text\r\n1,"a, ""b"""\r\n2\r\n')
        found = self.items(reader(config={"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}, Bucket="source",
                                  Key="a.csv"))
        self.assertEqual(found, [{"id": "1", "text": 'a, "b"'}, {"id": "2", "text": ""}])

    def test_csv_with_given_names_and_another_delimiter(self):
        self.moto.put("source", "b.csv", "1;x\n2;y\n")
        config = {"InputType": "CSV", "CSVDelimiter": "SEMICOLON", "CSVHeaderLocation": "GIVEN",
                  "CSVHeaders": ["id", "name"]}
        self.assertEqual(self.items(reader(config=config, Bucket="source", Key="b.csv")),
                         [{"id": "1", "name": "x"}, {"id": "2", "name": "y"}])

    def test_an_inventory(self):
        self.moto.put("source", "inventory/1.csv.gz", gzip.compress(b'"source","x%20y","7"\n'))
        self.moto.put("source", "inventory/2.csv", '"source","z","8"\n')
        self.moto.put("source", "inventory/manifest.json", json.dumps({
            "destinationBucket": "arn:aws:s3:::source", "fileFormat": "CSV", "fileSchema": "Bucket, Key, Size",
            "files": [{"key": "inventory/1.csv.gz"}, {"key": "inventory/2.csv"}]}))
        for config in ({"InputType": "MANIFEST"}, {"ManifestType": "S3_INVENTORY"}):
            found = self.items(reader(config=config, Bucket="source", Key="inventory/manifest.json"))
            self.assertEqual([(one["Key"], one["Size"]) for one in found], [("x%20y", "7"), ("z", "8")])

    def test_a_manifest_of_athena(self):
        self.moto.put("source", "athena/1", '{"n": 1}\n{"n": 2}\n')
        self.moto.put("source", "athena/2", '{"n": 3}\n')
        self.moto.put("source", "athena/manifest.csv", "s3://source/athena/1\ns3://source/athena/2\n")
        config = {"ManifestType": "ATHENA_DATA", "InputType": "JSONL"}
        self.assertEqual(self.items(reader(config=config, Bucket="source", Key="athena/manifest.csv")),
                         [{"n": 1}, {"n": 2}, {"n": 3}])

    def test_a_version(self):
        self.moto.make_bucket("versions", versions=True)
        first = self.moto.put("versions", "a.json", "[1]")
        self.moto.put("versions", "a.json", "[2]")
        config = {"InputType": "JSON"}
        self.assertEqual(self.items(reader(config=config, Bucket="versions", Key="a.json")), [2])
        self.assertEqual(self.items(reader(config=config, Bucket="versions", Key="a.json", VersionId=first)), [1])

    def test_a_key_of_any_characters(self):
        for key in ("a b/c+d&e=f?.json", "grün/日本 #1%20.json", "a  b.json", "x//y.json"):
            with self.subTest(key):
                self.moto.put("source", key, json.dumps([key]))
                self.assertEqual(self.items(reader(config={"InputType": "JSON"}, Bucket="source", Key=key)), [key])

    def test_where_the_items_come_from_is_in_the_context(self):
        self.moto.put("source", "source.json", "[5]")
        items = reader(config={"InputType": "JSON"}, Bucket="source", Key="source.json")
        found = self.items(items, ItemSelector={
            "from.$": "$$.Map.Item.Source", "value.$": "$$.Map.Item.Value"})
        self.assertEqual(found, [{"from": "S3://source/source.json", "value": 5}])

    def test_what_is_not_there_or_not_what_it_should_be(self):
        self.moto.put("source", "bad.json", "[1,")
        self.moto.put("source", "object.json", "{}")
        rows = [("source", "none.json", "The specified key does not exist. (Service: S3, Status Code: 404, Request ID"),
                ("nowhere", "a.json", "The specified bucket does not exist (Service: S3, Status Code: 404"),
                ("source", "bad.json", "not valid JSON"), ("source", "object.json", "non-iterable")]
        for bucket, key, cause in rows:
            with self.subTest(f"{bucket}/{key}"):
                done = self.run_map(reader(config={"InputType": "JSON"}, Bucket=bucket, Key=key))
                self.assert_fails(done, "States.ItemReaderFailed", cause)


class Listings(MotoTest):
    KEYS = ["a b+c&d.txt", "a  b.txt", "grün <1>.txt", "tab\t.txt"]

    def test_objects_with_a_prefix(self):
        keys = sorted(f"list/{key}" for key in self.KEYS)
        for key in keys:
            self.moto.put("source", key, key)
        self.moto.put("source", "other", "")
        found = self.items(reader("listObjectsV2", Bucket="source", Prefix="list/"))
        self.assertEqual([one["Key"] for one in found], keys)
        self.assertEqual(sorted(found[0]), ["Etag", "Key", "LastModified", "Size", "StorageClass"])
        self.assertEqual([one["Size"] for one in found], [len(key.encode()) for key in keys])

    def test_more_than_one_page(self):
        self.moto.make_bucket("many")
        keys = [f"{number:04}" for number in range(1005)]
        for key in keys:
            self.moto.put("many", key, "")
        count = {"ItemSelector": {"key.$": "$$.Map.Item.Value.Key"}, "MaxConcurrency": 100}
        self.assertEqual([one["key"] for one in self.items(reader("listObjectsV2", Bucket="many"), count)], keys)
        found = self.items(reader("listObjectsV2", config={"MaxItems": 1002}, Bucket="many"), count)
        self.assertEqual(len(found), 1002)

    def test_objects_read_and_joined(self):
        self.moto.put("source", "parts/1.json", "[1, 2]")
        self.moto.put("source", "parts/2.json", "[3]")
        config = {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}
        parts = reader("listObjectsV2", config=config, Bucket="source", Prefix="parts/")
        self.assertEqual(self.items(parts), [1, 2, 3])

    def test_a_bucket_without_such_objects(self):
        self.assertEqual(self.items(reader("listObjectsV2", Bucket="source", Prefix="nothing/")), [])

    def test_a_bucket_that_is_not_there(self):
        done = self.run_map(reader("listObjectsV2", Bucket="nowhere"))
        self.assert_fails(done, "States.ItemReaderFailed", "The specified bucket does not exist")


class ResultWriters(MotoTest):
    def setUp(self):
        super().setUp()
        self.moto.put("source", "123.json", "[1, 2, 3]")
        self.numbers = reader(config={"InputType": "JSON"}, Bucket="source", Key="123.json")

    def manifest(self, output):
        self.assertEqual(output["ResultWriterDetails"]["Bucket"], "out")
        document = json.loads(self.moto.get("out", output["ResultWriterDetails"]["Key"]))
        self.assertEqual(document["DestinationBucket"], "out")
        self.assertEqual(document["MapRunArn"], output["MapRunArn"])
        return document["ResultFiles"]

    def only_file(self, files):
        self.assertEqual(len(files), 1)
        text = self.moto.get("out", files[0]["Key"])
        self.assertEqual(len(text.encode()), files[0]["Size"])
        return text

    def test_results_and_failures_are_written(self):
        files = self.manifest(self.items(self.numbers, writer("out"), processor=CHOOSY, ToleratedFailureCount=1))
        self.assertEqual(files["PENDING"], [])
        good = json.loads(self.only_file(files["SUCCEEDED"]))
        self.assertEqual([json.loads(one["Output"]) for one in good], [1, 3])
        self.assertEqual({one["Status"] for one in good}, {"SUCCEEDED"})
        (bad,) = json.loads(self.only_file(files["FAILED"]))
        self.assertEqual((bad["Error"], bad["Cause"], json.loads(bad["Input"])), ("Two", "it is 2", 2))

    def test_lines_of_outputs_alone(self):
        config = {"Transformation": "COMPACT", "OutputType": "JSONL"}
        files = self.manifest(self.items(self.numbers, writer("out", config=config)))
        self.assertTrue(files["SUCCEEDED"][0]["Key"].endswith("/SUCCEEDED_0.jsonl"))
        self.assertEqual(self.only_file(files["SUCCEEDED"]), "1\n2\n3\n")

    def test_what_one_map_wrote_another_one_reads(self):
        config = {"Transformation": "COMPACT", "OutputType": "JSON"}
        files = self.manifest(self.items(self.numbers, writer("out", "a b/c+", config)))
        key = files["SUCCEEDED"][0]["Key"]
        self.assertTrue(key.startswith("a b/c+/"))
        self.assertEqual(self.items(reader(config={"InputType": "JSON"}, Bucket="out", Key=key)), [1, 2, 3])

    def test_a_map_that_fails_writes_what_there_is(self):
        done = self.run_map(self.numbers, writer("out", "failed"), processor=CHOOSY, MaxConcurrency=1)
        self.assert_fails(done, "States.ExceedToleratedFailureThreshold")
        listing = self.moto.ask("GET", "/out?list-type=2&prefix=failed")[0].decode()
        self.assertIn("/FAILED_0.json", listing)
        self.assertIn("/manifest.json", listing)

    def test_a_bucket_that_is_not_there(self):
        done = self.run_map(self.numbers, writer("nowhere"))
        self.assert_fails(done, "States.ResultWriterFailed", "The specified bucket does not exist")


class Signatures(S3Test):
    """A server that knows its users, and believes nobody else. Of listings, and of keys with other characters
    than here, it finds no signature right, those of AWS' own SDK neither."""

    def setUp(self):
        self.moto = moto.Moto()
        self.addCleanup(self.moto.close)
        self.moto.make_bucket("source")
        self.moto.put("source", "a b/in.json", "[1, 2]")
        self.keys = self.moto.user()
        self.moto.check_signatures()
        super().setUp()

    def s3_url(self):
        return self.moto.url

    def s3_environment(self):
        return {**super().s3_environment(), "AWS_ACCESS_KEY_ID": self.keys[0], "AWS_SECRET_ACCESS_KEY": self.keys[1]}

    def test_they_are_right(self):
        output = self.items(reader(config={"InputType": "JSON"}, Bucket="source", Key="a b/in.json"),
                            writer("source", "a b/out"))
        self.assertTrue(output["ResultWriterDetails"]["Key"].startswith("a b/out/"))

    def test_a_wrong_secret_is_told(self):
        self.service.stop()
        self.service.env = {**self.s3_environment(), "AWS_SECRET_ACCESS_KEY": "wrong"}
        self.service.start()
        done = self.run_map(reader(config={"InputType": "JSON"}, Bucket="source", Key="a b/in.json"))
        self.assert_fails(done, "States.ItemReaderFailed", "signature", "Status Code: 403")


class Unreachable(S3Test):
    """In place of S3 is somebody who listens and says nothing."""

    def setUp(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.listener.close)
        super().setUp()

    def s3_url(self):
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def test_the_end_of_the_server_waits_not_and_the_next_one_reads(self):
        execution = self.begin(reader(config={"InputType": "JSON"}, Bucket="source", Key="a.json"))
        silent, _ = self.listener.accept()
        self.addCleanup(silent.close)
        self.assertEqual(self.service.stop(10), 0)
        self.service.start()
        self.assertEqual(self.describe(execution)["status"], "RUNNING")
        self.answer("[1, 2]")
        self.assertEqual(self.over(execution).output, [1, 2])

    def answer(self, body):
        """Answers the next request."""
        connection, _ = self.listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())

    def test_other_executions_go_on_meanwhile(self):
        execution = self.begin(reader(config={"InputType": "JSON"}, Bucket="source", Key="a.json"))
        silent, _ = self.listener.accept()
        self.addCleanup(silent.close)
        self.assertEqual(self.items({"Items": [1]}, QueryLanguage="JSONata"), [1])
        states = self.service.states()
        states.call("StopExecution", executionArn=execution)
        self.assertEqual(self.over(execution).status, "ABORTED")

    def test_nobody_listens(self):
        self.listener.close()
        done = self.run_map(reader(config={"InputType": "JSON"}, Bucket="source", Key="a.json"))
        self.assert_fails(done, "States.ItemReaderFailed", "s3 GET /source/a.json")


class NoKeys(S3Test):
    def s3_environment(self):
        return {}

    def test_a_map_that_wants_s3_says_that_there_is_none(self):
        done = self.run_map(reader(config={"InputType": "JSON"}, Bucket="source", Key="a.json"))
        self.assert_fails(done, "States.ItemReaderFailed", "No S3 endpoint and keys are configured.")


if __name__ == "__main__":
    if moto.unavailable():
        print(f"skipped: {moto.unavailable()}")
        sys.exit(kiln_e2e.SKIPPED)
    kiln_e2e.main()
