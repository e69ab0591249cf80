"""kill -9 and Ctrl-C at every step of a bake; afterwards nothing of it is left, and the same bake succeeds.

KILN_FAULT=kill@before:STEP makes a test build end itself there (src/base/fault.hpp)."""
import os
import signal
import unittest

import kiln_e2e
from kiln_e2e import STEPS, KilnTest, eventually, processes_with

COMMANDS = ["echo one >/one", "echo two >/two"]
AFTER_THE_IMAGE = ("after:register", "before:end", "after:end")
POINTS = [f"{when}:{step}" for step in (*STEPS, "end") for when in ("before", "after")]


class Faults(KilnTest):
    def setUp(self):
        super().setUp()
        self.home.bake("earlier", ["echo earlier >/earlier"], checkpoints=False)
        self.files = self.home.layer_files()

    def bake(self, **more):
        return self.home.bake("web", COMMANDS, checkpoints=False, **more)

    def assert_only_what_was_there_before(self):
        self.assert_nothing_left()
        self.assertEqual(self.home.image_names(), ["base", "earlier"])
        self.assertEqual(self.home.layer_files(), self.files)
        self.assert_images_whole()

    def assert_bake_succeeds_now(self):
        self.bake()
        self.assertEqual(self.home.guest_file("web", "/two"), b"two\n")
        self.home.kiln("image", "rm", "web")
        self.home.kiln("gc")

    def test_kill_at_every_step(self):
        for point in POINTS:
            with self.subTest(point):
                result = self.bake(code=None, env={"KILN_FAULT": f"kill@{point}"})
                self.assertEqual(result.code, -signal.SIGKILL, result)
                self.home.kiln("gc")
                if point in AFTER_THE_IMAGE and "web" in self.home.image_names():
                    # It was durable already; the process only never said so.
                    self.assertEqual(self.home.guest_file("web", "/two"), b"two\n")
                    self.home.kiln("image", "rm", "web")
                    self.home.kiln("gc")
                self.assert_only_what_was_there_before()
                self.assert_bake_succeeds_now()

    def test_the_next_bake_sweeps_after_a_kill_without_gc(self):
        self.bake(code=None, env={"KILN_FAULT": "kill@after:run"})
        self.home.bake("other", ["true"], checkpoints=False)
        self.assert_nothing_left()

    def test_interrupt_at_every_step(self):
        for point in POINTS:
            with self.subTest(point):
                result = self.bake(code=None, env={"KILN_FAULT": f"int@{point}"})
                if point in AFTER_THE_IMAGE:
                    # Too late to be undone: the image is there, and that is what is said.
                    self.assertIn(result.code, (0, 130), result)
                    self.home.kiln("image", "rm", "web", code=None)
                else:
                    self.assertEqual(result.code, 130, result)
                self.assert_only_what_was_there_before()
        self.assert_bake_succeeds_now()

    def test_an_error_at_every_step_names_the_step_and_is_undone(self):
        for point in POINTS[:POINTS.index(AFTER_THE_IMAGE[0])]:
            with self.subTest(point):
                result = self.bake(code=None, env={"KILN_FAULT": f"error@{point}"})
                self.assertNotIn(result.code, (0, 130), result)
                self.assertIn(f"fault injected at {point}", result.said)
                self.assert_only_what_was_there_before()

    def test_kill_at_a_checkpoint_leaves_the_checkpoint_or_nothing(self):
        result = self.home.bake("web", COMMANDS, code=None, env={"KILN_FAULT": "kill@checkpoint"})
        self.assertEqual(result.code, -signal.SIGKILL, result)
        self.home.kiln("gc")
        self.assert_nothing_left()
        self.assert_images_whole()
        self.home.bake("web", COMMANDS)
        self.assertEqual(self.home.guest_file("web", "/one"), b"one\n")

    def test_a_storage_daemon_that_dies_fails_the_bake_with_a_clear_error(self):
        write = "dd if=/dev/zero of=/block bs=4096 count=1 conv=fsync"
        arguments = ("bake", self.home.request("web", [f"echo 4242004; while {write}; do sleep 0.05; done; exit 1"],
                                               checkpoints=False))
        process = self.home.start(*arguments)
        eventually(lambda: any(processes_with("4242004; while")), what="the command runs")
        pid_file = next((self.home.path / "cloud/attached").glob("*.pid"))
        os.kill(int(pid_file.read_text()), signal.SIGKILL)
        result = self.home.finish(process, arguments)
        self.assertEqual(result.code, 7, result)
        self.assertIn("storage daemon", result.said)
        self.assert_only_what_was_there_before()
        self.assert_bake_succeeds_now()

    def test_a_real_interrupt_while_a_command_runs(self):
        arguments = ("bake", self.home.request("slow", ["echo started; sleep 4242001"]))
        for name, code in (("SIGINT", 130), ("SIGTERM", 130)):
            with self.subTest(name):
                process = self.home.start(*arguments)
                eventually(lambda: any(processes_with("4242001")), what="the command runs")
                os.kill(process.pid, getattr(signal, name))
                result = self.home.finish(process, arguments)
                self.assertEqual(result.code, code, result)
                self.assertEqual(list(processes_with("4242001")), [])
                self.assert_only_what_was_there_before()

    def test_a_real_kill_while_a_command_runs_ends_the_command_too(self):
        arguments = ("bake", self.home.request("slow", ["sleep 4242002"]))
        process = self.home.start(*arguments)
        eventually(lambda: any(processes_with("4242002")), what="the command runs")
        process.kill()
        self.home.finish(process, arguments)
        self.home.kiln("gc")
        self.assertEqual(list(processes_with("4242002")), [])
        self.assert_only_what_was_there_before()

    def test_a_killed_bake_is_shown_as_interrupted_and_can_be_retried(self):
        self.bake(code=None, env={"KILN_FAULT": "kill@before:run"})
        self.home.kiln("gc")
        bake = self.home.json("bake", "list")[0]
        self.assertEqual(bake["state"], "interrupted")
        self.home.kiln("bake", "retry", bake["id"])
        self.assertIn("web", self.home.image_names())
        self.assert_nothing_left()

    def test_cancel_stops_a_running_bake_of_another_process(self):
        arguments = ("bake", self.home.request("slow", ["sleep 4242003"]))
        process = self.home.start(*arguments)
        eventually(lambda: any(processes_with("4242003")), what="the command runs")
        bake = self.home.json("bake", "list")[0]["id"]
        self.home.kiln("bake", "cancel", bake)
        result = self.home.finish(process, arguments)
        self.assertEqual(result.code, 130, result)
        self.assertEqual(self.home.json("bake", "show", bake)["state"], "cancelled")
        self.assert_only_what_was_there_before()

    def test_an_import_that_is_killed_leaves_nothing(self):
        tar = self.home.work / "root.tar"
        process = self.home.start("image", "import", tar, "--name", "late")
        eventually(lambda: process.poll() is not None or self.home.layer_files() != self.files,
                   what="the import has begun")
        process.kill()
        process.communicate()
        self.home.kiln("gc")
        self.assert_nothing_left()
        self.assertIn(self.home.image_names(), (["base", "earlier"], ["base", "earlier", "late"]))
        self.assert_images_whole()


if __name__ == "__main__":
    kiln_e2e.main()
