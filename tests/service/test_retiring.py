"""An operation that will go says so in its answers and in the description of the API."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from service.openapi import describe
from service.retiring import Retirement, Retiring

TABLE = {
    ("GET", path): Retirement(
        datetime(2026, 11, 24, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC), "/documents/old"
    )
    for path in ("/v1/old", "/v1/{which}")
}


def test_only_what_will_go_says_so():
    router, app = APIRouter(prefix="/v1"), FastAPI()
    router.get("/old")(lambda: "old")
    router.get("/new")(lambda: "new")
    router.get("/{which}")(lambda: "any")
    app.include_router(router)
    app.add_middleware(Retiring, table=TABLE)
    describe(app, TABLE)
    client = TestClient(app)
    old, new = client.get("/v1/old").headers, client.get("/v1/new").headers
    assert client.get("/v1/other").headers["deprecation"] == old["deprecation"]
    # 24 November 2026 is day 20 781 since 1970.
    assert old["deprecation"] == f"@{20781 * 86400}"
    assert old["sunset"] == "Tue, 01 Jun 2027 00:00:00 GMT"
    assert old["link"] == '</documents/old>; rel="deprecation"'
    assert not {"deprecation", "sunset", "link"} & new.keys()
    paths = client.get("/openapi.json").json()["paths"]
    assert paths["/v1/old"]["get"]["deprecated"] is True
    assert "deprecated" not in paths["/v1/new"]["get"]
