"""The interpreters of state machines that kiln's is measured beside. Neither keeps anything on disk."""
import json
import subprocess
from pathlib import Path

from measure import Failed

HERE = Path(__file__).resolve().parent / "peers"
REPOSITORY = HERE.parent.parent
LOCAL = "aws-local-stepfunctions@3.0.0"


def run_json(arguments, folder):
    done = subprocess.run([str(a) for a in arguments], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, arguments))}: {done.stderr.decode(errors='replace')[-2000:]}")
    return json.loads(done.stdout.decode().strip().splitlines()[-1])


class Moto:
    name = "moto's interpreter, in memory"

    def __init__(self, _folder):
        done = subprocess.run([REPOSITORY / "scripts/test_peers"], capture_output=True, check=False)
        if done.returncode != 0:
            raise Failed(done.stderr.decode(errors="replace"))

    def measure(self, states):
        return run_json([REPOSITORY / "build/peers/bin/python", HERE / "moto_step_functions.py", states, 30], REPOSITORY)


class LocalStepFunctions:
    name = "npm's aws-local-stepfunctions, in memory, in process"

    def __init__(self, folder):
        self.folder = folder / "npm"
        self.folder.mkdir(exist_ok=True)
        (self.folder / "package.json").write_text('{"private": true, "type": "module"}')
        done = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", LOCAL], cwd=self.folder,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if done.returncode != 0:
            raise Failed(f"npm install {LOCAL}: {done.stderr.decode(errors='replace')[-1000:]}")
        (self.folder / "run.mjs").write_bytes((HERE / "local_step_functions.mjs").read_bytes())

    def measure(self, states):
        return run_json(["node", "run.mjs", states, 2000 if states == 1 else 400], self.folder)
