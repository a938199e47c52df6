"""The same contract for every `SearchIndex`, on the same generated catalogue.

`make soak` asks 500 needs of 20,000 offers; AIGUILLE_QDRANT_URL adds a real server, whose alias
`aiguille-contract` is made and then taken away.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from qdrant_client import QdrantClient
from qdrant_client.http.exceptions import UnexpectedResponse

from data.indexes.filters import ASKED, FIELDS, stored
from data.indexes.hybrid import HybridIndex
from data.indexes.points import points, query_words, weighed, word_number
from data.indexes.qdrant import EngineUnreachable, Qdrant
from matching.domain import Need
from matching.eligibility import RULES
from matching.errors import AiguilleError
from matching.index import ExactIndex, Query, SearchIndex
from matching.lexical import Lexical
from matching.matcher import Matcher
from matching.text import tokens
from service.catalogue import make_encoder
from tests.builders import FRAME, TODAY, offer
from tests.contracts.search_worlds import drawn_needs, varied_offers
from tests.edge_engine import Edge

OFFERS = int(os.environ.get("AIGUILLE_SEARCH_OFFERS", "2000"))
NEEDS = int(os.environ.get("AIGUILLE_SEARCH_NEEDS", "60"))
SERVER = os.environ.get("AIGUILLE_QDRANT_URL", "")
KEY = os.environ.get("AIGUILLE_QDRANT_KEY") or None
SHORTLIST = 400 if OFFERS <= 5_000 else 800
ALIAS = "aiguille-contract"

pytestmark = pytest.mark.filterwarnings(
    "ignore:Payload indexes have no effect in the local Qdrant",
    "ignore:Local mode is not recommended for collections with more than",
)


@dataclass(frozen=True)
class World:
    matcher: Matcher
    needs: list[Need]

    @property
    def exact(self) -> ExactIndex:
        return self.matcher.index

    def query(self, asked: Need) -> Query:
        return Query.of(asked.text, self.matcher.encoder)

    def over(self, engine) -> HybridIndex:
        return HybridIndex(engine, self.exact.need_types, self.exact.type_expressions)

    @property
    def dimension(self) -> int:
        return self.exact.text_vectors.shape[1]


@cache
def made_world(offers: int, needs: int) -> World:
    found, need_types = varied_offers(offers), FRAME.need_types()
    encoder = make_encoder("lsa", found[:10_000], need_types)
    exact = ExactIndex.build(found, need_types, encoder)
    return World(Matcher(exact, encoder), drawn_needs(needs))


INDEXES = ("exact", "edge", "client in memory", "server")


@pytest.fixture(scope="module", params=INDEXES)
def kind(request) -> str:
    if request.param == "server" and not SERVER:
        pytest.skip("no server: AIGUILLE_QDRANT_URL is not set")
    return request.param


@pytest.fixture(scope="module")
def world(kind) -> World:
    # The client's own memory reads its filters in Python: few offers show that it is well asked.
    return made_world(150, 12) if kind == "client in memory" else made_world(OFFERS, NEEDS)


@pytest.fixture(scope="module")
def index(kind, world, tmp_path_factory) -> Iterator[SearchIndex]:
    made = points(world.exact)
    if kind == "exact":
        yield world.exact
    elif kind == "edge":
        yield world.over(Edge(tmp_path_factory.mktemp("edge"), made, world.dimension))
    else:
        client = (
            QdrantClient(SERVER, api_key=KEY, timeout=60)
            if kind == "server"
            else QdrantClient(":memory:")
        )
        engine = Qdrant(client, ALIAS)
        collection = f"{ALIAS}-{uuid4().hex}"
        engine.rebuild(made, world.dimension, collection)
        yield world.over(engine)
        client.delete_collection(collection)


def test_the_admissible_set_is_that_of_the_rules(index, world):
    sizes = []
    for asked in world.needs:
        expected = world.exact.admissible(asked, TODAY)
        assert index.admissible(asked, TODAY) == expected
        sizes.append(len(expected))
    assert min(sizes) < max(sizes)
    print(f"\n{len(sizes)} admissible sets, of {min(sizes)} to {max(sizes)} offers: all equal")


def test_without_a_date_nothing_is_too_early_or_too_late(index, world):
    more = 0
    for asked in world.needs[:10]:
        expected = world.exact.admissible(asked, None)
        assert index.admissible(asked, None) == expected
        more += len(expected) - len(world.exact.admissible(asked, TODAY))
    assert more > 0


def test_a_shortlist_is_admissible_and_holds_what_the_exact_index_puts_first(index, world):
    found = []
    for asked in world.needs:
        query = world.query(asked)
        first = world.exact.shortlist(asked, query, TODAY, 50)
        short = index.shortlist(asked, query, TODAY, SHORTLIST)
        assert len(short) == len(set(short)) <= SHORTLIST
        assert set(short) <= world.exact.admissible(asked, TODAY)
        if first:
            found.append(len(set(first) & set(short)) / len(first))
    recall = sum(found) / len(found)
    print(f"\nrecall of the first 50 in {SHORTLIST}: {recall:.4f}, least {min(found):.2f}")
    assert recall >= 0.99


def test_the_first_ten_answers_are_those_of_the_exact_index(index, world):
    same = 0
    for asked in world.needs:
        short = index.shortlist(asked, world.query(asked), TODAY, SHORTLIST)
        expected = world.matcher.match(asked, today=TODAY)
        answer, _ = world.matcher.match_and_generalist(asked, today=TODAY, among=short)
        same += [m.offer.id for m in answer.matches] == [m.offer.id for m in expected.matches]
    print(f"\nfirst ten identical: {same} of {len(world.needs)} needs")
    assert same >= 0.95 * len(world.needs)


def test_every_rule_has_its_condition():
    assert list(ASKED) == [rule.code for rule in RULES]


def test_what_is_kept_of_an_offer_has_no_text_and_no_hole():
    kept = stored(offer("bare", audiences=frozenset(), territories=frozenset(), status="unknown"))
    assert list(kept) == ["id", *FIELDS]
    assert all(value not in (None, []) for value in kept.values())


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(st.text("abc ", max_size=30), min_size=1, max_size=5), said=st.text("abc "))
def test_words_weigh_in_the_engine_what_they_weigh_in_process(texts, said):
    lexical = Lexical.build(texts)
    words = query_words(tokens(said))
    sums = [sum(words.get(n, 0) * w for n, w in one.items()) for one in weighed(lexical)]
    assert sums == pytest.approx(lexical.scores(tokens(said)).tolist(), abs=1e-5)


def test_a_word_has_the_same_number_everywhere():
    assert word_number("salair") == word_number("salair") != word_number("loyer")


class TestRebuilding:
    """By alias, with the client in memory: what a reader sees, before, between and after."""

    @pytest.fixture
    def engine(self):
        return Qdrant(QdrantClient(":memory:"), "offers")

    @pytest.fixture
    def one(self):
        need_types = FRAME.need_types()
        offers = [offer("old"), offer("new")]
        encoder = make_encoder("lsa", offers, need_types)
        return lambda *kept: ExactIndex.build(
            [o for o in offers if o.id in kept], need_types, encoder
        )

    def ids(self, engine):
        return set(engine.matching(()))

    def test_the_alias_moves_to_the_whole_new_collection_and_the_old_one_goes(self, engine, one):
        width = one("old").text_vectors.shape[1]
        assert engine.rebuild(points(one("old")), width, "offers-1") == 1
        assert self.ids(engine) == {"old"}
        assert engine.rebuild(points(one("old", "new")), width, "offers-2") == 2
        assert self.ids(engine) == {"old", "new"}
        assert [c.name for c in engine.client.get_collections().collections] == ["offers-2"]

    def test_a_rebuild_that_breaks_leaves_readers_what_they_had(self, engine, one):
        width = one("old").text_vectors.shape[1]
        engine.rebuild(points(one("old")), width, "offers-1")

        def breaking():
            yield from points(one("new"))
            raise OSError("disk")

        with pytest.raises(OSError, match="disk"):
            engine.rebuild(breaking(), width, "offers-2")
        assert self.ids(engine) == {"old"}
        assert engine.rebuild(points(one("new")), width, "offers-2") == 1
        assert self.ids(engine) == {"new"}

    def test_the_collection_that_serves_is_never_the_one_rebuilt(self, engine, one):
        width = one("old").text_vectors.shape[1]
        engine.rebuild(points(one("old")), width, "offers-1")
        with pytest.raises(AiguilleError, match="donnez un nom nouveau"):
            engine.rebuild(points(one("new")), width, "offers-1")
        assert self.ids(engine) == {"old"}


FOUND = {"points": [{"id": 1, "payload": {"id": "old"}}], "next_page_offset": None}


class Flaky(BaseHTTPRequestHandler):
    """A server that does what its `turns` say, in order; without any left, answers."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        turn = self.server.turns.pop(0) if self.server.turns else 200
        if turn == "hang up":
            self.close_connection = True
            return
        body = json.dumps({"result": FOUND, "status": "ok", "time": 0.0}).encode()
        self.send_response(turn)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def flaky():
    with HTTPServer(("127.0.0.1", 0), Flaky) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        client = QdrantClient(url, timeout=5, check_compatibility=False)

        def asked(*turns):
            server.turns = list(turns)
            try:
                return list(Qdrant(client, "offers").matching(()))
            finally:
                assert not server.turns

        yield asked
        client.close()
        server.shutdown()
        thread.join()


def test_a_search_is_tried_again_once_where_the_connection_broke(flaky):
    assert flaky("hang up") == ["old"]
    with pytest.raises(EngineUnreachable, match="vérifiez son adresse"):
        flaky("hang up", "hang up")


def test_a_server_that_fails_is_not_asked_again_and_one_that_refuses_is_heard(flaky):
    with pytest.raises(EngineUnreachable):
        flaky(500)
    with pytest.raises(UnexpectedResponse):
        flaky(400)


def test_an_engine_that_is_down_says_so_in_words_for_its_operator():
    client = QdrantClient("http://127.0.0.1:9", timeout=1, check_compatibility=False)
    with pytest.raises(EngineUnreachable, match="vérifiez son adresse"):
        list(Qdrant(client, "offers").matching(()))
