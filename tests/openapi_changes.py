"""What of a new OpenAPI description breaks who was written for the old one.

Who calls may send less and read more, never the contrary: a request must not ask for more than
before, an answer must not hold less.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]
_BOUNDS = {
    "minimum": max, "minLength": max, "minItems": max, "exclusiveMinimum": max,
    "maximum": min, "maxLength": min, "maxItems": min, "exclusiveMaximum": min,
}  # fmt: skip
"""A bound -> which of two is the narrower."""


def breaking(old: Json, new: Json) -> list[str]:
    """Each change that breaks, as a sentence; none when the new only adds."""
    return sorted(set(_Comparison(old, new).found()))


class _Comparison:
    def __init__(self, old: Json, new: Json) -> None:
        self.old, self.new = old, new

    def found(self) -> Iterator[str]:
        for path, methods in self.old["paths"].items():
            for method, before in methods.items():
                after = self.new["paths"].get(path, {}).get(method)
                name = f"{method.upper()} {path}"
                if after is None:
                    yield f"{name} is gone"
                else:
                    yield from self._operation(name, before, after)

    def _operation(self, name: str, before: Json, after: Json) -> Iterator[str]:
        # `{}` among the choices lets anybody in.
        asked_before, asked = ({} not in o.get("security", [{}]) for o in (before, after))
        if asked and not asked_before:
            yield f"{name} asks for a key"
        olds, news = _parameters(before), _parameters(after)
        for key, was in olds.items():
            if key not in news:
                yield f"{name}: parameter {key[1]} is gone"
            else:
                now = news[key]
                if now.get("required") and not was.get("required"):
                    yield f"{name}: parameter {key[1]} is required"
                yield from self._sent(f"{name}: {key[1]}", was["schema"], now["schema"])
        for key, now in news.items():
            if key not in olds and now.get("required"):
                yield f"{name}: new parameter {key[1]} is required"
        was, now = before.get("requestBody", {}), after.get("requestBody", {})
        if now.get("required") and not was.get("required"):
            yield f"{name}: a body is required"
        yield from self._contents(f"{name}: body", was, now, self._sent)
        for status, told in before["responses"].items():
            if status in after["responses"]:
                said = after["responses"][status]
                yield from self._contents(f"{name}: {status}", told, said, self._read)
            elif status.startswith("2"):
                yield f"{name}: answer {status} is gone"

    def _contents(self, name: str, was: Json, now: Json, compare: Any) -> Iterator[str]:
        for media, said in was.get("content", {}).items():
            if media not in now.get("content", {}):
                yield f"{name}: {media} is gone"
            else:
                after = now["content"][media].get("schema", {})
                yield from compare(name, said.get("schema", {}), after)

    def _sent(self, name: str, was: Json, now: Json, seen: frozenset[Any] = frozenset()) -> Any:
        """What may be sent must stay accepted."""
        yield from self._schema(name, was, now, seen, sent=True)

    def _read(self, name: str, was: Json, now: Json, seen: frozenset[Any] = frozenset()) -> Any:
        """What may be read must stay what was expected."""
        yield from self._schema(name, was, now, seen, sent=False)

    def _schema(
        self, name: str, was: Json, now: Json, seen: frozenset[Any], *, sent: bool
    ) -> Iterator[str]:
        pair = (was.get("$ref"), now.get("$ref"))
        if pair != (None, None) and pair in seen:
            return
        seen |= {pair}
        was, now = _resolved(self.old, was), _resolved(self.new, now)
        wider, narrower = (was, now) if sent else (now, was)
        # Of what is sent, the new accepts all of the old; of what is read, the old, all of the new.
        for kind in _kinds(self.old if sent else self.new, wider) - _kinds(
            self.new if sent else self.old, narrower
        ):
            yield f"{name}: {kind} {'is refused' if sent else 'may come'}"
        if "anyOf" in was or "anyOf" in now:
            yield from self._choices(name, was, now, seen, sent=sent)
            return
        if "enum" in narrower:
            for value in set(wider.get("enum", ())) - set(narrower["enum"]):
                yield f"{name}: value {value} {'is refused' if sent else 'may come'}"
            if "enum" not in wider:
                yield f"{name}: {'only some values are taken' if sent else 'any value may come'}"
        if not sent:
            for value in set(was.get("enum", ())) - set(now.get("enum", was.get("enum", ()))):
                yield f"{name}: value {value} is gone"
        if sent and now.get("pattern") not in (None, was.get("pattern")):
            yield f"{name}: pattern {now['pattern']} is asked"
        for bound, tighter in _BOUNDS.items():
            if bound in narrower and sent:
                limit, before = narrower[bound], wider.get(bound)
                if before is None or (limit != before and tighter(limit, before) == limit):
                    yield f"{name}: {bound} is narrower ({limit})"
        for field, said in was.get("properties", {}).items():
            if field not in now.get("properties", {}):
                yield f"{name}: field {field} is gone"
            else:
                after = now["properties"][field]
                yield from self._schema(f"{name}.{field}", said, after, seen, sent=sent)
        required = set(narrower.get("required", ())) - set(wider.get("required", ()))
        for field in required & (narrower if sent else wider).get("properties", {}).keys():
            yield f"{name}: field {field} {'is required' if sent else 'may be missing'}"
        if "items" in was and "items" in now:
            yield from self._schema(f"{name}[]", was["items"], now["items"], seen, sent=sent)

    def _choices(
        self, name: str, was: Json, now: Json, seen: frozenset[Any], *, sent: bool
    ) -> Iterator[str]:
        """The parts of anyOf, by kind: null apart, each is compared with its like."""
        news = {_kind(self.new, part): part for part in now.get("anyOf", (now,))}
        for part in was.get("anyOf", (was,)):
            after = news.get(_kind(self.old, part))
            if after is not None:
                yield from self._schema(name, part, after, seen, sent=sent)


def _parameters(operation: Json) -> Mapping[tuple[str, str], Json]:
    return {(p["in"], p["name"]): p for p in operation.get("parameters", ())}


def _resolved(whole: Json, schema: Json) -> Json:
    name = schema.get("$ref", "").removeprefix("#/components/schemas/")
    return whole["components"]["schemas"][name] if name else schema


def _kind(whole: Json, schema: Json) -> str:
    return str(_resolved(whole, schema).get("type", "any"))


def _kinds(whole: Json, schema: Json) -> set[str]:
    return {_kind(whole, part) for part in schema.get("anyOf", (schema,))} - {"any"}
