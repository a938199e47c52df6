"""Every SQL query on the catalogue. Functions take a connection; the caller commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from data.geography import shipped_areas
from data.places import Area, closure
from data.records import OFFER_FIELDS, from_record, record_hash, to_record
from data.tables import imports, offers, overrides, providers, relays, territories
from matching.domain import Offer, Provider, Relay
from matching.errors import AiguilleError

_APART = ("id", "title", "provider", "relay")
_IN_RECORD = tuple(name for name in OFFER_FIELDS if name not in _APART)
CORRECTABLE = tuple(name for name in OFFER_FIELDS if name != "id")
_BATCH = 500

_LIVE = (
    select(
        offers.c.id,
        offers.c.title,
        offers.c.record,
        providers.c.id,
        providers.c.name,
        relays.c.name,
        relays.c.relay_offer_id,
        relays.c.url,
    )
    .join(providers, providers.c.id == offers.c.provider_id)
    .outerjoin(relays, relays.c.offer_id == offers.c.id)
    .where(offers.c.withdrawn_on.is_(None))
)


class NotCorrectable(AiguilleError):
    """No live offer of that id, or no field that a hand may correct."""


def load_offers(connection: Connection, source: str | None = None) -> list[Offer]:
    """The live offers, by id; those of one source if it is given."""
    query = _LIVE if source is None else _LIVE.where(offers.c.source == source)
    # Ordered here: each database sorts texts its own way, and ties break by id everywhere.
    return sorted((_offer(row) for row in connection.execute(query)), key=lambda o: o.id)


def load_offer(connection: Connection, offer_id: str) -> Offer | None:
    row = connection.execute(_LIVE.where(offers.c.id == offer_id)).first()
    return None if row is None else _offer(row)


def _offer(row: Any) -> Offer:
    offer_id, title, record, provider_id, provider, relay, relay_offer_id, url = row
    found = from_record(record | {"id": offer_id, "title": title, "provider": None, "relay": None})
    object.__setattr__(found, "provider", Provider(provider_id, provider))
    if relay is not None:
        object.__setattr__(found, "relay", Relay(relay, relay_offer_id, url))
    return found


def catalogue_hash(connection: Connection) -> str:
    """The same for the same live offers: the version of all that is derived from them."""
    live = select(offers.c.id, offers.c.content_hash).where(offers.c.withdrawn_on.is_(None))
    digest = sha256()
    for offer_id, hashed in sorted((i, h) for i, h in connection.execute(live)):
        digest.update(f"{offer_id} {hashed}\n".encode())
    return digest.hexdigest()[:16]


def record_import(
    connection: Connection, source: str, at: datetime, counts: Mapping[str, int]
) -> int:
    made = connection.execute(insert(imports).values(source=source, at=at, counts=dict(counts)))
    return int(made.inserted_primary_key[0]) if made.inserted_primary_key else 0


def load_imports(connection: Connection) -> list[tuple[str, datetime, Mapping[str, int]]]:
    """(source, time, counts) of every import, latest first."""
    query = select(imports.c.source, imports.c.at, imports.c.counts).order_by(imports.c.id.desc())
    return [(source, at, counts) for source, at, counts in connection.execute(query)]


def save_offers(
    connection: Connection, changed: Sequence[Offer], *, source: str, import_id: int
) -> None:
    """Insert or replace these offers, with their providers and relays."""
    _save_providers(connection, {o.provider.id: o.provider.name for o in changed})
    ids = [o.id for o in changed]
    known = set[str]()
    for batch in _batches(ids):
        known.update(connection.scalars(select(offers.c.id).where(offers.c.id.in_(batch))))
        connection.execute(delete(relays).where(relays.c.offer_id.in_(batch)))
    rows = [_row(o, source, import_id) for o in changed]
    fresh = [r for r in rows if r["id"] not in known]
    again = [{**r, "known_id": r["id"]} for r in rows if r["id"] in known]
    if fresh:
        connection.execute(insert(offers), fresh)
    if again:
        replaced = update(offers).where(offers.c.id == bindparam("known_id"))
        connection.execute(replaced, again)
    linked = [
        {
            "offer_id": o.id,
            "name": o.relay.name,
            "relay_offer_id": o.relay.offer_id,
            "url": o.relay.url,
        }
        for o in changed
        if o.relay is not None
    ]
    if linked:
        connection.execute(insert(relays), linked)


def _row(offer: Offer, source: str, import_id: int) -> dict[str, Any]:
    record = to_record(offer)
    return {
        "id": offer.id,
        "provider_id": offer.provider.id,
        "title": offer.title,
        "record": {name: record[name] for name in _IN_RECORD},
        "content_hash": record_hash(record),
        "source": source,
        "import_id": import_id,
        "withdrawn_on": None,
    }


def _save_providers(connection: Connection, names: Mapping[str, str]) -> None:
    known: dict[str, str] = {}
    for batch in _batches(list(names)):
        query = select(providers.c.id, providers.c.name).where(providers.c.id.in_(batch))
        known.update((row[0], row[1]) for row in connection.execute(query))
    fresh = [{"id": i, "name": n} for i, n in names.items() if i not in known]
    if fresh:
        connection.execute(insert(providers), fresh)
    for provider_id, name in names.items():
        if known.get(provider_id, name) != name:
            renamed = update(providers).where(providers.c.id == provider_id)
            connection.execute(renamed.values(name=name))


def withdraw(connection: Connection, offer_ids: Sequence[str], on: date) -> None:
    """Keep these offers, but propose them no more."""
    for batch in _batches(offer_ids):
        gone = update(offers).where(offers.c.id.in_(batch))
        connection.execute(gone.values(withdrawn_on=on))


def correct(connection: Connection, offer_id: str, field: str, value: object, at: datetime) -> None:
    """Correct one field by hand: the next imports leave it as it is. `value` is a JSON value."""
    if field not in CORRECTABLE:
        raise NotCorrectable(
            f"Le champ « {field} » ne se corrige pas. Champs possibles : {', '.join(CORRECTABLE)}.",
            field="field",
        )
    offer = load_offer(connection, offer_id)
    if offer is None:
        raise NotCorrectable(
            f"Aucune offre « {offer_id} » : vérifiez l’identifiant.", field="offer_id"
        )
    key = (overrides.c.offer_id == offer_id) & (overrides.c.field == field)
    connection.execute(delete(overrides).where(key))
    kept = insert(overrides).values(offer_id=offer_id, field=field, value=value, at=at)
    connection.execute(kept)
    where = offers.c.id == offer_id
    source, import_id = connection.execute(
        select(offers.c.source, offers.c.import_id).where(where)
    ).one()
    corrected = from_record(to_record(offer) | {field: value})
    save_offers(connection, [corrected], source=source, import_id=import_id)


def load_overrides(connection: Connection) -> dict[str, dict[str, object]]:
    """Offer id -> field -> the value that was put by hand."""
    found: dict[str, dict[str, object]] = {}
    query = select(overrides.c.offer_id, overrides.c.field, overrides.c.value)
    for offer_id, field, value in connection.execute(query):
        found.setdefault(offer_id, {})[field] = value
    return found


def save_area(connection: Connection, area: Area) -> None:
    connection.execute(delete(territories).where(territories.c.code == area.code))
    row = {"code": area.code, "name": area.name, "codes": list(area.codes)}
    connection.execute(insert(territories).values(row))


def load_areas(connection: Connection) -> tuple[Area, ...]:
    query = select(territories.c.code, territories.c.name, territories.c.codes)
    rows = connection.execute(query.order_by(territories.c.code))
    return tuple(Area(code, name, tuple(codes)) for code, name, codes in rows)


def listed(connection: Connection, codes: Iterable[str]) -> tuple[str, ...]:
    """The codes that the ad-hoc areas among these typed codes list."""
    asked = [code for code in codes if code.startswith("AREA-")]
    if not asked:
        return ()
    areas = {code: inside for code, _, inside in shipped_areas()}
    areas |= {area.code: area.codes for area in load_areas(connection)}
    return tuple(sorted(closure(asked, lambda code: areas.get(code, ())) - set(asked)))


def _batches(items: Sequence[str]) -> Iterable[Sequence[str]]:
    return (items[i : i + _BATCH] for i in range(0, len(items), _BATCH))
