"""Fitting moves the weights towards what is seen, within bounds; classes never change places."""

from dataclasses import replace

from customer_resolver.domain.recognition import PRIORS, Level, Trace, Weights, fit
from customer_resolver.domain.recognition.levels import CONFLICTS
from customer_resolver.domain.recognition.weights import Odds
from recognition_cases import buyer, card, home, recognised

ELSEWHERE = buyer(phone="0612345678", address=home(street="Dorpsweg", postcode="9999ZZ"))
MOVED = recognised(ELSEWHERE, card(phones=("0612345678",))).trace
HOUSEMATE = recognised(buyer(person="Kim Zwartjes"), card()).trace


def test_levels_that_are_seen_more_gain() -> None:
    fitted = fit([MOVED] * 600).weights
    assert fitted.person[Level.ADDRESS_DIFFERS].same > PRIORS.person[Level.ADDRESS_DIFFERS].same
    assert fitted.person[Level.ADDRESS_EQUAL].same < PRIORS.person[Level.ADDRESS_EQUAL].same
    assert fitted.known > PRIORS.known


def test_only_the_same_customer_is_fitted() -> None:
    fitted = fit([MOVED] * 600).weights
    for level, odds in fitted.person.items():
        assert odds._replace(same=0) == PRIORS.person[level]._replace(same=0)


def test_housemates_do_not_teach_that_names_change() -> None:
    fitted = fit([HOUSEMATE] * 5_000).weights
    for level in CONFLICTS & set(fitted.person):
        assert fitted.person[level].same <= PRIORS.person[level].same


def test_without_orders_nothing_moves() -> None:
    fitted = fit([])
    assert fitted.refused is None
    for level, odds in fitted.weights.person.items():
        assert abs(odds.same - PRIORS.person[level].same) < 1e-9


def test_a_fit_that_lost_its_way_is_refused() -> None:
    swapped = replace(PRIORS, person={**PRIORS.person, Level.FIRST_NAME_EQUAL: Odds(0.02, 0.92, 5e-3)})
    outcome = fit([MOVED], start=swapped)
    assert outcome.refused is Level.FIRST_NAME_EQUAL
    assert outcome.weights == swapped


def test_weights_of_another_model_are_not_used() -> None:
    kept = fit([MOVED] * 600).weights.as_document()
    assert Weights.from_document({**kept, "version": 1}) == PRIORS


def test_weights_survive_their_document() -> None:
    fitted = fit([MOVED] * 10).weights
    assert Weights.from_document(fitted.as_document()) == fitted


def test_a_trace_keeps_no_name_and_no_address() -> None:
    kept = str(Trace.as_document(MOVED)).casefold()
    assert not any(word in kept for word in ("peter", "zwartjes", "kerkstraat", "0612345678", "9999"))
