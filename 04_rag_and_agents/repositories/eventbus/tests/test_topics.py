import unittest

from eventbus import EventBus, TopicError, matches


class TopicsTest(unittest.TestCase):
    def test_star_is_one_word(self):
        self.assertTrue(matches("order.*", "order.paid"))
        self.assertFalse(matches("order.*", "order.paid.late"))
        self.assertFalse(matches("order.*", "order"))

    def test_hash_is_the_rest(self):
        self.assertTrue(matches("order.#", "order.paid.late"))
        self.assertTrue(matches("#", "order"))
        self.assertFalse(matches("order.#", "user.new"))

    def test_malformed(self):
        bus = EventBus()
        with self.assertRaises(TopicError):
            bus.subscribe("order.#.paid", print)
        with self.assertRaises(TopicError):
            bus.publish("order.*")
