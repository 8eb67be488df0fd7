import io
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from wordindex.cli import main

SCRIPT = Path(__file__).resolve().parent.parent / "bin" / "wordindex"


class CommandLineTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        for name, text in {"a.txt": "Gooseberry jam", "b.txt": "Plum jam"}.items():
            Path(self.folder, name).write_text(text, encoding="utf-8")

    def run_main(self, query):
        out = io.StringIO()
        return main([self.folder, query], out=out), out.getvalue()

    def test_found(self):
        self.assertEqual(self.run_main("jam -plum"), (0, "a.txt\n"))

    def test_not_found(self):
        self.assertEqual(self.run_main("marmalade"), (1, ""))

    def test_bad_query(self):
        self.assertEqual(self.run_main("|")[0], 2)

    def test_script(self):
        done = subprocess.run(
            [sys.executable, "-B", str(SCRIPT), self.folder, "jam"],
            capture_output=True,
            text=True,
        )
        self.assertEqual((done.returncode, done.stdout), (0, "a.txt\nb.txt\n"))
