"""Timing of whole commands: interleaved, several runs, medians. Python's standard library only."""
import os
import statistics
import subprocess
import threading
import time
from pathlib import Path


class Failed(Exception):
    """A measured command did not do its work: its figure would mean nothing."""


def run(arguments, env=None, cwd=None):
    """Runs to the end; (seconds, stdout)."""
    begun = time.perf_counter()
    done = subprocess.run([str(a) for a in arguments], env=env, cwd=cwd, stdin=subprocess.DEVNULL,
                          capture_output=True, check=False)
    seconds = time.perf_counter() - begun
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, arguments))} -> {done.returncode}\n"
                     f"{(done.stderr or done.stdout).decode(errors='replace')}")
    return seconds, done.stdout.decode(errors="replace")


def interleaved(variants, runs, warm_up=1):
    """Times each of {name: function}, in turns, so that what disturbs the machine disturbs all alike.

    A function that returns a number has timed itself; else its whole call is timed. Returns {name: [seconds]}."""
    times = {name: [] for name in variants}
    for turn in range(runs + warm_up):
        for name, function in variants.items():
            begun = time.perf_counter()
            own = function()
            seconds = own if isinstance(own, float) else time.perf_counter() - begun
            if turn >= warm_up:
                times[name].append(seconds)
    return times


def median(times):
    return statistics.median(times)


class MemoryWatch:
    """The memory of processes, sampled while they run: the largest VmHWM that each reached (`peaks`), and what one took
    when all together took most (`share`), with pages that several have counted once."""

    def __init__(self):
        self.peaks = {}
        self.together = (0, 1)  # bytes, processes
        self.pids = set()
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._sample, daemon=True)
        self.thread.start()

    def add(self, pid):
        self.pids.add(pid)

    def _sample(self):
        turn = 0
        while not self.stop.wait(0.01):
            turn += 1
            if turn % 20 == 0:
                self._add_up()
            for pid in list(self.pids):
                try:
                    status = Path(f"/proc/{pid}/status").read_text()
                except OSError:
                    self.pids.discard(pid)
                    continue
                for line in status.splitlines():
                    if line.startswith("VmHWM:"):
                        self.peaks[pid] = max(self.peaks.get(pid, 0), int(line.split()[1]) * 1024)

    def _add_up(self):
        shares = []
        for pid in list(self.pids):
            try:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            except OSError:
                continue
            shares += [int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")]
        if sum(shares) > self.together[0]:
            self.together = (sum(shares), len(shares))

    @property
    def share(self):
        return self.together[0] / self.together[1]

    def finish(self):
        self.stop.set()
        self.thread.join()
        return self.peaks


def shown_seconds(seconds):
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


def shown_mib(size):
    return f"{size / (1 << 20):.1f} MiB"


def machine():
    """One line on what this was measured on."""
    model = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "unknown CPU")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return f"{os.cpu_count()} cores of {model}, {memory:.0f} GiB, Linux {os.uname().release}"
