import unittest

from diffstat import DiffStat, FileStat, format_stat, parse_diff, shorten

GIT = """\
diff --git a/src/app.py b/src/app.py
index 83db48f..bf2a1c3 100644
--- a/src/app.py
+++ b/src/app.py
@@ -1,3 +1,4 @@
 import os
-import sys
+import re
+import json
 print(os)
diff --git a/old.txt b/old.txt
deleted file mode 100644
--- a/old.txt
+++ /dev/null
@@ -1,2 +0,0 @@
-one
-two
diff --git a/logo.png b/logo.png
Binary files a/logo.png and b/logo.png differ
"""


class ParseTest(unittest.TestCase):
    def test_counts(self):
        stat = parse_diff(GIT).get("src/app.py")
        self.assertEqual((stat.added, stat.removed), (2, 1))

    def test_deleted_file_keeps_its_name(self):
        self.assertEqual(parse_diff(GIT).get("old.txt").removed, 2)

    def test_binary(self):
        self.assertTrue(parse_diff(GIT).get("logo.png").binary)

    def test_mail_preamble(self):
        mail = "From: Ann\nSubject: [PATCH] Drop sys\n\n---\n src/app.py | 3 ++-\n\n"
        self.assertEqual(parse_diff(mail + GIT), parse_diff(GIT))

    def test_time_stamps_are_dropped(self):
        text = "--- x.c\t2024-01-01\n+++ x.c\t2024-01-02\n@@ -1 +1 @@\n-a\n+b\n"
        self.assertEqual([f.path for f in parse_diff(text).files], ["x.c"])


class ReportTest(unittest.TestCase):
    def test_report(self):
        self.assertEqual(
            format_stat(parse_diff(GIT)),
            " src/app.py | 3 ++-\n"
            " old.txt    | 2 --\n"
            " logo.png   | Bin\n"
            " 3 files changed, 2 insertions(+), 3 deletions(-)",
        )

    def test_bars_are_scaled(self):
        stat = DiffStat([FileStat("a", added=100), FileStat("b", added=1)])
        lines = format_stat(stat, bar_width=10).splitlines()
        self.assertEqual(lines[0], " a | 100 ++++++++++")
        self.assertEqual(lines[1], " b |   1 +")

    def test_only_binary_files(self):
        stat = DiffStat([FileStat("a.bin", binary=True)])
        self.assertEqual(format_stat(stat), " a.bin | Bin\n 1 file changed")

    def test_empty_diff(self):
        self.assertEqual(format_stat(parse_diff("")), "")

    def test_shorten(self):
        self.assertEqual(shorten("a/very/long/path.py", 10), "...path.py")
        self.assertEqual(shorten("short.py", 10), "short.py")
