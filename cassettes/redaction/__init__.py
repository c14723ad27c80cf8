"""Replaces secrets by stand-ins before anything is written."""

from cassettes.redaction.redactor import Redactor, redacted
from cassettes.redaction.rules import FORMS, Rule, parse_rule, parse_rules

__all__ = ["FORMS", "Redactor", "Rule", "parse_rule", "parse_rules", "redacted"]
