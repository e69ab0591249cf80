"""The demo, twice: a first run, and one that finds everything kept. What README.md shows of it is what it prints."""
import os
import re
import shutil
import subprocess
import sys
import time
import unittest
from importlib.machinery import SourceFileLoader
from pathlib import Path

import kiln_e2e
from kiln_e2e import KILN, REPOSITORY

HOME = REPOSITORY / ".cache/demo-test"
BASE = REPOSITORY / ".cache/base/debian.tar"
SECOND_RUN_SECONDS = 15
check_docs = SourceFileLoader("check_docs", str(REPOSITORY / "scripts/check_docs")).load_module()


def run_demo():
    begun = time.monotonic()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KILN")}
    done = subprocess.run(
        [REPOSITORY / "scripts/demo"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=400, check=False,
        env={**environment, "LANG": "C.UTF-8", "DEMO_HOME": str(HOME), "DEMO_PROGRAMS": str(Path(KILN).parent)})
    return done.returncode, done.stdout.decode(errors="replace"), time.monotonic() - begun


def transcript():
    """What README.md shows of a first run."""
    text = (REPOSITORY / "README.md").read_text()
    return re.search(r"^```console demo\n(.*?)^```$", text, re.MULTILINE | re.DOTALL).group(1).splitlines()


class Demo(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        shutil.rmtree(HOME, ignore_errors=True)
        self.addCleanup(shutil.rmtree, HOME, ignore_errors=True)

    def test_it_works_the_first_and_the_second_time(self):
        code, out, _ = run_demo()
        self.assertEqual(code, 0, out)
        self.assertIn("<h1>Hello from an image that kiln baked</h1>", out)
        self.assertTrue(check_docs.same([check_docs.ANY, *transcript()], out.splitlines()), f"README.md shows something else than:\n{out}")
        code, out, seconds = run_demo()
        self.assertEqual(code, 0, out)
        self.assertIn("<h1>Hello from an image that kiln baked</h1>", out)
        self.assertLess(seconds, SECOND_RUN_SECONDS)


def main():
    made = subprocess.run([REPOSITORY / "scripts/make_base", BASE], capture_output=True, text=True, check=False)
    if made.returncode != 0 and not kiln_e2e.unavailable():
        print(f"skipped: no base image could be made, is a mirror within reach?\n{made.stdout}{made.stderr}")
        return kiln_e2e.SKIPPED
    return kiln_e2e.main()


if __name__ == "__main__":
    sys.exit(main())
