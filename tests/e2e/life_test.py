"""The whole life of images and bakes, through the program."""
import json
import tarfile
import unittest

import kiln_e2e
from kiln_e2e import KilnTest


class Life(KilnTest):
    def bake_page(self, name="web", **more):
        return self.home.bake(name, ["mkdir -p /srv", "echo hello >/srv/page"], **more).json()

    def test_a_bake_makes_an_image_that_holds_what_the_bootstrap_wrote(self):
        bake = self.bake_page()
        self.assertEqual(bake["state"], "succeeded")
        self.assertRegex(bake["image"], r"^ami-[0-9a-f]{17}$")
        self.assertEqual(self.home.guest_file("web", "/srv/page"), b"hello\n")
        self.assertIsNone(self.home.guest_file("base", "/srv/page"))
        self.assert_nothing_left()

    def test_flags_do_what_a_request_file_does(self):
        folder = self.home.work / "code"
        folder.mkdir()
        (folder / "install.sh").write_text("#!/bin/sh\necho \"$WHO\" >/srv-who\n")
        (folder / "install.sh").chmod(0o755)
        self.home.kiln("bake", "--name", "flags", "--parent", "base", "--source", folder,
                       "--command", "./install.sh", "--env", "WHO=me")
        self.assertEqual(self.home.guest_file("flags", "/srv-who"), b"me\n")
        self.assert_nothing_left()

    def test_stdout_is_the_answer_and_the_log_goes_to_stderr(self):
        result = self.home.kiln("bake", self.home.request("quiet", ["echo from-the-bootstrap"]))
        self.assertRegex(result.out, r"ami-[0-9a-f]{17}")
        self.assertNotIn("from-the-bootstrap", result.out)
        self.assertIn("from-the-bootstrap", result.err)

    def test_events_are_numbered_without_gaps_and_end_with_one_end(self):
        bake = self.home.bake("numbered", ["echo one; echo two >&2"]).json()
        events = self.home.events(bake["bake"])
        self.assertEqual([event["sequence"] for event in events], list(range(1, len(events) + 1)))
        self.assertEqual([event["category"] for event in events[:3]], ["STEP", "ACCEPTED", "STEP"])
        self.assertEqual({event["step"] for event in events[:3]}, {"check"})
        self.assertEqual([event["final"] for event in events].count(True), 1)
        self.assertEqual((events[-1]["category"], events[-1]["final"]), ("END", True))
        self.assertEqual([e["category"] for e in events].count("IMAGE"), 1)
        lines = self.home.log_lines(bake["bake"])
        self.assertIn("one", lines)
        self.assertIn("two", lines)
        steps = {event["step"] for event in events if event["category"] == "STEP"}
        self.assertLessEqual({"check", "acquire", "attach", "mount", "run", "finish", "unmount", "freeze", "register"},
                             steps)

    def test_a_failing_command_fails_the_bake_with_its_status_and_last_lines(self):
        result = self.home.bake("broken", ["echo fine", "echo last words; exit 9"], code=1)
        self.assertIn("exit", result.said)
        self.assertIn("9", result.said)
        bake = self.home.json("bake", "list")[0]
        self.assertEqual(bake["state"], "failed")
        error = [e for e in self.home.events(bake["id"]) if e["category"] == "ERROR"]
        self.assertEqual(len(error), 1)
        self.assertEqual(error[0]["step"], "run")
        self.assertIn("last words", json.dumps(error[0]))
        self.assertEqual(self.home.image_names(), ["base"])
        self.assert_nothing_left()

    def test_retry_goes_on_at_the_command_that_failed(self):
        commands = ["echo x >>/count", "test -e /bootstrap-may-pass || test \"$PASS\" = yes"]
        self.home.bake("again", commands, code=1)
        bake = self.home.json("bake", "list")[0]["id"]
        self.home.kiln("bake", "retry", bake, code=1)
        newest = self.home.json("bake", "list")[0]["id"]
        self.assertNotEqual(newest, bake)
        self.assertEqual(self.home.kiln("bake", "shell", bake, "--", "cat", "/count").out.strip(), "x")
        self.assert_nothing_left()

    def test_the_same_request_gives_the_same_image_and_rebake_a_new_one(self):
        first = self.bake_page("same")
        again = self.bake_page("same")
        self.assertEqual(again["image"], first["image"])
        forced = self.bake_page("same", rebake=True, code=None)
        self.assertNotEqual(forced.get("image"), first["image"])
        self.assert_nothing_left()

    def test_machine_identity_is_reset_unless_kept(self):
        self.bake_page("reset")
        self.assertIn(self.home.guest_file("reset", "/etc/machine-id"), (b"", b"uninitialized\n", None))
        self.home.bake("kept", ["true"], keep=["machine-id"])
        self.assertEqual(self.home.guest_file("kept", "/etc/machine-id"), b"0123456789abcdef0123456789abcdef\n")

    def test_lineage_is_in_the_image_and_in_the_store(self):
        self.bake_page("one")
        self.home.bake("two", ["echo 2 >/two"], parent="one")
        lineage = json.loads(self.home.guest_file("two", "/etc/kiln/lineage.json"))
        self.assertIn("one", json.dumps(lineage))
        self.assertIn(self.base["id"], json.dumps(lineage))
        shown = self.home.kiln("image", "lineage", "two").out
        self.assertLess(0, shown.count("base"))
        self.assertLess(0, shown.count("one"))
        self.assert_nothing_left()

    def test_diff_names_the_files_that_differ(self):
        self.bake_page("differs")
        shown = self.home.kiln("image", "diff", "base", "differs").out
        self.assertIn("/srv/page", shown)
        self.assertNotIn("/usr/bin/busybox", shown)
        self.assert_nothing_left()

    def test_export_and_import_round_trip_in_each_format(self):
        self.bake_page("travels")
        for ending in ("tar", "raw", "qcow2"):
            with self.subTest(ending):
                out = self.home.work / f"out.{ending}"
                self.home.kiln("image", "export", "travels", out)
                self.home.kiln("image", "import", out, "--name", f"back-{ending}")
                self.assertEqual(self.home.guest_file(f"back-{ending}", "/srv/page"), b"hello\n")
                out.unlink()
        self.assert_nothing_left()
        self.assert_images_whole()

    def test_the_same_image_exports_the_same_tar(self):
        self.bake_page("stable")
        outs = [self.home.work / name for name in ("a.tar", "b.tar")]
        for out in outs:
            self.home.kiln("image", "export", "stable", out)
        self.assertEqual(outs[0].read_bytes(), outs[1].read_bytes())
        with tarfile.open(outs[0]) as tar:
            self.assertEqual(tar.getmember("usr/bin/sh" if "usr/bin/sh" in tar.getnames() else "./usr/bin/sh").type,
                             tarfile.SYMTYPE)

    def test_tag_rename_and_share_are_shown(self):
        self.bake_page("marked", tags={"team": "web"}, share_with=["111122223333"])
        self.home.kiln("image", "tag", "marked", "stage=test")
        self.home.kiln("image", "share", "marked", "--with", "444455556666")
        self.home.kiln("image", "rename", "marked", "renamed")
        image = self.home.json("image", "show", "renamed")
        self.assertEqual(image["tags"], {"stage": "test", "team": "web"})
        self.assertEqual(image["shared_with"], ["111122223333", "444455556666"])
        self.home.kiln("image", "show", "marked", code=4)

    def test_removing_an_image_frees_only_what_no_other_needs(self):
        self.bake_page("parent", checkpoints=False)
        self.home.bake("child", ["echo c >/child"], parent="parent", checkpoints=False)
        self.home.kiln("image", "rm", "parent")
        self.assertEqual(self.home.image_names(), ["base", "child"])
        self.assertEqual(self.home.guest_file("child", "/srv/page"), b"hello\n")
        self.home.kiln("image", "rm", "child")
        self.home.kiln("image", "rm", "base")
        self.home.kiln("gc")
        self.assertEqual(self.home.images(), [])
        self.assertEqual(self.home.json("snapshot", "list"), [])
        self.assert_nothing_left()

    def test_a_volume_is_made_shown_and_removed(self):
        volume = self.home.json("volume", "create", "--size", "1GiB")
        self.assertEqual([v["id"] for v in self.home.json("volume", "list")], [volume["id"]])
        self.home.kiln("volume", "rm", volume["id"])
        self.assert_nothing_left()

    def test_verify_bakes_again_and_finds_no_difference(self):
        self.bake_page("repeatable")
        self.home.kiln("bake", "verify", "repeatable")
        self.assertEqual(self.home.image_names(), ["base", "repeatable"])
        self.assert_nothing_left()

    def test_gc_dry_run_removes_nothing(self):
        self.bake_page("stays")
        before = self.home.files()
        self.home.kiln("gc", "--dry-run")
        self.assertEqual(self.home.files(), before)

    def test_what_is_not_there_is_exit_4_and_named(self):
        for arguments in (("image", "show", "nope"), ("image", "rm", "ami-0123456789abcdef0"),
                          ("bake", "show", "bake-0123456789abcdef0")):
            with self.subTest(arguments):
                self.assertIn(arguments[-1], self.home.kiln(*arguments, code=4).err)

    def test_unknown_words_and_flags_are_exit_2(self):
        for arguments in (("imag", "list"), ("image", "lst"), ("image", "list", "--al"), ("bake", "--nam", "x")):
            with self.subTest(arguments):
                self.home.kiln(*arguments, code=2)


class Checkpoints(KilnTest):
    def test_a_shared_prefix_is_not_run_again(self):
        commands = ["cat /proc/sys/kernel/random/uuid >/first", "echo second >/second"]
        self.home.bake("first", commands)
        self.home.bake("other", [commands[0], "echo changed >/second"])
        self.assertEqual(self.home.guest_file("first", "/first"), self.home.guest_file("other", "/first"))
        self.assertEqual(self.home.guest_file("other", "/second"), b"changed\n")
        self.assert_nothing_left()

    def test_no_checkpoints_runs_everything_again(self):
        command = "cat /proc/sys/kernel/random/uuid >/first"
        self.home.bake("first", [command, "true"], checkpoints=False)
        self.home.bake("other", [command, "echo other"], checkpoints=False)
        self.assertNotEqual(self.home.guest_file("first", "/first"), self.home.guest_file("other", "/first"))

    def test_an_always_command_runs_again(self):
        uuid = "cat /proc/sys/kernel/random/uuid >"
        commands = [f"{uuid}/first", {"run": f"{uuid}/second", "always": True}]
        self.home.bake("first", commands)
        self.home.bake("other", commands)
        self.home.bake("third", [*commands, "echo more"])
        self.assertEqual(self.home.guest_file("first", "/first"), self.home.guest_file("third", "/first"))
        self.assertNotEqual(self.home.guest_file("first", "/second"), self.home.guest_file("third", "/second"))

    def test_a_changed_bootstrap_file_is_not_taken_from_a_checkpoint(self):
        folder = self.home.work / "code"
        folder.mkdir()
        for name, text in (("first", "one"), ("other", "two")):
            (folder / "data").write_text(text)
            self.home.bake(name, ["cp data /data"], bootstrap={"source": str(folder)})
        self.assertEqual(self.home.guest_file("first", "/data"), b"one")
        self.assertEqual(self.home.guest_file("other", "/data"), b"two")


if __name__ == "__main__":
    kiln_e2e.main()
