"""What keeps a machine in order from outside: gc, the maintenance that a bake starts, the gate that all
processes share, rebuilding what stands on an old base, doctor, settings."""
import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

from kiln_e2e import KILN, KilnTest, eventually, main


class Upkeep(KilnTest):
    def by_flags(self, name, parent, command, *flags, code=0):
        return self.home.kiln("bake", "-q", "--name", name, "--parent", parent, "--command", command, *flags, code=code)

    def depth_of(self, name):
        return self.home.rows(
            "SELECT layers.depth FROM images JOIN snapshots ON snapshots.id = images.root_snapshot "
            f"JOIN layers ON layers.id = snapshots.layer WHERE images.name = '{name}'")[0][0]

    def test_a_deep_chain_is_flattened_after_the_bake_that_made_it_deep(self):
        parent = "base"
        for i in range(4):
            self.by_flags(f"deep@{i}", parent, f"echo {i} >/{i}", "--no-checkpoints", "--set", "local.flatten_depth=200")
            parent = f"deep@{i}"
        self.assertGreater(self.depth_of("deep@3"), 3)
        self.by_flags("deep@4", parent, "echo 4 >/4", "--no-checkpoints", "--set", "local.flatten_depth=3")
        eventually(lambda: self.depth_of("deep@4") <= 3, what="the chain is flattened")
        self.assertEqual(self.home.guest_file("deep@4", "/0"), b"0\n")
        eventually(lambda: not list(self.left_by_maintenance()), what="the maintenance ends")

    def left_by_maintenance(self):
        return [one for one in self.home.before.left() if "--maintenance" in one]

    def test_a_bake_that_leaves_nothing_to_do_starts_nothing(self):
        self.by_flags("web", "base", "true")
        self.assertFalse((self.home.path / "maintenance.lock").exists())

    def test_checkpoints_over_budget_go_least_recently_used_first(self):
        self.by_flags("one", "base", "head -c 2000000 /dev/zero | tr '\\0' x >/one")
        self.by_flags("two", "base", "head -c 2000000 /dev/zero | tr '\\0' y >/two")
        kept = [row[0] for row in self.home.rows("SELECT snapshot FROM checkpoints ORDER BY used_us")]
        self.assertEqual(len(kept), 2)
        self.home.kiln("gc", "--set", "checkpoint.budget=3MiB")
        self.assertEqual([row[0] for row in self.home.rows("SELECT snapshot FROM checkpoints")], kept[1:])

    def test_the_retention_rule_spares_parents_shared_and_kept_images(self):
        for i in (1, 2, 3, 4):
            self.by_flags(f"web@{i}", "base", f"echo {i} >/v")
        self.by_flags("shop@1", "web@1", "true")
        self.home.kiln("image", "tag", "web@2", "keep=")
        said = self.home.json("gc", "--keep", "1", "--dry-run")
        self.assertTrue(said["dry_run"])
        self.assertEqual(len(self.home.images()), 6, "a dry run touches nothing")
        self.home.kiln("gc", "--keep", "1")
        self.assertEqual(self.home.image_names(), ["base", "shop@1", "web@1", "web@2", "web@4"])

    def test_a_rebuild_follows_dependence_and_ends_a_branch_at_its_first_failure(self):
        self.by_flags("root@1", "base", "echo 1 >/root-version")
        self.by_flags("web@1", "root@1", "cp /root-version /web")
        self.by_flags("shop@1", "web@1", "cp /web /shop")
        self.by_flags("db@1", "root@1", "grep -q 1 /root-version")
        self.by_flags("till@1", "db@1", "true")
        self.by_flags("root@2", "base", "echo 2 >/root-version")
        plan = self.home.json("image", "rebuild", "root@2", "--dry-run")["plan"]
        self.assertEqual({step["new_name"] for step in plan["steps"]}, {"web@1.r1", "shop@1.r1", "db@1.r1", "till@1.r1"})
        result = self.home.kiln("image", "rebuild", "root@2", "--json", code=1).json()
        self.assertEqual({one["name"]: one["state"] for one in result["results"]},
                         {"web@1.r1": "made", "shop@1.r1": "made", "db@1.r1": "failed", "till@1.r1": "skipped"})
        self.assertEqual(self.home.guest_file("shop@1.r1", "/shop"), b"2\n")
        again = self.home.json("image", "rebuild", "root@2", "--dry-run")["plan"]
        self.assertEqual({step["new_name"] for step in again["steps"]}, {"db@1.r1", "till@1.r1"})

    def test_no_more_bakes_run_at_once_than_the_machine_is_to_run(self):
        env = {"KILN_BAKE_CONCURRENCY": "2"}

        def bake(i):
            begun = self.home.kiln("bake", self.home.request(f"par@{i}", [f"sleep 0.3; echo {i}"]), "--json", env=env).json()
            events = self.home.events(begun["bake"])
            times = [event["time"] for event in events if event["category"] == "STEP" and event["step"] == "run"]
            return times[0], times[-1]

        with ThreadPoolExecutor(6) as pool:
            spans = list(pool.map(bake, range(6)))
        for begin, _ in spans:
            self.assertLessEqual(sum(1 for other, end in spans if other <= begin < end), 2, spans)

    def test_one_that_waits_for_a_slot_can_be_interrupted(self):
        env = {"KILN_BAKE_CONCURRENCY": "1"}
        slow_arguments = ("bake", self.home.request("slow", ["echo started; sleep 4243001"]))
        slow = self.home.start(*slow_arguments, env=env)
        eventually(lambda: [row for row in self.home.rows("SELECT state FROM bakes WHERE state = 'running'")],
                   what="the first bake runs")
        waiting_arguments = ("bake", self.home.request("waits"))
        waiting = self.home.start(*waiting_arguments, env=env)
        eventually(lambda: any("inotify" in os.readlink(f"/proc/{waiting.pid}/fd/{fd}")
                               for fd in os.listdir(f"/proc/{waiting.pid}/fd")), what="the second one waits")
        os.kill(waiting.pid, signal.SIGINT)
        self.assertEqual(self.home.finish(waiting, waiting_arguments).code, 130)
        os.kill(slow.pid, signal.SIGINT)
        self.assertEqual(self.home.finish(slow, slow_arguments).code, 130)
        self.assert_nothing_left()

    def test_a_reader_that_goes_away_ends_a_listing_quietly(self):
        process = self.home.start("image", "list")
        process.stdout.close()
        self.assertEqual((process.wait(30), process.stderr.read()), (0, b""))
        process.stderr.close()

    def test_an_answer_that_cannot_be_written_is_an_error(self):
        with open("/dev/full", "w") as full:
            ended = subprocess.run([KILN, "image", "list"], env=self.home.environment(), stdout=full,
                                   stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(ended.returncode, 6)
        self.assertIn("No space left", ended.stderr)

    def test_doctor_says_of_each_thing_whether_it_is_there_and_leaves_nothing(self):
        result = self.home.kiln("doctor", "--deep", "--json", code=None)
        checks = {check["check"]: check for check in result.json()["checks"]}
        for name in ("root", "fuse", "loop devices", "namespaces", "cgroups", "kvm", "fuse export", "fusectl", "store",
                     "layers", "qemu-img", "qemu-storage-daemon", "bwrap"):
            self.assertIn(name, checks)
        for check in checks.values():
            if check["state"] != "ok":
                self.assertTrue(check["fix"], check)
        self.assertEqual(result.code, 0 if result.json()["ok"] else 1)
        self.assert_nothing_left()

    def test_doctor_names_a_damaged_layer(self):
        layer = max(self.home.layer_files(), key=lambda path: path.stat().st_size)
        with open(layer, "r+b") as file:
            file.write(b"\0" * 512)
        said = self.home.kiln("doctor", "--deep", "--json", code=1).json()
        bad = [check for check in said["checks"] if check["state"] == "fail" and check["check"].startswith("layer ")]
        self.assertEqual([check["check"] for check in bad], [f"layer {layer.stem}"])

    def test_settings_come_from_file_environment_and_flags_in_this_order(self):
        (self.home.path / "kiln.toml").write_text("[bake]\nconcurrency = 3\ndeadline = \"20m\"\n")
        env = {"KILN_BAKE_CONCURRENCY": "4"}
        shown = self.home.json("config", "show", env=env)
        self.assertEqual(shown["bake.concurrency"], {"value": 4, "from": "KILN_BAKE_CONCURRENCY"})
        self.assertEqual(shown["bake.deadline"]["value"], 1200)
        self.assertTrue(shown["bake.deadline"]["from"].endswith("kiln.toml:3"))
        shown = self.home.json("config", "show", "--set", "bake.concurrency=5", env=env)
        self.assertEqual(shown["bake.concurrency"]["value"], 5)
        (self.home.path / "kiln.toml").write_text("[bake]\nconcurency = 3\n")
        said = self.home.kiln("image", "list", code=2).err
        self.assertIn("kiln.toml:2", said)
        self.assertIn('did you mean "bake.concurrency"?', said)


if __name__ == "__main__":
    main()
