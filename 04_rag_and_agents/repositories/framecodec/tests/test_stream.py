import unittest

from framecodec import ChecksumMismatch, Frame, FrameReader, FrameTooLong, encode


class FrameReaderTest(unittest.TestCase):
    def test_one_byte_at_a_time(self):
        reader = FrameReader()
        frames = []
        for byte in encode(Frame("sensor/7", b"21.5")):
            frames += reader.feed(bytes([byte]))
        self.assertEqual(frames, [Frame("sensor/7", b"21.5")])
        self.assertEqual(reader.pending, 0)

    def test_rest_is_kept(self):
        reader = FrameReader()
        wire = encode(Frame("a", b"1")) + encode(Frame("b", b"2"))
        self.assertEqual(reader.feed(wire[:-1]), [Frame("a", b"1")])
        self.assertEqual(reader.feed(wire[-1:]), [Frame("b", b"2")])

    def test_mixed_stream(self):
        sent = [
            Frame("log", b"started"),
            Frame("sensor/7", b"\x00\xff", checked=True),
            Frame("log", b""),
        ]
        received = FrameReader().feed(b"".join(map(encode, sent)))
        self.assertEqual(received, sent)

    def test_damage_is_noticed(self):
        wire = bytearray(encode(Frame("sensor/7", b"21.5", checked=True)))
        wire[-10] ^= 0x40
        with self.assertRaises(ChecksumMismatch):
            FrameReader().feed(bytes(wire))

    def test_too_long(self):
        with self.assertRaises(FrameTooLong):
            FrameReader(limit=100).feed(encode(Frame("big", b"x" * 200)))
