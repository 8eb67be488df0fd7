import unittest

from framecodec import Frame, FrameError, decode, encode


class FrameTest(unittest.TestCase):
    def test_wire_form(self):
        self.assertEqual(encode(Frame("ab", b"xyz")), b"\x00\x00\x00\x07\x00\x02abxyz")

    def test_checked_wire_form(self):
        wire = encode(Frame("ab", b"xyz", checked=True))
        self.assertEqual(len(wire), 4 + 7 + 8)
        self.assertEqual(wire[:11], b"\x00\x00\x00\x0f\x01\x02abxyz")

    def test_round_trip_of_other_alphabets(self):
        for frame in (Frame("téléphone", b"1"), Frame("дверь", b"", checked=True)):
            self.assertEqual(decode(encode(frame)[4:]), frame)

    def test_topic_must_fit(self):
        with self.assertRaises(FrameError):
            encode(Frame("é" * 128, b""))

    def test_topic_past_the_end(self):
        with self.assertRaises(FrameError):
            decode(b"\x00\x09abc")
