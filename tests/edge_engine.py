"""Qdrant's own engine in process (qdrant-edge-py): the server's filters and searches, no server."""

from __future__ import annotations

import qdrant_edge as qe

from data.indexes.filters import FIELDS
from data.indexes.points import EXPRESSION_WORDS, EXPRESSIONS, TEXT, TEXT_WORDS
from data.indexes.qdrant import BATCH, CODES


class Edge:
    def __init__(self, folder, points, dimension):
        dot = qe.Distance.Dot
        closest = qe.MultiVectorConfig(qe.MultiVectorComparator.MaxSim)
        self.shard = qe.EdgeShard.create(
            str(folder),
            qe.EdgeConfig(
                vectors={
                    TEXT: qe.EdgeVectorParams(dimension, dot),
                    EXPRESSIONS: qe.EdgeVectorParams(dimension, dot, multivector_config=closest),
                },
                sparse_vectors={
                    TEXT_WORDS: qe.EdgeSparseVectorParams(),
                    EXPRESSION_WORDS: qe.EdgeSparseVectorParams(),
                },
            ),
        )
        for key in FIELDS:
            kind = qe.PayloadSchemaType
            schema = kind.Keyword if key in CODES else kind.Integer
            self.shard.update(qe.UpdateOperation.create_field_index(key, schema))
        made = [
            qe.Point(
                p.id,
                {**p.vectors, **{k: _sparse(v) for k, v in p.sparse.items()}},
                dict(p.payload),
            )
            for p in points
        ]
        for first in range(0, len(made), BATCH):
            self.shard.update(qe.UpdateOperation.upsert_points(made[first : first + BATCH]))
        self.shard.optimize()

    def matching(self, where):
        after = None
        while True:
            found, after = self.shard.scroll(
                qe.ScrollRequest(
                    limit=1_000, filter=_filter(where), offset=after, with_payload=["id"]
                )
            )
            yield from (record.payload["id"] for record in found)
            if after is None:
                return

    def fused(self, searches, depth, count):
        prefetches = [
            qe.Prefetch(
                depth,
                query=qe.Query.Nearest(
                    s.vector if isinstance(s.vector, list) else _sparse(s.vector), using=s.using
                ),
                filter=_filter(s.where),
            )
            for s in searches
        ]
        found = self.shard.query(
            qe.QueryRequest(
                count, query=qe.Fusion.Rrf(k=2), prefetches=prefetches, with_payload=["id"]
            )
        )
        return [point.payload["id"] for point in found]


def _sparse(words):
    return qe.SparseVector(list(words), list(words.values()))


def _filter(where):
    return qe.Filter(must=[_condition(one) for one in where])


def _condition(one):
    if one.among:
        return qe.FieldCondition(one.key, match=qe.MatchAny(list(one.among)))
    if one.outside:
        return qe.FieldCondition(one.key, match=qe.MatchExcept(list(one.outside)))
    return qe.FieldCondition(one.key, range=qe.RangeFloat(gte=one.at_least, lte=one.at_most))
