"""AWS' command line, for what drives kiln with it."""
import subprocess
import sys

from kiln_e2e import REPOSITORY

FOLDER = REPOSITORY / "build/awscli"


def aws_cli():
    """The program, in an environment of its own below the build folder, where it is put the first time; None where it
    cannot be had."""
    program = FOLDER / "bin/aws"
    if program.exists():
        return program
    for command in ([sys.executable, "-m", "venv", FOLDER], [FOLDER / "bin/pip", "install", "-q", "awscli"]):
        if subprocess.run(command, capture_output=True, check=False).returncode != 0:
            return None
    return program if program.exists() else None
