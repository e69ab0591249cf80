"""What AWS answered, as others wrote it down, judges `kiln serve`: SQS in both protocols, and Step Functions.

The drivers are sqs/run.py and stepfunctions/run.py in the folder that KILN_CONFORMANCE names (by default
../shared/conformance); without it the tests are skipped."""
import json
import os
import subprocess
import sys
from pathlib import Path

import kiln_e2e
from service import ServiceTest

REPOSITORY = Path(__file__).resolve().parents[2]
SUITES = Path(os.environ.get("KILN_CONFORMANCE", REPOSITORY.parent / "shared/conformance"))
AT_LEAST = 0.95
SLOWEST_SECONDS = 10.5  # of a script of SQS' driver; a few wait for minutes


class Conformance(ServiceTest):
    def judge(self, suite, *options):
        """The share of scripts that passed."""
        driver = SUITES / suite / "run.py"
        report = self.home.work / "report.json"
        credentials = self.service.credentials()
        environment = {**os.environ, "AWS_ACCESS_KEY_ID": credentials["access_key_id"],
                       "AWS_SECRET_ACCESS_KEY": credentials["secret_access_key"]}
        done = subprocess.run([sys.executable, driver, "--endpoint", self.service.url, "--jobs", "8",
                               "--report", report, *options], env=environment, timeout=280,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        result = json.loads(report.read_text())
        share = result["passed"] / (result["passed"] + result["failed"])
        print(f"{suite} {' '.join(options[:2])}: {share:.1%} pass", flush=True)
        self.assertGreaterEqual(share, AT_LEAST, done.stdout[-4000:])

    def test_sqs_in_json(self):
        self.judge("sqs", "--protocol", "json", "--max-seconds", str(SLOWEST_SECONDS))

    def test_sqs_in_the_query_protocol(self):
        self.judge("sqs", "--protocol", "query", "--max-seconds", str(SLOWEST_SECONDS))

    def test_step_functions(self):
        self.judge("stepfunctions")


if __name__ == "__main__":
    if not SUITES.is_dir():
        print(f"SKIPPED: no {SUITES}; KILN_CONFORMANCE names the folder that has the suites")
        sys.exit(kiln_e2e.SKIPPED)
    kiln_e2e.main()
