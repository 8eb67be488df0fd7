import unittest

from validator import Schema, SchemaError, ValidationError

PERSON = {
    "name": {"type": "string", "min_length": 2},
    "age": {"type": "integer", "min": 0, "max": 150, "required": False},
}


class SchemaTest(unittest.TestCase):
    def test_good_data_is_returned(self):
        data = {"name": "Ada", "age": 36}
        self.assertIs(Schema(PERSON).validate(data), data)

    def test_missing_fields(self):
        self.assertEqual(Schema(PERSON).errors({}), {"name": "is required"})

    def test_short_text(self):
        self.assertEqual(Schema(PERSON).errors({"name": "A"}),
                         {"name": "must have at least 2 character(s)"})

    def test_both_ends_of_a_range(self):
        schema = Schema(PERSON)
        self.assertEqual(schema.errors({"name": "Ada", "age": 151}),
                         {"age": "must be at most 150"})
        self.assertEqual(schema.errors({"name": "Ada", "age": -1}),
                         {"age": "must be at least 0"})

    def test_first_failing_rule_is_reported(self):
        schema = Schema({"code": {"type": "string", "pattern": "[A-Z]{3}"}})
        self.assertEqual(schema.errors({"code": 7}), {"code": "must be of type string"})
        self.assertEqual(schema.errors({"code": "abc"}), {"code": "must match [A-Z]{3}"})

    def test_booleans_are_not_numbers(self):
        schema = Schema({"count": {"type": "integer"}})
        self.assertEqual(schema.errors({"count": True}),
                         {"count": "must be of type integer"})

    def test_choices(self):
        schema = Schema({"size": {"choices": ["S", "M", "L"]}})
        self.assertEqual(schema.errors({"size": "XL"}), {"size": "must be one of S, M, L"})

    def test_nested_errors_have_dotted_paths(self):
        schema = Schema({"owner": {"type": "object", "fields": PERSON}})
        with self.assertRaises(ValidationError) as caught:
            schema.validate({"owner": {"nick": "x"}})
        self.assertEqual(caught.exception.errors, {
            "owner.name": "is required",
            "owner.nick": "is not a known field",
        })

    def test_unknown_fields_can_be_allowed(self):
        schema = Schema({"id": {"type": "integer"}}, allow_unknown=True)
        self.assertEqual(schema.errors({"id": 1, "extra": 2}), {})

    def test_unknown_rule(self):
        with self.assertRaises(SchemaError):
            Schema({"id": {"maximum": 3}})
