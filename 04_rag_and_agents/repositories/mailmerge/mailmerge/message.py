"""A single outgoing message."""


class Message:
    """Recipient, subject and body, with any further headers."""

    def __init__(self, to, subject, body, headers={}):
        self.headers = headers
        self.to = to
        self.subject = subject
        self.body = body

    def set_header(self, name, value):
        """Set a header, replacing an earlier value whatever its case."""
        for existing in list(self.headers):
            if existing.lower() == name.lower():
                del self.headers[existing]
        self.headers[name] = value

    def as_text(self):
        """Return the message as it goes over the wire."""
        head = [f"To: {self.to}", f"Subject: {self.subject}"]
        head += [f"{name}: {self.headers[name]}" for name in sorted(self.headers)]
        return "\n".join(head) + "\n\n" + self.body
