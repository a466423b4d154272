"""The fields of a form as a template shows them: with what was typed, else with what is saved."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from console.adapters.web.pages.profiles.fields import COLLECTIVE_FOR, Field, Kind
from console.adapters.web.pages.profiles.problems import Remark
from console.adapters.web.pages.profiles.typed import Typed, split_words
from console.ports import ShopStatus

Seal = Callable[[str, str], str]


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldView:
    """`chosen` has the values that are ticked; `sealed` a key that was typed in a former attempt.

    `is_kept`: a key is saved, or typed before, so that nothing need be typed.
    """

    field: Field
    value: str = ""
    chosen: frozenset[str] = frozenset()
    is_kept: bool = False
    sealed: str | None = None
    errors: tuple[Remark, ...] = ()
    hints: tuple[Remark, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FormView:
    """What a tab shows. `notes` are the remarks that belong to none of its fields.

    `version` is the one that the person looks at, and what a change is made over.
    """

    fields: tuple[FieldView, ...]
    notes: tuple[Remark, ...] = ()
    errors: tuple[Remark, ...] = ()
    version: int | None = None
    statuses: Sequence[ShopStatus] = ()
    cost_centres: Sequence[int] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def plain(self) -> tuple[FieldView, ...]:
        return tuple(view for view in self.fields if not view.field.further)

    @property
    def further(self) -> tuple[FieldView, ...]:
        return tuple(view for view in self.fields if view.field.further)

    @property
    def opens_further(self) -> bool:
        """A mistake is not hidden."""
        return any(view.errors for view in self.further)


def field_views(
    fields: Iterable[Field],
    document: Mapping[str, Any],
    *,
    kept_keys: Iterable[str] = (),
    typed: Typed | None = None,
    remarks: Sequence[Remark] = (),
    seal: Seal | None = None,
) -> tuple[FieldView, ...]:
    kept = frozenset(kept_keys)
    return tuple(
        _key_view(each, kept, typed, remarks, seal)
        if each.kind is Kind.KEY
        else _view(each, document, typed, remarks)
        for each in fields
    )


def value_at(document: Mapping[str, Any], path: str) -> Any:
    value: Any = document
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _view(
    each: Field, document: Mapping[str, Any], typed: Typed | None, remarks: Sequence[Remark]
) -> FieldView:
    errors, hints = _about(each, remarks)
    value, chosen = _saved(each, document) if typed is None else _typed(each, typed)
    return FieldView(field=each, value=value, chosen=chosen, errors=errors, hints=hints)


def _key_view(
    each: Field, kept: frozenset[str], typed: Typed | None, remarks: Sequence[Remark], seal: Seal | None
) -> FieldView:
    """Never with the key; one that was typed travels on in its seal, unless it is what is wrong."""
    errors, hints = _about(each, remarks)
    key = typed.keys.get(each.path) if typed is not None else None
    sealed = seal(key, each.path) if key and seal is not None and not errors else None
    is_kept = sealed is not None or each.path in kept
    return FieldView(field=each, is_kept=is_kept, sealed=sealed, errors=errors, hints=hints)


def _about(each: Field, remarks: Sequence[Remark]) -> tuple[tuple[Remark, ...], tuple[Remark, ...]]:
    about = [remark for remark in remarks if remark.is_about(each.path)]
    errors = tuple(remark for remark in about if remark.is_refusal)
    return errors, tuple(remark for remark in about if not remark.is_refusal)


def _typed(each: Field, typed: Typed) -> tuple[str, frozenset[str]]:
    if each.kind is Kind.STATUSES:
        words = [word for text in typed.all(each.path) for word in split_words(text)]
        return ", ".join(words), frozenset(words)
    text = typed.text(each.path)
    return text, frozenset({text} if text else ())


def _saved(each: Field, document: Mapping[str, Any]) -> tuple[str, frozenset[str]]:
    value = value_at(document, each.path)
    if value is None:
        return _absent(each)
    if each.kind is Kind.YES_NO:
        return "", frozenset({"yes"} if value else ())
    if isinstance(value, list | tuple):
        words = [str(item) for item in value]
        return ", ".join(words), frozenset(words)
    return str(value), frozenset({str(value)})


def _absent(each: Field) -> tuple[str, frozenset[str]]:
    if each is COLLECTIVE_FOR:
        return "never", frozenset({"never"})
    return "", frozenset()
