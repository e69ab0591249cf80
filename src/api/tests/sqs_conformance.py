#!/usr/bin/env python3
"""Lets a driver with AWS' own answers judge SQS' API, over both protocols: sqs_conformance.py SERVER

The driver is sqs/run.py in the folder that KILN_CONFORMANCE names (default ../shared/conformance); without it the test
is skipped. Scripts that take longer than 10.5 seconds are left out."""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
SKIPPED = 77
AT_LEAST = 0.95
SLOWEST_SECONDS = "10.5"


def judge(driver, url, protocol, folder):
    """Do enough scripts pass?"""
    report = folder / f"{protocol}.json"
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    subprocess.run([sys.executable, driver, "--endpoint", url, "--protocol", protocol, "--jobs", "8", "--max-seconds",
                    SLOWEST_SECONDS, "--report", report], check=True, env=environment, timeout=240)
    result = json.loads(report.read_text())
    share = result["passed"] / (result["passed"] + result["failed"])
    print(f"{protocol}: {share:.1%}, at least {AT_LEAST:.0%} are wanted", flush=True)
    return share >= AT_LEAST


def main():
    driver = Path(os.environ.get("KILN_CONFORMANCE", REPOSITORY.parent / "shared/conformance")) / "sqs/run.py"
    if not driver.is_file():
        print(f"SKIPPED: no {driver}; KILN_CONFORMANCE names the folder that has sqs/run.py")
        return SKIPPED
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with subprocess.Popen([sys.argv[1], folder / "home"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            url = server.stdout.readline().strip()
            good = [judge(driver, url, protocol, folder) for protocol in ("json", "query")]
            server.stdin.close()
    return 0 if all(good) and server.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
