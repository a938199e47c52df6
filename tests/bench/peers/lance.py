"""LanceDB, embedded: a filter before both searches, fused by its own reranker."""

from __future__ import annotations

from pathlib import Path

from data.indexes.filters import FIELDS, Condition, stored
from tests.bench.peers.question import Asked, Built, World

NAME, NEEDS = "LanceDB", "lancedb"
HOW = (
    "`LABEL_LIST` indexes on lists of codes, `BITMAP` and `BTREE` on the others, a full-text index "
    "over our tokens; hybrid search with a prefilter and `RRFReranker`. No vector index: its "
    "documentation says that none is needed up to 100,000 rows, and a flat search is exact."
)


def build(world: World, folder: Path) -> Built:
    import lancedb
    import pyarrow as pa
    from lancedb.index import FTS, Bitmap, BTree, LabelList
    from lancedb.rerankers import RRFReranker

    facts = [stored(o) for o in world.offers]
    width = world.vectors.shape[1]
    flat = pa.array(world.vectors.ravel(), pa.float32())
    columns = {"id": pa.array([f["id"] for f in facts])}
    columns |= {key: pa.array([f[key] for f in facts]) for key in FIELDS}
    columns["words"] = pa.array([" ".join(one) for one in world.said])
    columns["vector"] = pa.FixedSizeListArray.from_arrays(flat, width)
    table = lancedb.connect(folder).create_table("offers", pa.table(columns))
    kinds = {list: LabelList, str: Bitmap, int: BTree}
    for key in FIELDS:
        table.create_index(key, config=kinds[type(facts[0][key])]())
    table.create_index(
        "words",
        config=FTS(
            base_tokenizer="whitespace",
            lower_case=False,
            stem=False,
            remove_stop_words=False,
            ascii_folding=False,
        ),
    )
    reranker = RRFReranker()

    def search(asked: Asked, count: int):
        where, vector = " AND ".join(map(_sql, asked.where)), asked.query.vector
        said = " ".join(asked.query.tokens)
        if said:
            query = table.search(query_type="hybrid", vector_column_name="vector")
            query = query.vector(vector).text(said).rerank(reranker)
        else:
            query = table.search(vector, vector_column_name="vector")
        query = query.distance_type("dot").where(where, prefilter=True).select(["id"])
        return query.limit(count).to_arrow()["id"].to_pylist()

    return Built(search)


def _sql(one: Condition) -> str:
    codes = ", ".join(f"'{code}'" for code in one.among or one.outside)
    if one.outside:
        return f"{one.key} NOT IN ({codes})"
    if one.among:
        return f"array_has_any({one.key}, [{codes}])"
    bounds = ((">=", one.at_least), ("<=", one.at_most))
    return " AND ".join(f"{one.key} {sign} {n}" for sign, n in bounds if n is not None)
