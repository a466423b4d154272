"""Recognises the customer of an order among the relations of an administration."""

from customer_resolver.domain.recognition.fitting import Fit, fit
from customer_resolver.domain.recognition.keys import (
    CARRIERS_MAX,
    NORMAL_FORM_VERSION,
    keys_of_buyer,
    keys_of_relation,
)
from customer_resolver.domain.recognition.levels import Level
from customer_resolver.domain.recognition.outcomes import (
    SUGGESTIONS_MAX,
    Candidates,
    Linked,
    Manual,
    New,
    Recognised,
    Suggestion,
)
from customer_resolver.domain.recognition.recognising import decide, recognise
from customer_resolver.domain.recognition.statistics import NO_STATISTICS, Statistics, StatisticsCount
from customer_resolver.domain.recognition.trace import Trace
from customer_resolver.domain.recognition.ways import Recognition, Threshold
from customer_resolver.domain.recognition.weights import MODEL_VERSION, PRIORS, Weights

__all__ = [
    "CARRIERS_MAX",
    "MODEL_VERSION",
    "NORMAL_FORM_VERSION",
    "NO_STATISTICS",
    "PRIORS",
    "SUGGESTIONS_MAX",
    "Candidates",
    "Fit",
    "Level",
    "Linked",
    "Manual",
    "New",
    "Recognised",
    "Recognition",
    "Statistics",
    "StatisticsCount",
    "Suggestion",
    "Threshold",
    "Trace",
    "Weights",
    "decide",
    "fit",
    "keys_of_buyer",
    "keys_of_relation",
    "recognise",
]
