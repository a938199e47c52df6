"""An administrator enters by a link, invites somebody, and leaves: in a browser, scripts or not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.usecases.signing_in import make_link
from tests.journeys.conftest import LEA


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scripts", [True, False])
def test_an_administrator_enters_invites_and_leaves(browser, violations, desk, width, scripts):
    engine, address = desk
    page = browser.new_page(viewport={"width": width, "height": 900}, java_script_enabled=scripts)

    def checked():
        if scripts:
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.goto(f"{address}/bureau/comptes")
    checked()
    page.get_by_label("Votre adresse e-mail").fill("lea")
    page.keyboard.press("Enter")
    page.locator("#email-error").wait_for()
    checked()
    page.get_by_label("Votre adresse e-mail").fill(LEA.email)
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    checked()
    page.goto(f"{address}/connexion/{make_link(engine, LEA.email, now=datetime.now(UTC))}")
    checked()
    page.get_by_role("button", name="Entrer").click()
    page.get_by_role("link", name="Mon compte").click()
    page.get_by_label("Chaque jour ouvré").check()
    checked()
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("status").wait_for()
    assert page.get_by_label("Chaque jour ouvré").is_checked()
    page.get_by_role("link", name="Comptes").click()
    page.get_by_role("link", name="Inviter une personne").click()
    checked()
    page.get_by_role("textbox", name="Nom").fill("Ana Ruiz")
    page.get_by_label("Adresse e-mail").fill(f"ana{width}{scripts}@exemple.org")
    page.get_by_role("textbox", name="Territoires").fill("Zzyzx")
    page.get_by_role("button", name="Inviter").click()
    page.locator("#territories-error").wait_for()
    checked()
    page.get_by_role("textbox", name="Territoires").fill("Lozère")
    page.get_by_label("Bénévolat").check()
    page.get_by_role("button", name="Inviter").click()
    page.get_by_text("Compte ouvert").wait_for()
    checked()
    page.get_by_role("link", name="Ana Ruiz").first.click()
    page.get_by_role("button", name="Fermer ce compte").click()
    page.get_by_text("ses sessions sont terminées").wait_for()
    page.get_by_role("button", name="Se déconnecter").click()
    page.goto(f"{address}/bureau/comptes")
    assert page.url == f"{address}/connexion"
    page.close()
