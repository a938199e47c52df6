"""A person's answers as a PDF: what it says, how it is read aloud, and whatever it is given."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from hashlib import sha256
from importlib.resources import files
from io import BytesIO

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader

from matching.domain import Provider, Relay
from service.app import create_app
from service.deps import clock
from service.papers.lines import REPLACEMENT, Span
from service.papers.paper import BODY, PART, TITLE, Paper
from tests.builders import offer, settings, tiny_catalogue

DAY = date(2026, 11, 24)
PAY = "On n’arrive plus à payer les salaires, la subvention de la ville n’est pas versée."
ALONE = "Et plus personne ne veut reprendre le bureau."
OFFERS = (
    offer(
        "avance",
        title="Avance de trésorerie",
        summary="Une avance pour payer les salaires.",
        provider=Provider("fonds", "Fonds du Nord"),
        need_types=("tresorerie",),
        cost="pret",
        kind="pret",
        channel="numerique",
        url="https://exemple.fr/avance",
        next_step="Appelez le fonds.",
        checked_on=date(2026, 11, 2),
        provenance="Inventaire d’essai",
        relay=Relay("Maison des associations"),
        expressions=(f"{PAY} {ALONE}", PAY),
    ),
    offer(
        "bureau",
        title="Relève du bureau",
        need_types=("gouvernance",),
        cost="gratuit",
        expressions=(ALONE,),
    ),
    offer(
        "salaires",
        title="Aide aux salaires",
        need_types=("tresorerie",),
        employees_min=3,
        expressions=(PAY,),
    ),
)


class Site:
    """An application over these offers, and what a person who asks there takes away."""

    def __init__(self, folder, *offers):
        self.app = create_app(settings(folder), tiny_catalogue(folder, *offers))
        self.app.dependency_overrides[clock] = lambda: datetime(2026, 11, 24, 12, tzinfo=UTC)
        self.client = TestClient(self.app, follow_redirects=False)

    def asked(self, text):
        facts = {"commune": "Mende", "profile": "association", "employees": "2"}
        done = self.client.post("/", data={"text": text, **facts})
        assert done.status_code == 303
        return done.headers["location"].partition("#")[0]

    def paper(self, need, **query):
        found = self.client.get(f"{need}/parcours.pdf", params=query)
        assert found.status_code == 200
        return found


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return Site(tmp_path_factory.mktemp("papers"), *OFFERS)


@pytest.fixture(scope="module")
def need(site):
    return site.asked(PAY)


def read(content):
    return PdfReader(BytesIO(content), strict=True)


def text_of(content):
    """All that it says, on one line; no space breaks in French."""
    said = " ".join(page.extract_text() for page in read(content).pages)
    return re.sub(r"\s+", " ", said)


def links_of(content):
    found = [a.get_object() for page in read(content).pages for a in page.get("/Annots", ())]
    return {link["/A"]["/URI"] for link in found}


def elements(reader):
    return [e.get_object() for e in reader.trailer["/Root"]["/StructTreeRoot"]["/K"][0]["/K"]]


def test_the_paper_says_what_the_page_says(site, need):
    found = site.paper(need)
    assert found.headers["content-type"] == "application/pdf"
    assert found.headers["cache-control"] == "no-store"
    assert found.headers["x-robots-tag"] == "noindex, nofollow"
    said = text_of(found.content)
    for part in (
        "Fait le 24 novembre 2026",
        PAY,
        "Mende (48) · Association · De 1 à 9 salariés",
        "Un parcours possible",
        "Pour : Trésorerie",
        "Avance de trésorerie",
        "Fonds du Nord · France entière",
        "Vous convient",
        "Une avance pour payer les salaires.",
        "Pourquoi cette réponse",
        "Près de chez vous : Maison des associations",
        "Première démarche : Appelez le fonds. https://exemple.fr/avance",
        "Vérifié le 2 novembre 2026 · Inventaire d’essai",
        "Écartées de peu",
        "Aide aux salaires",
        "À partir de 3 salariés ; vous en avez 2.",
        "Page 1 sur ",
    ):
        assert part in said, part
    assert {"https://exemple.fr/avance", "http://127.0.0.1:8000/offres/avance"} <= links_of(
        found.content
    )


def test_a_step_of_the_parcours_tells_the_part_of_the_need_that_it_is_for(site):
    said = text_of(site.paper(site.asked(f"{PAY} {ALONE}")).content)
    assert f"{PAY} {ALONE}" in said
    assert re.search(rf"1 Avance de trésorerie.* Pour : Trésorerie « {re.escape(PAY)} »", said)


def test_the_private_link_is_there_only_for_who_asks_it(site, need):
    without, with_link = site.paper(need).content, site.paper(need, lien="1").content
    secret = need.rpartition("/")[2]
    assert secret not in text_of(without)
    assert not [link for link in links_of(without) if secret in link]
    assert f"http://127.0.0.1:8000{need}" in text_of(with_link)
    assert f"http://127.0.0.1:8000{need}" in links_of(with_link)
    for content in (without, with_link):
        assert secret not in str(read(content).metadata)
        assert PAY[:20] not in str(read(content).metadata)


@pytest.mark.parametrize(
    ("language", "title", "part"),
    [
        ("fr", "Votre parcours – Aiguille", "Un parcours possible"),
        ("en", "Your pathway – Aiguille", "A possible pathway"),
    ],
)
def test_it_is_read_aloud_in_order_in_its_language_and_by_its_titles(
    site, need, language, title, part
):
    reader = read(site.paper(need, lang=language).content)
    root = reader.trailer["/Root"]
    assert (root["/Lang"], reader.metadata.title) == (language, title)
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    kinds = [e["/S"] for e in elements(reader)]
    assert kinds[:3] == ["/P", "/H1", "/BlockQuote"]
    assert set(kinds) == {"/P", "/H1", "/H2", "/H3", "/BlockQuote", "/Link"}
    (top,), parts = reader.outline[:1], reader.outline[1]
    assert top.title == title.partition(" – ")[0]
    assert part in [one.title for one in parts if not isinstance(one, list)]
    marked = b"".join(page.get_contents().get_data() for page in reader.pages)
    assert (b"/Lang (fr)" in marked) == (language == "en")


def test_in_english_no_french_is_left_but_what_is_marked_so(site, need):
    said = text_of(site.paper(need, lang="en").content)
    for part in ("Made on 24 November 2026", "Suits you", "Near you:", "First step:", "Page 1 of "):
        assert part in said, part
    for part in ("Votre", "Pourquoi", "Vérifi", " sur "):
        assert part not in said, part


def test_every_mark_of_a_page_is_in_the_structure_and_all_else_is_an_artifact(site, need):
    """What a reading voice leans on: one element for each sequence, in the order of their marks."""
    reader = read(site.paper(need, lang="en").content)
    parents = reader.trailer["/Root"]["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    by_page = dict(zip(parents[::2], parents[1::2], strict=True))
    for page in reader.pages:
        data = page.get_contents().get_data()
        marks = [int(n) for n in re.findall(rb"/MCID (\d+)>> BDC", data)]
        assert marks == list(range(len(marks)))
        assert data.count(b" BDC") + data.count(b" BMC") == data.count(b"EMC")
        elements = [e.get_object() for e in by_page[page["/StructParents"]]]
        assert len(elements) == len(marks)
        for mark, element in zip(marks, elements, strict=True):
            assert mark in element["/K"]
            assert element.raw_get("/Pg") == page.indirect_reference
        outside = re.sub(rb"(BDC|BMC)\n.*?EMC", b"", data, flags=re.S)
        assert not re.findall(rb" (Tj|re|f|S)\b", outside)


def test_the_same_answers_on_the_same_day_make_the_same_bytes(site, need):
    assert site.paper(need).content == site.paper(need).content


SMALL = """
from datetime import date
from hashlib import sha256
from service.papers.lines import Span
from service.papers.paper import BODY, TITLE, Paper
paper = Paper("Titre", "fr", date(2026, 11, 24))
paper.heading(TITLE, Span("Titre"))
paper.text(BODY, Span("Un texte, "), Span("un lien", link="https://exemple.fr"))
print(sha256(paper.finished("Pied", "{page} / {pages}")).hexdigest())
"""


def run(program, seed="0"):
    told = {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    made = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **told}, capture_output=True, check=True
    )
    return made.stdout.decode().strip()


def test_two_processes_make_the_same_bytes():
    assert run(SMALL, "1") == run(SMALL, "2")


def test_the_application_starts_without_what_makes_papers():
    assert run("import sys, service.app; print('fpdf' in sys.modules)") == "False"


HOSTILE = {
    "of another direction": "שלום עולם \u202eنص عربي\u202c fin",
    "drawn in colour": "👩🏽‍🚀 fusée 🚀🇫🇷 \U000e0041",
    "of no width": "tré\u200bsorerie\u2060 \ufeff\u00adfin\u0301",
    "of the page's own tongue": r") Tj ET \ ( <</MCID 0>> BDC EMC endstream endobj % \101",
    "of marks": "a" + "\u0301" * 3_000,
    "without a space": "m" * 50_000,
    "very long": "Une phrase « entre guillemets » ; puis une autre. " * 4_000,
    "of controls": "a\x0bb\x1fc\x85d\u2028e",
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A site where every offer says something hostile, in each of its texts."""
    offers = [
        offer(
            f"o{number}",
            title=text[:300],
            summary=text,
            provider=Provider("p", text[:300]),
            need_types=("tresorerie",),
            next_step=text[:2_000],
            url="https://exemple.fr/é(1)\\%20'\"<>",
            conditions=(text[:500],),
            relay=Relay(text[:300], url="https://exemple.fr/x"),
            provenance=text[:300],
            expressions=("payer les salaires",),
        )
        for number, text in enumerate(HOSTILE.values())
    ]
    return Site(tmp_path_factory.mktemp("hostile"), *offers)


def test_whatever_offers_and_people_write_a_paper_is_made(hostile, caplog):
    words = f"On n’arrive plus à payer les salaires {' '.join(HOSTILE.values())[:1_000]}"
    with caplog.at_level(logging.WARNING):
        content = hostile.paper(hostile.asked(words)).content
    assert not [r for r in caplog.records if r.name.startswith("fpdf")]  # no glyph is missing
    said = text_of(content)
    assert REPLACEMENT in said
    assert "fusée" in said
    assert "trésorerie" in said.casefold()
    assert r") Tj ET \ ( <</MCID 0>> BDC" in said
    reader = read(content)
    assert len(reader.pages) > 60
    for page in reader.pages:
        data = page.get_contents().get_data()
        assert data.count(b" BDC\n") + data.count(b" BMC\n") == data.count(b"EMC\n")


def test_a_paragraph_goes_over_pages_and_a_short_one_does_not():
    paper = Paper("Titre", "fr", DAY)
    paper.heading(TITLE, Span("Titre"))
    for number in range(60):
        paper.heading(PART, Span(f"Partie {number}"))
        paper.text(BODY, Span(f"Début {number} " + "mot " * 60 + f"fin {number}."))
    paper.text(BODY, Span("long " * 9_000))
    reader = read(paper.finished("Pied", "{page} / {pages}"))
    pages = [page.extract_text() for page in reader.pages]
    for number in range(60):
        (one,) = [p for p in pages if f"Début {number} " in p]
        assert f"fin {number}." in one
        assert f"Partie {number}" in one
    assert sum(p.count("long") for p in pages) == 9_000
    assert f"{len(pages)} / {len(pages)}" in pages[-1]


def test_the_fonts_and_scripts_that_ship_are_those_that_were_locked():
    for folder in (files("service") / "papers/fonts", files("service") / "static/vendor"):
        lock = json.loads((folder / "LOCK.json").read_text(encoding="utf-8"))
        for part in lock:
            assert sha256((folder / part["file"]).read_bytes()).hexdigest() == part["sha256"]
        told = {part["file"] for part in lock} | {"LOCK.json"}
        assert {f.name for f in folder.iterdir() if not f.name.endswith(".LICENSE")} == told


def test_a_paper_costs_less_than_a_tenth_of_a_second(benchmark, site, need):
    """By `make bench`: the whole page of answers and its paper, less the page of answers alone."""
    spent = {"imprimer": [], "parcours.pdf": []}

    def get():
        for name, times in spent.items():
            started = time.process_time()
            assert site.client.get(f"{need}/{name}").status_code == 200
            times.append(time.process_time() - started)

    get()
    benchmark.pedantic(get, rounds=7)
    assert min(spent["parcours.pdf"]) - min(spent["imprimer"]) < 0.1
