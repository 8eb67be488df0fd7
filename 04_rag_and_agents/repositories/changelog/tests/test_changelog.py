import textwrap
import unittest

from changelog import Changelog, ChangelogError, Release, parse, release, render

TEXT = textwrap.dedent("""\
    # History of Spam

    ## [Unreleased]

    ### Added
    - A --quiet option
      for the command line.

    ### Fixed
    - Crash on empty input.

    ## [1.2.3] - 2024-01-05

    ### Removed
    - Support for Python 3.7.
    """)


class ParseTest(unittest.TestCase):
    def test_title_and_entries(self):
        log = parse(TEXT)
        self.assertEqual(log.title, "History of Spam")
        self.assertEqual(len(log.releases), 2)
        self.assertEqual(log.releases[1].sections, {"removed": ["Support for Python 3.7."]})
        self.assertEqual(log.releases[1].date, "2024-01-05")

    def test_continuation_lines_are_joined(self):
        added = parse(TEXT).releases[0].sections["added"]
        self.assertEqual(added, ["A --quiet option for the command line."])

    def test_unreleased_block_is_found(self):
        pending = parse(TEXT).unreleased()
        self.assertIsNotNone(pending)
        self.assertEqual(pending.sections["fixed"], ["Crash on empty input."])

    def test_unknown_section(self):
        with self.assertRaisesRegex(ChangelogError, "line 2: unknown section 'Misc'"):
            parse("## [1.0.0]\n### Misc\n")

    def test_entry_outside_section(self):
        with self.assertRaises(ChangelogError):
            parse("- stray\n")


class VersionTest(unittest.TestCase):
    def make(self, section):
        log = Changelog(releases=[Release("unreleased"), Release("1.2.3")])
        log.releases[0].add(section, "Something.")
        return log

    def test_levels(self):
        self.assertEqual(self.make("removed").next_version(), "2.0.0")
        self.assertEqual(self.make("added").next_version(), "1.3.0")
        self.assertEqual(self.make("fixed").next_version(), "1.2.4")


class ReleaseTest(unittest.TestCase):
    def test_release_from_text(self):
        text = release(parse(TEXT), "2024-05-01")
        self.assertIn("## [Unreleased]\n\n## [1.3.0] - 2024-05-01\n", text)

    def test_render_orders_sections(self):
        rel = Release("0.1.0")
        rel.add("fixed", "B")
        rel.add("added", "A")
        text = render(Changelog(releases=[rel]))
        self.assertEqual(text, "# Changelog\n\n## [0.1.0]\n\n### Added\n- A\n\n### Fixed\n- B\n")

    def test_nothing_to_release(self):
        with self.assertRaises(ChangelogError):
            release(Changelog(releases=[Release("1.0.0")]), "2024-05-01")
