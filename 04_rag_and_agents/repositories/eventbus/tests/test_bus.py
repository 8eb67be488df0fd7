import unittest

from eventbus import EventBus, Recorder


class BusTest(unittest.TestCase):
    def setUp(self):
        self.bus = EventBus()
        self.calls = []

    def note(self, name):
        return lambda event: self.calls.append(name)

    def test_data_reaches_handler(self):
        self.bus.subscribe("order.paid", lambda event: self.calls.append(event.data))
        self.assertEqual(self.bus.publish("order.paid", amount=12), 1)
        self.assertEqual(self.calls, [{"amount": 12}])

    def test_priority(self):
        self.bus.subscribe("a", self.note("low"), priority=-1)
        self.bus.subscribe("a", self.note("first"))
        self.bus.subscribe("a", self.note("second"))
        self.bus.subscribe("a", self.note("high"), priority=5)
        self.bus.publish("a")
        self.assertEqual(self.calls, ["high", "first", "second", "low"])

    def test_once(self):
        self.bus.subscribe("a", self.note("once"), once=True)
        self.assertEqual(self.bus.publish("a"), 1)
        self.assertEqual(self.bus.publish("a"), 0)
        self.assertEqual(len(self.bus), 0)

    def test_several_once_handlers(self):
        for name in ("x", "y", "z"):
            self.bus.subscribe("a", self.note(name), once=True)
        self.bus.publish("a")
        self.assertEqual(self.calls, ["x", "y", "z"])

    def test_handler_unsubscribes_itself(self):
        def leave(event):
            self.calls.append("leave")
            self.bus.unsubscribe(sub)

        sub = self.bus.subscribe("a", leave)
        self.bus.subscribe("a", self.note("stay"))
        self.assertEqual(self.bus.publish("a"), 2)
        self.assertEqual(self.calls, ["leave", "stay"])

    def test_recorder(self):
        with Recorder(self.bus, "user.#") as seen:
            self.bus.publish("user.new")
            self.bus.publish("order.paid")
        self.bus.publish("user.gone")
        self.assertEqual(seen.topics(), ["user.new"])
