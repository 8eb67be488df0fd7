import unittest

from outline import build, find, find_headings, slugify, to_html, to_markdown, walk

TEXT = """\
# User Guide

## Install
### Notes
## Usage & Tips

```sh
# not a heading
```

### Notes ###
"""


class HeadingsTest(unittest.TestCase):
    def test_slugify(self):
        self.assertEqual(slugify("What's new in 2.0?"), "whats-new-in-20")
        self.assertEqual(slugify("Usage & Tips"), "usage-tips")

    def test_code_blocks_are_skipped(self):
        titles = [h.title for h in find_headings(TEXT)]
        self.assertEqual(titles, ["User Guide", "Install", "Notes", "Usage & Tips", "Notes"])

    def test_anchors_are_unique(self):
        anchors = [h.anchor for h in find_headings(TEXT)]
        self.assertEqual(anchors, ["user-guide", "install", "notes", "usage-tips", "notes-1"])


class TreeTest(unittest.TestCase):
    def test_nesting(self):
        depths = [depth for depth, _ in walk(build(TEXT))]
        self.assertEqual(depths, [0, 1, 2, 1, 2])

    def test_max_level(self):
        self.assertEqual(len(list(walk(build(TEXT, max_level=2)))), 3)

    def test_find(self):
        roots = build(TEXT)
        self.assertEqual(find(roots, "notes-1").line, 11)
        self.assertIsNone(find(roots, "notes-2"))


class RenderTest(unittest.TestCase):
    def test_markdown(self):
        self.assertEqual(
            to_markdown(build(TEXT, max_level=2)),
            "- [User Guide](#user-guide)\n"
            "  - [Install](#install)\n"
            "  - [Usage & Tips](#usage-tips)",
        )

    def test_html(self):
        self.assertEqual(
            to_html(build("# A\n## B & C\n")),
            '<ul><li><a href="#a">A</a>'
            '<ul><li><a href="#b-c">B &amp; C</a></li></ul></li></ul>',
        )

    def test_empty_document(self):
        self.assertEqual(to_markdown(build("no headings")), "")
        self.assertEqual(to_html(build("")), "")
