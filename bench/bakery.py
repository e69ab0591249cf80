"""kiln, as the measurements use it: a KILN_HOME of its own, requests, timed bakes."""
import json
import os
import subprocess
import time

from measure import Failed, MemoryWatch, run


class Bakery:
    def __init__(self, program, work):
        self.program = program
        self.work = work
        self.home = work / "home"
        self.count = 0

    @property
    def env(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KILN_")}
        return {**kept, "KILN_HOME": str(self.home)}

    def kiln(self, *arguments):
        """Runs kiln; (seconds, stdout)."""
        return run([self.program, *arguments], env=self.env)

    def json(self, *arguments):
        return json.loads(self.kiln(*arguments, "--json")[1])

    def import_tar(self, tar, name, *more):
        self.kiln("image", "import", tar, "--name", name, *more)

    def fresh(self, prefix="bench"):
        """A name that no image has."""
        self.count += 1
        return f"{prefix}-{self.count}"

    def bake(self, command="true", parent="base", name=None, more=("--no-checkpoints",)):
        """One bake that is really made; its seconds."""
        return self.kiln("bake", "--name", name or self.fresh(), "--parent", parent, "--command", command, "--rebake",
                         *more)[0]

    def request(self, commands, parent="base", bootstrap=None, **more):
        """Writes a request file; `bootstrap` and `more` are further keys of the bootstrap and the request."""
        name = self.fresh("request")
        path = self.work / f"{name}.json"
        document = {"name": name, "parent": {"name": parent}, "bootstrap": {"commands": commands, **(bootstrap or {})},
                    **more}
        path.write_text(json.dumps(document))
        return path

    def bake_request(self, path):
        """One bake of a request file; (seconds, its result)."""
        seconds, out = self.kiln("bake", path, "--json")
        return seconds, json.loads(out)

    def at_once(self, argument_lists):
        """Starts kiln once for each list, all together; (seconds until the last is done, peaks of memory, share of one)."""
        watch = MemoryWatch()
        begun = time.perf_counter()
        processes = []
        for arguments in argument_lists:
            process = subprocess.Popen([self.program, *map(str, arguments)], env=self.env, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            watch.add(process.pid)
            processes.append(process)
        errors = [process.communicate()[1].decode(errors="replace") for process in processes]
        seconds = time.perf_counter() - begun
        peaks = watch.finish()
        failed = [error for process, error in zip(processes, errors) if process.returncode != 0]
        if failed:
            raise Failed(f"{len(failed)} of {len(processes)} failed; the first:\n{failed[0]}")
        return seconds, [peaks[process.pid] for process in processes if process.pid in peaks], watch.share
