"""Recognises the customer of an order among the relations of an administration."""

from customer_resolver.domain.recognition.outcomes import (
    SUGGESTIONS_MAX,
    Candidates,
    Linked,
    Manual,
    New,
    Recognised,
    Recognition,
    Suggestion,
    Threshold,
)

__all__ = [
    "SUGGESTIONS_MAX",
    "Candidates",
    "Linked",
    "Manual",
    "New",
    "Recognised",
    "Recognition",
    "Suggestion",
    "Threshold",
]
