"""The whole path in a real browser, with real mails: a need is helped; a gap is filled."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from matching.domain import Provider
from service.app import create_app
from service.catalogue import Catalogue, import_offers
from service.deps import clock
from service.usecases.jobs import Jobs
from service.usecases.rematching import new_offers, rematch
from tests.builders import matcher, offer, settings, tiny_catalogue
from tests.desk import keep_users, user
from tests.journeys.conftest import links_in, served

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
WORDS = "On n’arrive plus à payer les salaires, la subvention de la ville n’est pas versée."
LOAN = offer(
    "pret",
    title="Prêt relais",
    provider=Provider("fonds", "Fonds du Nord"),
    need_types=("tresorerie",),
    summary="Pour payer les salaires en attendant une subvention",
    expressions=("la subvention tarde et il faut payer les salaires",),
)
GUIDE = offer("guide", title="Guichet du Nord", provider=Provider("g", "Guichet"), generalist=True)
LEA = user("lea", "network-lead", "FR")


class World:
    """An application over two offers, its mails in a folder, its people in a browser."""

    def __init__(self, folder, browser, width, scripts):
        self.settings = settings(folder, public_url="http://site.exemple", jobs_every_s=0)
        self.catalogue = tiny_catalogue(folder, LOAN, GUIDE)
        keep_users(self.catalogue.engine, LEA)
        self.app = create_app(self.settings, self.catalogue)
        self.app.dependency_overrides[clock] = lambda: NOON
        self._browser, self._width, self.scripts = browser, width, scripts
        self._contexts = []

    def somebody(self):
        """A browser of one's own: no cookie of anybody else's."""
        viewport = {"width": self._width, "height": 900}
        context = self._browser.new_context(viewport=viewport, java_script_enabled=self.scripts)
        context.set_default_timeout(10_000)
        self._contexts.append(context)
        return context.new_page()

    def close(self):
        for context in self._contexts:
            context.close()

    def link(self, to, path):
        """The latest link of some kind that a mail to somebody holds, once mails have left."""
        Jobs.of(self.settings, self.catalogue.engine).once(lambda: NOON + timedelta(seconds=1))
        return links_in(self.settings.mail_folder, to, rf"http://site\.exemple({path}\S*)")[-1]


@pytest.fixture
def world(request, tmp_path, browser):
    made = World(tmp_path, browser, *request.param)
    yield made
    made.close()


@pytest.fixture
def sound(world, violations):
    """A function: the page fits its width and breaks no rule of accessibility.

    Where scripts are off, what checks the rules is off too: the same page with them tells.
    """

    def check(page):
        if not world.scripts:
            return
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
        assert violations(page) == []

    return check


def ask(page, address):
    page.goto(address)
    page.get_by_label("Votre besoin").fill(WORDS)
    page.get_by_label("Votre commune").fill("Lille")
    page.get_by_label("Vous êtes").select_option("association")
    page.get_by_label("Nombre de salariés").fill("3")
    page.locator("form .btn-primary").click()
    page.wait_for_url("**/besoins/*")


def send(page, *offers):
    page.goto(page.url.split("?")[0].split("#")[0] + "/envoyer")
    for title in offers:
        page.get_by_label(title).check()
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Adresse électronique").fill("camille@exemple.org")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Envoyer ma demande").click()
    page.wait_for_url("**/suivi*")


def sign_in(world, address):
    page = world.somebody()
    page.goto(f"{address}/bureau")
    page.get_by_label("Votre adresse e-mail").fill(LEA.email)
    page.get_by_role("button", name="Recevoir un lien").click()
    page.goto(address + world.link(LEA.email, "/connexion/"))
    page.get_by_role("button", name="Entrer").click()
    page.get_by_role("heading", name="Besoins à orienter").wait_for()
    return page


SIZES = [(390, True), (1280, True), (390, False), (1280, False)]


@pytest.mark.parametrize("world", SIZES, indirect=True, ids=str)
def test_a_need_is_sent_triaged_taken_by_link_and_closed_as_helped(world, sound):
    with served(world.app) as address:
        person = world.somebody()
        ask(person, address)
        sound(person)
        send(person, "Prêt relais")
        sound(person)
        followed = person.url.split("?")[0]
        assert "Votre demande est partie" in person.content()

        lea = sign_in(world, address)
        sound(lea)
        lea.get_by_role("link", name=re.compile("payer les salaires")).click()
        lea.get_by_role("heading", name="Ses mots").wait_for()
        sound(lea)
        lea.locator("#offre-pret").get_by_role("button", name="Proposer").click()
        lea.get_by_text("Transmettre au porteur").click()
        lea.get_by_label("Adresse du porteur").fill("accueil@fonds.exemple")
        lea.get_by_role("button", name="Transmettre", exact=True).click()
        lea.get_by_text("Transmis, en attente de réponse").wait_for()
        sound(lea)

        provider = world.somebody()
        provider.goto(address + world.link("accueil@fonds.exemple", "/reponse/"))
        assert "camille@exemple.org" not in provider.content()
        sound(provider)
        provider.get_by_label("Je prends contact au plus tard le").fill("2026-11-27")
        provider.get_by_role("button", name="Je prends cette demande").click()
        provider.get_by_text("camille@exemple.org").wait_for()
        sound(provider)

        person.goto(followed)
        person.get_by_text(re.compile("27.novembre.2026")).first.wait_for()
        sound(person)

        lea.reload()
        lea.get_by_text("Pris en charge").first.wait_for()
        lea.get_by_label("Faire").select_option("close:helped")
        lea.get_by_label("Raison", exact=True).select_option(index=1)
        lea.get_by_role("button", name="Appliquer").click()
        lea.goto(f"{address}/bureau?etat=closed")
        lea.get_by_role("link", name=re.compile("payer les salaires")).wait_for()

        person.goto(followed)
        person.get_by_text(re.compile("aidé")).first.wait_for()
        person.goto(person.url.replace("/suivi", "/effacer"))
        sound(person)
        person.get_by_role("button", name=re.compile("ffacer")).click()
        assert person.goto(followed).status in {404, 410}


@pytest.mark.parametrize("world", [(390, True), (1280, False)], indirect=True, ids=str)
def test_none_suits_the_gap_shows_an_offer_comes_and_the_need_is_matched_again(world, sound):
    with served(world.app) as address:
        person = world.somebody()
        ask(person, address)
        reasons = person.locator("#aucune")
        reasons.get_by_role("radio").first.check()
        reasons.get_by_role("button", name="Aucune ne convient").click()
        person.get_by_text("C’est noté").first.wait_for()
        sound(person)
        send(person)

        lea = sign_in(world, address)
        lea.goto(f"{address}/bureau/raquette")
        lea.get_by_role("link", name=re.compile("Nord.*Trésorerie")).first.click()
        sound(lea)

        fresh = offer(
            "avance",
            title="Avance du département",
            need_types=("tresorerie",),
            territories=frozenset({"DEP-59"}),
            summary="Une avance pour payer les salaires quand une subvention tarde",
            expressions=(WORDS,),
        )
        after = arrived(world, fresh)
        world.app.state.catalogue = after
        lea.goto(f"{address}/bureau/raquette")
        assert "1" in lea.locator("dl", has_text="nouvelle réponse").inner_text()
        lea.get_by_role("link", name=re.compile("Nord.*Trésorerie")).first.click()
        lea.get_by_text("Avance du département").first.wait_for()
        sound(lea)


def arrived(world, fresh) -> Catalogue:
    """The catalogue once an offer was imported, its needs matched again."""
    before = world.catalogue
    plan = import_offers(before.engine, [fresh], before.reading, source="nouvelle", now=NOON)
    after = Catalogue(before.engine, before.frame, before.gazetteer, matcher(LOAN, GUIDE, fresh))
    assert rematch(after, new_offers(plan), NOON).answers
    return after
