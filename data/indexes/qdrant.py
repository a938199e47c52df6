"""A Qdrant cluster (extra `qdrant`): collections behind an alias, written once, then only read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from data.indexes.filters import FIELDS, Condition
from data.indexes.hybrid import Search
from data.indexes.points import EXPRESSION_WORDS, EXPRESSIONS, TEXT, TEXT_WORDS, Point, Sparse
from matching.errors import AiguilleError

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

SHARDS, REPLICAS = 6, 2
"""Two shards a node on three nodes, each on two of them: one may be lost."""
BATCH, PAGE = 128, 1_000
WRITE_RETRIES = 3
SERVER_FAULTS = 500
CODES = ("territories", "audiences", "naf_sections", "need_types", "status")
"""The stored fields that hold codes; every other one holds a number."""


class EngineUnreachable(AiguilleError):
    """The search engine does not answer."""


class Qdrant:
    """The engine behind one alias of a cluster.

    Consistency: a collection is read only once it is whole, and never changes after, so one
    replica's word is enough to read, while each write waits for all `REPLICAS`. Retries: points
    have the id of their offer, so that a batch written twice is written once; a search is tried
    again once where the connection broke, never where the server said no.
    """

    def __init__(self, client: QdrantClient, alias: str) -> None:
        self.client = client
        self.alias = alias

    def rebuild(self, points: Iterable[Point], dimension: int, collection: str) -> int:
        """Fill a new collection, check that it is whole, then point the alias to it at once.

        Readers see the old one until then; it is deleted after. How many points it has. A
        rebuild that fails leaves the alias as it was; the next one replaces what it left.
        """
        before = self._served()
        if collection == before:
            raise AiguilleError(
                f"La collection « {collection} » est déjà servie : donnez un nom nouveau.",
                field="collection",
            )
        self.client.delete_collection(collection)
        self._create(collection, dimension)
        given = 0

        def counted() -> Iterator[models.PointStruct]:
            nonlocal given
            for point in points:
                given += 1
                yield _struct(point)

        self.client.upload_points(
            collection, counted(), batch_size=BATCH, max_retries=WRITE_RETRIES, wait=True
        )
        found = self.client.count(collection, exact=True).count
        if found != given:
            raise EngineUnreachable(
                f"La collection « {collection} » a {found} points, {given} étaient attendus : "
                "relancez la reconstruction ; l’ancienne sert toujours."
            )
        self._serve(collection, before)
        logger.info("engine rebuilt collection=%s points=%d", collection, found)
        return found

    def matching(self, where: Sequence[Condition]) -> Iterator[str]:
        """The ids of the offers that meet all the conditions."""
        after: models.ExtendedPointId | None = None
        while True:
            found, after = _tried(
                partial(
                    self.client.scroll,
                    self.alias,
                    scroll_filter=_filter(where),
                    limit=PAGE,
                    offset=after,
                    with_payload=["id"],
                )
            )
            yield from (_offer_id(record) for record in found)
            if after is None:
                return

    def fused(self, searches: Sequence[Search], depth: int, count: int) -> list[str]:
        """The first `depth` ids of each search, fused by rank, at most `count`."""
        found = _tried(
            partial(
                self.client.query_points,
                self.alias,
                prefetch=[_prefetch(one, depth) for one in searches],
                query=models.FusionQuery(fusion=models.Fusion.RRF),
                limit=count,
                with_payload=["id"],
            )
        )
        return [_offer_id(point) for point in found.points]

    def _served(self) -> str | None:
        aliases = self.client.get_aliases().aliases
        return next((a.collection_name for a in aliases if a.alias_name == self.alias), None)

    def _create(self, collection: str, dimension: int) -> None:
        dot = models.Distance.DOT  # Vectors have length 1.
        closest = models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM)
        self.client.create_collection(
            collection,
            vectors_config={
                TEXT: models.VectorParams(size=dimension, distance=dot),
                EXPRESSIONS: models.VectorParams(
                    size=dimension, distance=dot, multivector_config=closest
                ),
            },
            sparse_vectors_config={
                TEXT_WORDS: models.SparseVectorParams(),
                EXPRESSION_WORDS: models.SparseVectorParams(),
            },
            shard_number=SHARDS,
            replication_factor=REPLICAS,
            write_consistency_factor=REPLICAS,
        )
        for key in FIELDS:
            kind = models.PayloadSchemaType
            schema = kind.KEYWORD if key in CODES else kind.INTEGER
            self.client.create_payload_index(collection, key, field_schema=schema, wait=True)

    def _serve(self, collection: str, before: str | None) -> None:
        """One request moves the alias: no reader sees none, or two."""
        moves: list[models.AliasOperations] = []
        if before is not None:
            moves.append(
                models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=self.alias))
            )
        moves.append(
            models.CreateAliasOperation(
                create_alias=models.CreateAlias(collection_name=collection, alias_name=self.alias)
            )
        )
        self.client.update_collection_aliases(moves)
        if before is not None:
            self.client.delete_collection(before)


def _tried(ask: Callable[[], Answer]) -> Answer:
    """What is asked, a second time where the connection broke."""
    try:
        try:
            return ask()
        except ResponseHandlingException:
            return ask()
    except ResponseHandlingException as broken:
        raise _unreachable() from broken
    except UnexpectedResponse as refused:
        if refused.status_code is not None and refused.status_code < SERVER_FAULTS:
            raise
        raise _unreachable() from refused


def _unreachable() -> EngineUnreachable:
    return EngineUnreachable(
        "Le moteur de recherche ne répond pas : vérifiez son adresse et ses nœuds."
    )


def _offer_id(found: models.Record | models.ScoredPoint) -> str:
    return str((found.payload or {})["id"])


def _struct(point: Point) -> models.PointStruct:
    return models.PointStruct(
        id=point.id,
        payload=dict(point.payload),
        vector={**point.vectors, **{k: _sparse(v) for k, v in point.sparse.items()}},
    )


def _sparse(words: Sparse) -> models.SparseVector:
    return models.SparseVector(indices=list(words), values=list(words.values()))


def _prefetch(search: Search, depth: int) -> models.Prefetch:
    vector = search.vector
    return models.Prefetch(
        query=vector if isinstance(vector, list) else _sparse(vector),
        using=search.using,
        filter=_filter(search.where),
        limit=depth,
    )


def _filter(where: Sequence[Condition]) -> models.Filter:
    return models.Filter(must=[_condition(one) for one in where])


def _condition(one: Condition) -> models.FieldCondition:
    if one.among:
        return models.FieldCondition(key=one.key, match=models.MatchAny(any=list(one.among)))
    if one.outside:
        match = models.MatchExcept(**{"except": list(one.outside)})
        return models.FieldCondition(key=one.key, match=match)
    bounds = models.Range(gte=one.at_least, lte=one.at_most)
    return models.FieldCondition(key=one.key, range=bounds)
