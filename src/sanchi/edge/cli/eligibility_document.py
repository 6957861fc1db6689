"""Answers of eligibility as one JSON document: every ground with its rule, the rule's dates and sources.

Enter: answers. Leave: objects of plain values. Not here: text for people (eligibility_text).
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sanchi.core.base.kinds import CertificateKind
from sanchi.core.eligibility import Answer, RuleBook


def document(value: Any) -> Any:
    """Lay values out for a machine: records as objects, an answer with its verdict, dates as YYYY-MM-DD."""
    if isinstance(value, Answer):
        return {"verdict": value.verdict.value, "grounds": document(value.grounds)}
    if isinstance(value, Mapping):
        return {name: document(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [document(part) for part in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: document(getattr(value, field.name)) for field in fields(value)}
    return _plain(value)


def _plain(value: Any) -> Any:
    """Write a value without parts."""
    if isinstance(value, CertificateKind):
        return value.text
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def rule_book_document(book: RuleBook) -> dict[str, Any]:
    """Lay rules out for a machine."""
    return {"as_of": book.as_of.isoformat(), "rules": document(book.rules)}
