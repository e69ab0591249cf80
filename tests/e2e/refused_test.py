"""Bad requests and bad archives: refused at the door, with what is wrong named, and nothing made."""
import io
import json
import tarfile
import unittest
from pathlib import Path

import kiln_e2e
from kiln_e2e import KilnTest, add

REQUESTS = Path(__file__).parent / "bad_requests.json"


class Requests(KilnTest):
    def test_each_bad_request_is_refused_with_its_field_named_and_nothing_made(self):
        rows = json.loads(REQUESTS.read_text())
        self.assertGreaterEqual(len(rows), 60)
        self.assertEqual(len({row["why"] for row in rows}), len(rows), "each row has a name of its own")
        # What every process makes that bakes is there once one was refused.
        self.home.bake("web", parent="nothing", code=4)
        files, counts = self.home.files(), self.home.counts()
        for row in rows:
            with self.subTest(row["why"]):
                path = self.home.work / "request.json"
                path.write_text(row["text"] if "text" in row else json.dumps(row["request"]))
                result = self.home.kiln("bake", path, code=row.get("code", 2))
                for word in row["says"]:
                    self.assertIn(word, result.said)
                self.assertEqual(self.home.files(), files)
                self.assertEqual(self.home.counts(), counts)
        self.assert_nothing_left()

    def test_several_problems_are_all_said_at_once(self):
        path = self.home.work / "request.json"
        path.write_text(json.dumps({"nam": "web", "parent": {}, "bootstrap": {"commands": [7]}}))
        said = self.home.kiln("bake", path, code=2).err
        for word in ("nam", "name", "parent", "bootstrap.commands[0]"):
            self.assertIn(word, said)

    def test_an_ambiguous_parent_lists_the_candidates(self):
        self.home.kiln("image", "import", self.home.work / "root.tar", "--name", "other")
        path = self.home.work / "request.json"
        path.write_text(json.dumps({"name": "web", "parent": {"queries": [{"name": "*"}]},
                                    "bootstrap": {"commands": ["true"]}}))
        result = self.home.kiln("bake", path, code=None)
        if result.code == 0:  # alike but for their names: the newest is right
            return
        self.assertEqual(result.code, 2, result)
        self.assertIn("base", result.said)
        self.assertIn("other", result.said)


def archive(*members):
    """A tar of (name, data, fields) members."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, data, fields in members:
            add(tar, name, data, **fields)
    return out.getvalue()


def link(name, target):
    return (name, b"", {"type": tarfile.SYMTYPE, "linkname": target})


def hard_link(name, target):
    return (name, b"", {"type": tarfile.LNKTYPE, "linkname": target})


def file(name, data=b"owned"):
    return (name, data, {})


ESCAPES = {
    "parent folder": [file("../escaped")],
    "parent folder inside": [file("a/../../escaped")],
    "absolute path": [file("/escaped-by-archive")],
    "through a link": [link("out", "/"), file("out/escaped-by-archive")],
    "through a relative link": [link("out", "../.."), file("out/escaped")],
    "through a chain of links": [link("a", "."), link("a/b", ".."), file("b/escaped")],
    "hard link outside": [hard_link("h", "/etc/passwd")],
    "hard link by parent": [hard_link("h", "../../etc/passwd")],
}


class Archives(KilnTest):
    def write(self, name, data):
        path = self.home.work / name
        path.write_bytes(data)
        return path

    def assert_refused(self, path, *words):
        """Refused as bad input, with one of the words said."""
        files = self.home.layer_files()
        result = self.home.bake("web", ["true"], bootstrap={"source": str(path)}, code=2)
        self.assertTrue(any(word in result.said for word in words), result)
        self.assertEqual(self.home.image_names(), ["base"])
        self.assertEqual(self.home.layer_files(), files)
        self.assertFalse(Path("/escaped-by-archive").exists())
        self.assertEqual(list(self.home.path.rglob("escaped*")), [])
        self.assert_nothing_left()

    def test_members_that_escape_are_refused_and_named(self):
        for why, members in ESCAPES.items():
            with self.subTest(why):
                self.assert_refused(self.write("evil.tar", archive(*members)),
                                    *(f"'{name}'" for name, _, _ in members))

    def test_a_decompression_bomb_is_refused(self):
        import lzma
        data = archive(file("zeros", b"\0" * (300 << 20)))
        self.assert_refused(self.write("bomb.tar.xz", lzma.compress(data, preset=0)), "unpack")

    def test_what_is_no_archive_is_refused(self):
        self.assert_refused(self.write("garbage.tar.gz", b"this is not an archive" * 100), "archive")

    def test_an_archive_that_is_cut_short_is_refused(self):
        whole = archive(file("big", b"x" * 1_000_000))
        self.assert_refused(self.write("short.tar", whole[:500_000]), "short.tar")

    def test_a_root_tar_that_escapes_makes_no_image(self):
        for why, members in ESCAPES.items():
            with self.subTest(why):
                path = self.write("evil.tar", archive(*members))
                self.home.kiln("image", "import", path, "--name", "evil", code=2)
                self.assertEqual(self.home.image_names(), ["base"])
                self.assertFalse(Path("/escaped-by-archive").exists())
        self.assert_nothing_left()

    def test_a_disk_without_a_file_system_is_refused_with_what_was_found(self):
        path = self.write("empty.raw", b"\0" * (8 << 20))
        self.home.kiln("image", "import", path, "--name", "empty", code=2)
        self.assertEqual(self.home.image_names(), ["base"])
        self.assert_nothing_left()

    def test_a_qcow2_with_a_backing_file_is_refused(self):
        import subprocess
        secret = self.write("host.raw", b"secret" * 1000)
        evil = self.home.work / "evil.qcow2"
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", secret, evil], check=True)
        result = self.home.kiln("image", "import", evil, "--name", "evil", code=2)
        self.assertIn("backing", result.said)
        self.assert_nothing_left()


if __name__ == "__main__":
    kiln_e2e.main()
