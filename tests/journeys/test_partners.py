"""An administrator opens a partner, hands over its key, and tends it: scripts or not."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from service.usecases.signing_in import make_link
from tests.journeys.conftest import LEA
from tests.service.hooks import courier_of, webhooks_of
from tests.service.receiver import receiving


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scripts", [True, False])
def test_an_administrator_opens_a_partner_and_tends_its_keys(
    browser, violations, desk, width, scripts
):
    engine, address = desk
    context = browser.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=scripts
    )
    if scripts:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()

    def checked():
        if scripts:
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width

    def press(name):
        """By the keyboard alone."""
        page.get_by_role("button", name=name, exact=True).focus()
        page.keyboard.press("Enter")

    page.goto(f"{address}/connexion/{make_link(engine, LEA.email, now=datetime.now(UTC))}")
    press("Entrer")
    page.get_by_role("link", name="Partenaires").click()
    checked()
    page.get_by_role("link", name="Ouvrir un partenaire").click()
    checked()
    partner = f"Portail {width} {'avec' if scripts else 'sans'} script"
    page.get_by_label("Nom du partenaire").fill(partner)
    page.get_by_label("Adresse e-mail").fill("api@portail.example")
    page.get_by_role("checkbox", name="widget").check()
    page.get_by_label("Origines du widget").fill("portail.example")
    press("Créer la clé")
    page.locator("#origins-error").wait_for()
    checked()
    page.get_by_label("Origines du widget").fill("https://portail.example")
    press("Créer la clé")
    clear = page.get_by_label("La clé entière").input_value()
    assert re.fullmatch(r"aig_test_[0-9a-f]{12}_[0-9a-f]{40}", clear)
    checked()
    copy = page.get_by_role("button", name="Copier").first
    if scripts:
        copy.press("Enter")
        expect(page.get_by_role("button", name="Copié")).to_be_focused()
        assert page.evaluate("navigator.clipboard.readText()") == clear
    else:
        expect(copy).to_be_hidden()
    page.get_by_role("link", name="J’ai copié la clé").click()
    assert clear not in page.content()
    checked()

    page.get_by_role("link", name="principale").click()
    page.get_by_label("Origines du widget").fill("https://portail.example\nhttps://b.example")
    press("Enregistrer les origines")
    page.get_by_role("status").wait_for()
    checked()
    page.get_by_label("Jours où l’ancienne sert encore").fill("40")
    press("Renouveler la clé")
    page.locator("#overlap-error").wait_for()
    checked()
    page.get_by_label("Jours où l’ancienne sert encore").fill("3")
    press("Renouveler la clé")
    page.get_by_text("L’ancienne clé sert encore jusqu’au").wait_for()
    page.get_by_role("link", name="J’ai copié la clé").click()
    page.get_by_text("Remplacée, sert encore").wait_for()
    checked()
    page.get_by_role("link", name="principale").last.click()
    press("Révoquer la clé")
    page.locator("#confirm-error").wait_for()
    checked()
    page.get_by_label("Je confirme").press("Space")
    press("Révoquer la clé")
    page.get_by_text("Clé révoquée").wait_for()
    checked()

    partner_id = page.get_by_role("link", name=partner).get_attribute("href").rsplit("/", 1)[1]
    with receiving(status=500) as receiver:
        hooks, now = webhooks_of(engine, partner_id), datetime.now(UTC)
        hook = hooks.make(receiver.url, ("need.closed",), now=now).webhook
        hooks.ping(hook.id, now=now)
        courier_of(engine).run(lambda: now)
        page.get_by_role("link", name=partner).click()
        page.get_by_text("En échec").wait_for()
        checked()
        page.get_by_role("link", name=receiver.url).click()
        page.get_by_text("la réponse n’est pas un succès").first.wait_for()
        checked()
        page.get_by_role("button", name="Renvoyer ping").press("Enter")
        page.get_by_text("l’envoi part dans un instant").wait_for()
        receiver.status = 204
        courier_of(engine).run(lambda: datetime.now(UTC))
        assert receiver.ids[0] == receiver.ids[1]
    page.reload()
    page.get_by_text("Reçu", exact=True).wait_for()
    checked()
    context.close()
