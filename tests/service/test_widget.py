"""The widget's addresses: who may frame them, in which colours, and what is kept."""

from __future__ import annotations

import pytest

from data.engine import read
from data.store_partner_needs import counts_of_partner
from service.app import create_app
from service.widget_theme import WrongToken, contrast, theme_of
from tests.builders import offer, settings, tiny_catalogue
from tests.partners import WORDS, portal

ORIGIN = "https://portail.example"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("widget")
    return create_app(settings(folder), tiny_catalogue(folder, offer("aide")))


def widget_of(app, **facts):
    """A partner's client, and the public half of its key."""
    client = portal(app, origins=(ORIGIN,), **facts)
    return client, client.headers["authorization"].split("_")[2]


def test_only_the_exact_origins_of_the_key_may_frame_it(app):
    client, key = widget_of(app)
    shown = client.get("/widget", params={"cle": key})
    assert shown.status_code == 200
    assert f"frame-ancestors {ORIGIN}" in shown.headers["content-security-policy"]
    assert "x-frame-options" not in shown.headers
    assert "set-cookie" not in shown.headers
    other = client.get("/")
    assert "frame-ancestors 'none'" in other.headers["content-security-policy"]
    assert other.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("facts", [{"scopes": ("needs:read",)}, {"origins": ()}])
def test_a_key_that_is_not_for_a_widget_shows_none(app, facts):
    client = portal(app, **{"origins": (ORIGIN,), **facts})
    key = client.headers["authorization"].split("_")[2]
    assert client.get("/widget", params={"cle": key}).status_code == 404
    assert client.get("/widget", params={"cle": "inconnue"}).status_code == 404
    assert client.get("/widget").status_code == 404


@pytest.mark.parametrize(("mode", "kept"), [("live", {"draft": 1}), ("test", {})])
def test_a_need_is_the_partner_s_draft_and_of_a_test_nothing_is_kept(app, mode, kept):
    client, key = widget_of(app, mode=mode)
    partner_id = client.get("/v1/key").json()["partner"]
    body = {"text": WORDS, "commune": "Mende"}
    shown = client.post("/widget", params={"cle": key}, data=body)
    assert shown.status_code == 200
    assert ("/besoins/" in shown.text) == (mode == "live")
    with read(app.state.catalogue.engine) as connection:
        assert counts_of_partner(connection, partner_id) == kept


def test_what_is_wrong_is_told_beside_its_field(app):
    client, key = widget_of(app)
    shown = client.post("/widget", params={"cle": key}, data={"text": "aide", "commune": "Zzyzx"})
    assert shown.status_code == 422
    assert 'aria-describedby="commune-hint commune-error"' in shown.text


def test_the_script_may_be_loaded_from_elsewhere_and_the_tokens_are_a_sheet(app):
    client, key = widget_of(app)
    assert client.get("/widget.js").headers["cross-origin-resource-policy"] == "cross-origin"
    sheet = client.get("/widget.css", params={"cle": key, "couleur": "#036", "rayon": 3})
    assert sheet.headers["content-type"].startswith("text/css")
    assert "--widget-colour:#003366;--widget-on:#ffffff" in sheet.text
    assert client.get("/widget.css", params={"cle": key, "rayon": 99}).status_code == 422


@pytest.mark.parametrize("colour", ["red", "#12", "url(x)", "#ff;}", "#000}body{"])
def test_a_colour_is_digits_and_nothing_else(colour):
    with pytest.raises(WrongToken, match="n’est pas une couleur"):
        theme_of(colour, "", 8)


def test_colours_that_nobody_could_read_are_refused():
    assert round(contrast("#000000", "#ffffff"), 1) == 21
    with pytest.raises(WrongToken, match="Contraste trop faible"):
        theme_of("#eeeeee", "#ffffff", 8)
