"""Volumes that stand ready: what `kiln cache` makes, keeps and drops, what a bake takes from it, and that kill -9
at any of its points leaves nothing."""
import os
import signal
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor

import kiln_e2e
from kiln_e2e import STEPS, KilnTest, eventually

FILLING = ("cache:prepared", "cache:before-put", "cache:after-put")
CLAIMING = ("cache:claimed", *(f"{when}:{step}" for step in STEPS[1:9] for when in ("before", "after")))


class Cache(KilnTest):
    def bake(self, name="web", commands=("echo made >/made",), code=0, env=None, **more):
        return self.home.bake(name, commands, code=code, env=env, checkpoints=False, rebake=True, **more)

    def volume_from(self, *arguments, **more):
        return self.bake(*arguments, **more).json()["volume_from"]

    def ready(self):
        return [row[0] for row in self.home.rows("SELECT volume FROM volume_cache ORDER BY since_us")]

    def fill(self, *flags, **options):
        return self.home.kiln("cache", "fill", "--json", *flags, **options)

    def ask_for(self, times=1):
        """So many bakes of the base, which make volumes of it wanted."""
        for i in range(times):
            self.bake(f"asked@{i}")

    def settled(self):
        """What a bake started at its end is over."""
        eventually(lambda: not any("cache" in one and "fill" in one for one in self.home.before.left()),
                   what="the fill that a bake started is over")

    def test_a_bake_takes_what_stands_ready_and_a_new_one_is_made_for_it(self):
        self.assertEqual(self.volume_from("first"), "miss")
        said = self.fill().json()["deeds"]
        self.assertEqual([(deed["what"], deed["name"], deed["failed"]) for deed in said], [("make", "base", None)])
        before = self.ready()
        self.assertEqual(len(before), 1)
        self.assert_nothing_left()
        self.assertEqual(self.volume_from("second"), "hit")
        self.assertEqual(self.home.guest_file("second", "/made"), b"made\n")
        eventually(lambda: self.ready() and self.ready() != before, what="another one stands ready")
        self.settled()
        shown = self.home.json("cache", "show")
        self.assertEqual({key: shown["usage"][key] for key in ("hot", "hits", "misses", "hit_rate")},
                         {"hot": 0, "hits": 1, "misses": 1, "hit_rate": 0.5})
        self.assertEqual({volume["image"] for volume in shown["volumes"]}, {"base"})
        self.assertTrue(all(volume["why"] for volume in shown["volumes"]))
        self.assert_nothing_left()
        self.assert_images_whole()

    def test_a_dry_run_says_what_would_be_and_touches_nothing(self):
        self.ask_for(2)
        files, counts = self.home.files(), self.home.counts()
        said = self.fill("--dry-run").json()
        self.assertTrue(said["dry_run"])
        self.assertEqual([deed["what"] for deed in said["deeds"]], ["make", "make"])
        self.assertIn("2 bakes", said["deeds"][0]["why"])
        self.assertEqual((self.home.files(), self.home.counts()), (files, counts))

    def test_the_budget_holds_and_zero_turns_it_off(self):
        self.ask_for(3)
        self.fill("--set", "cache.count=2")
        self.assertEqual(len(self.ready()), 2)
        self.fill("--set", "cache.count=1")
        self.assertEqual(len(self.ready()), 1)
        result = self.home.kiln("bake", self.home.request("off", checkpoints=False), "--json", "--set", "cache.count=0")
        self.assertNotIn("volume_from", result.json())
        self.home.kiln("gc", "--set", "cache.count=0")
        self.assertEqual(self.ready(), [])
        self.assert_nothing_left()

    def test_a_size_is_a_volume_of_its_own_and_grown_before(self):
        self.bake("large@1", volume={"size_gib": 3})
        self.fill()
        self.assertEqual(self.home.rows("SELECT size_bytes FROM volume_cache"), [(3 << 30,)])
        self.assertEqual(self.volume_from("small@1"), "miss")
        result = self.bake("large@2", ["df -k / | tail -1"], volume={"size_gib": 3}).json()
        self.assertEqual(result["volume_from"], "hit")
        size = int(self.home.log_lines(result["bake"])[0].split()[1])
        self.assertGreater(size, 2_600_000)

    def test_removing_an_image_drops_what_stood_ready_for_it(self):
        self.bake("parent@1")
        self.bake("child@1", parent="parent@1")
        self.fill("--set", "cache.count=9")
        self.assertEqual(len(self.ready()), 2)
        self.home.kiln("image", "rm", "parent@1")
        self.assertEqual(len(self.ready()), 1)
        self.assert_nothing_left()

    def test_a_volume_that_somebody_removed_is_passed_over(self):
        self.ask_for(2)
        self.fill()
        first, second = self.ready()
        self.home.kiln("volume", "rm", first)
        self.assertIn("the volume is gone", self.home.kiln("gc", "--dry-run").out)
        self.assertEqual(self.volume_from("web"), "hit")
        self.settled()
        self.assertNotIn(first, self.ready())
        self.assertNotIn(second, self.ready())
        self.assert_nothing_left()

    def test_several_bakes_at_once_never_get_the_same_volume(self):
        self.ask_for(3)
        self.fill()
        self.assertEqual(len(self.ready()), 3)
        with ThreadPoolExecutor(6) as pool:
            froms = list(pool.map(lambda i: self.volume_from(f"par@{i}", [f"echo {i} >/made"]), range(6)))
        self.assertGreaterEqual(froms.count("hit"), 3, froms)
        for i in range(6):
            self.assertEqual(self.home.guest_file(f"par@{i}", "/made"), f"{i}\n".encode())
        self.settled()
        self.assert_nothing_left()
        self.assert_images_whole()

    def test_a_kept_volume_of_a_failed_bake_is_the_users(self):
        self.ask_for()
        self.fill()
        failed = self.bake("fails", ["false"], code=1, keep_on_failure=True).json()
        self.assertEqual(failed["volume_from"], "hit")
        volume = self.home.json("volume", "show", failed["error"]["volume"])
        self.assertNotIn("kiln:cache", volume["tags"])
        self.settled()
        self.home.kiln("volume", "rm", volume["id"])
        self.assert_nothing_left()

    def test_kill_at_every_point_of_a_fill(self):
        self.ask_for()
        for point in FILLING:
            with self.subTest(point):
                result = self.fill(code=None, env={"KILN_FAULT": f"kill@{point}"})
                self.assertEqual(result.code, -signal.SIGKILL, result)
                self.home.kiln("gc")
                self.assertEqual(len(self.ready()), 1 if point == FILLING[-1] else 0)
                self.assert_nothing_left()
                self.assertEqual(self.home.json("gc")["items"], [])
                self.home.kiln("cache", "clear")
        self.fill()
        result = self.home.kiln("cache", "clear", code=None, env={"KILN_FAULT": "kill@cache:taken"})
        self.assertEqual(result.code, -signal.SIGKILL, result)
        self.home.kiln("gc")
        self.assertEqual(self.ready(), [])
        self.assert_nothing_left()

    def test_kill_at_every_point_of_a_bake_that_took_one(self):
        self.ask_for()
        for point in CLAIMING:
            with self.subTest(point):
                self.fill()
                taken = self.ready()
                result = self.bake(code=None, env={"KILN_FAULT": f"kill@{point}"})
                self.assertEqual(result.code, -signal.SIGKILL, result)
                self.home.kiln("gc")
                waits = point == "before:acquire"  # nobody had claimed it yet
                self.assertEqual(self.ready()[:1] == taken[:1], waits)
                self.assert_nothing_left()
                self.assertEqual(self.home.json("gc")["items"], [])
        self.fill()
        self.assertEqual(self.volume_from("web"), "hit")
        self.assertEqual(self.home.guest_file("web", "/made"), b"made\n")
        self.settled()
        self.assert_nothing_left()
        self.assert_images_whole()

    def test_an_interrupted_fill_leaves_whole_volumes_only(self):
        self.ask_for()
        for point in FILLING[:2]:
            with self.subTest(point):
                self.assertIn(self.fill(code=None, env={"KILN_FAULT": f"int@{point}"}).code, (0, 130))
                self.assert_nothing_left()
        self.assertFalse(os.path.exists(self.home.path / "run" / "root"))

    def test_a_dry_run_foresees_files_that_no_record_has(self):
        stray = self.home.path / "cloud/layers/lay-0123456789abcdef0.qcow2"
        stray.write_bytes(self.home.layer_files()[0].read_bytes())
        said = self.home.json("gc", "--dry-run")["items"]
        self.assertEqual([(item["what"], item["name"]) for item in said], [("file", stray.stem)])
        self.assertTrue(stray.exists())
        self.home.kiln("gc")
        self.assertFalse(stray.exists())
        self.assert_nothing_left()


ATTEMPTS = 8


class HotVolumes(KilnTest):
    """Those that a server holds mounted."""

    def setUp(self):
        super().setUp()
        for verb in (("serve",), ("bake", "submit")):
            if self.home.kiln(*verb, "--help", code=None).code != 0:
                self.skipTest(f"this kiln has no `kiln {' '.join(verb)}`")
        self.server = None
        self.addCleanup(self.end)

    def serve(self, env=None):
        note = self.home.path / "run/server.json"
        note.unlink(missing_ok=True)
        self.server = self.home.start("serve", "--listen", "127.0.0.1:0", env=env)
        eventually(lambda: note.exists() or self.server.poll() is not None, what="the server is up")
        self.assertIsNone(self.server.poll(), "the server ended")

    def end(self, number=signal.SIGTERM):
        if self.server and self.server.poll() is None:
            self.server.send_signal(number)
        if self.server:
            self.server.communicate(timeout=60)

    def submit(self, name, code=0):
        path = self.home.request(name, [f"echo {name} >/made"], checkpoints=False, rebake=True)
        return self.home.kiln("bake", "submit", path, "--wait", "--json", code=code)

    def start_client(self, name):
        path = self.home.request(name, [f"echo {name} >/made"], checkpoints=False, rebake=True)
        return self.home.start("bake", "submit", path, "--wait")

    def hot(self):
        return [volume["volume"] for volume in self.home.json("cache", "show")["volumes"] if volume["hot"]]

    def test_a_server_holds_one_mounted_and_gives_it_to_the_next_bake(self):
        self.serve()
        self.assertEqual(self.submit("first").json()["volume_from"], "miss")
        before = eventually(self.hot, what="a volume is held mounted")
        for number in range(ATTEMPTS):  # one that is shown may still be under way for the next bake
            name = f"next-{number}"
            if (found := self.submit(name).json()["volume_from"]) == "hot":
                break
        self.assertEqual(found, "hot")
        self.assertEqual(self.home.guest_file(name, "/made"), f"{name}\n".encode())
        self.assertNotEqual(eventually(self.hot, what="another one is held mounted"), before)
        self.end()
        self.assertEqual(self.server.returncode, 0)
        self.assert_nothing_left()
        self.assert_images_whole()

    def test_kill_of_a_server_that_holds_one_leaves_nothing(self):
        self.serve()
        self.submit("first")
        eventually(self.hot, what="a volume is held mounted")
        self.end(signal.SIGKILL)
        self.home.kiln("gc")
        self.assert_nothing_left()
        self.assertEqual(self.home.json("gc")["items"], [])

    def test_kill_while_one_is_made_and_while_it_is_handed_over(self):
        for point in ("cache:hot", "cache:handed-over"):
            with self.subTest(point):
                self.serve(env={"KILN_FAULT": f"kill@{point}"})
                word = point.split(":")[1]
                clients = [self.start_client(f"first-{word}")]
                eventually(lambda: self.hot() or self.server.poll() is not None, what="one is held, or the kill")
                for number in range(ATTEMPTS):  # one of the next bakes gets it
                    if self.server.poll() is not None:
                        break
                    clients.append(self.start_client(f"next-{word}-{number}"))
                    try:
                        self.server.wait(2)
                    except subprocess.TimeoutExpired:
                        pass
                eventually(lambda: self.server.poll() is not None, what="the server is killed")
                for client in clients:  # they wait for the server to come back
                    client.kill()
                    client.communicate()
                self.assertEqual(self.server.returncode, -signal.SIGKILL)
                self.end()
                self.home.kiln("gc")
                self.assert_nothing_left()


if __name__ == "__main__":
    kiln_e2e.main()
