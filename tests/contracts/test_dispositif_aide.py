"""The national schema "dispositif d'aide" 0.2: what leaves is valid, and what fits comes back."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings

from data.dispositif_aide import COMPANIES, CORE
from data.exporters import exporter
from data.fields import Rejection
from data.importers import importer
from data.importers.spreadsheet import WrongHeaders
from data.inventory import shipped_offers
from data.losses import Loss
from matching.domain import Offer, Provider
from matching.errors import AiguilleError
from tests.builders import offer
from tests.strategies import READING, offers

FORMATS = [
    f"dispositif-aide{kind}-{form}" for kind in ("", "-entreprises") for form in ("csv", "json")
]
ANY = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PATTERNS = {
    "cibles": r"(professionnels|particuliers|associations|secteur public)"
    r"(\|(professionnels|particuliers|associations|secteur public))*",
    "eligibilite_geographique": r"[A-Z]+-\d+(\|[A-Z]+-\d+)*",
    "ciblage_secteur_activite": r"[^|]+(\|[^|]+)*",
    "ciblage_naf": r"[A-U](\|[A-U])*",
    "url_source": r"https?://.+",
    "date_ouverture": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "date_cloture": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "date_mise_a_jour": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "eligibilite_effectif_minimal": r"\d+",
    "eligibilite_effectif_maximal": r"\d+",
    "eligibilite_annees_existence_minimal": r"\d+",
}
"""What the published schema asks of a value, in its own patterns."""
REQUIRED = {"id", "titre", "description", "eligibilite", "types_aides", "porteurs", "cibles"} | {
    "eligibilite_geographique",
    "date_mise_a_jour",
}
LONGEST = {"promesse": 180, "description": 5_000}


def rows_of(name, path):
    if name.endswith("json"):
        return json.loads(path.read_text(encoding="utf-8"))
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def read(path, form="json"):
    return list(importer(f"dispositif-aide-{form}")(path, READING))


def offers_in(found):
    return [o for o in found if isinstance(o, Offer)]


def assert_valid(name, path):
    """Every row is one that the published schema admits."""
    columns = CORE + COMPANIES if "entreprises" in name else CORE
    rows = rows_of(name, path)
    required = REQUIRED | ({"ciblage_secteur_activite"} if "entreprises" in name else set())
    for row in rows:
        said = {c: str(v) for c, v in row.items() if v != ""}
        assert set(row) <= set(columns)
        assert required <= set(said)
        assert str(UUID(said["id"])) == said["id"]
        for column, pattern in PATTERNS.items():
            assert column not in said or re.fullmatch(pattern, said[column], re.DOTALL), said
        assert all(len(said.get(c, "")) <= most for c, most in LONGEST.items())
    assert len({row["id"] for row in rows}) == len(rows)


@pytest.mark.parametrize("name", FORMATS)
def test_the_whole_inventory_leaves_valid_with_who_may_have_an_offer_where_and_when(name, tmp_path):
    lost = exporter(name)(list(shipped_offers(READING)), tmp_path / "x")
    assert_valid(name, tmp_path / "x")
    assert not {o.field for o in lost} & {
        "title", "summary", "description", "provider", "kind", "audiences", "conditions",
        "employees_min", "employees_max", "volunteer_only_ok", "naf_sections", "age_months_min",
        "population_max", "territories", "valid_from", "valid_to", "url", "checked_on",
    }  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_what_came_back_once_comes_back_the_same_for_ever(name, tmp_path):
    path, form = tmp_path / "x", name.rpartition("-")[2]
    exporter(name)(list(shipped_offers(READING)), path)
    once = offers_in(read(path, form))
    lost = exporter(name)(once, path)
    assert offers_in(read(path, form)) == once
    assert lost == ()


@pytest.mark.parametrize("name", FORMATS)
@ANY
@given(one=offers())
def test_any_offer_leaves_valid(name, one, tmp_path_factory):
    path = tmp_path_factory.mktemp("x") / "x"
    exporter(name)([one], path)
    assert_valid(name, path)


def test_a_loss_is_told_for_what_does_not_fit_and_for_nothing_else(tmp_path):
    plain = Offer(
        "6a1f7c1e-3f0b-4b44-9a50-0d5f3c1d9b10",
        "Titre",
        summary="Une promesse",
        description="Une description",
        provider=Provider("mairie", "Mairie"),
        kind="pret",
        audiences=frozenset({"association", "tpe"}),
        employees_min=3,
        territories=frozenset({"DEP-48"}),
        conditions=("avoir un agrément",),
        status="open",
        valid_to=date(2027, 12, 31),
        url="https://exemple.fr",
        checked_on=date(2026, 11, 1),
    )
    assert exporter("dispositif-aide-json")([plain], tmp_path / "x") == ()
    assert read(tmp_path / "x") == [plain]
    (lost,) = exporter("dispositif-aide-json")([replace(plain, channel="mixte")], tmp_path / "x")
    assert (lost.field, lost.count, lost.example) == ("channel", 1, "mixte")


def test_a_cell_never_starts_a_formula_and_comes_back_whole(tmp_path):
    sent = [offer("f", title="=HYPERLINK(1)", summary="+33", description="@x")]
    exporter("dispositif-aide-csv")(sent, tmp_path / "x")
    (row,) = rows_of("csv", tmp_path / "x")
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row.values())
    (back,) = read(tmp_path / "x", "csv")
    assert (back.title, back.summary, back.description) == ("=HYPERLINK(1)", "+33", "@x")


@pytest.mark.parametrize(
    ("ours", "written"),
    [
        ({"FR"}, {"PAYS-99100"}),
        ({"REG-94"}, {"REG-94"}),
        ({"DEP-2A"}, {"REG-94"}),
        ({"DEP-2B", "DEP-48"}, {"REG-94", "DEP-48"}),
        ({"COM-2A004"}, {"EPCI-242010056"}),
        ({"AREA-outre-mer"}, {f"REG-0{n}" for n in (1, 2, 3, 4, 6)}),
        ({"AREA-inconnue"}, {"PAYS-99100"}),
    ],
)
def test_a_code_that_the_pattern_refuses_is_widened_and_comes_back_exact(ours, written, tmp_path):
    exporter("dispositif-aide-csv")([offer("c", territories=frozenset(ours))], tmp_path / "x")
    (row,) = rows_of("csv", tmp_path / "x")
    assert set(row["eligibilite_geographique"].split("|")) == written
    (back,) = offers_in(read(tmp_path / "x", "csv"))
    assert back.territories == ours


ROW = {
    "id": "65d5b6c7-102c-4440-ac3b-768f708edc0a",
    "titre": "Diagnostic",
    "description": "Un diagnostic financé.",
    "eligibilite": "• Être à jour de ses cotisations ;\n - Avoir un agrément",
    "types_aides": "financement|subvention",
    "porteurs": '[{"nom": "ADEME", "siren": "385290309", "roles": ["instructeur"]}]',
    "cibles": "associations",
    "eligibilite_geographique": "DEP-48",
    "date_mise_a_jour": "2026-06-15T10:00:00+02:00",
}


def one(tmp_path, **cells):
    """(The offer of a row, its losses by column)."""
    (tmp_path / "x").write_text(json.dumps([{**ROW, **cells}]), encoding="utf-8")
    found = read(tmp_path / "x")
    losses = {loss.field: loss.message for loss in found if isinstance(loss, Loss)}
    return found[0], losses


def test_each_column_of_a_row_is_read(tmp_path):
    read_, lost = one(
        tmp_path,
        promesse="Faites le point",
        url_source="https://exemple.fr",
        date_ouverture="2026-01-31T23:00:00Z",
        date_cloture="2026-12-31",
        eligibilite_effectif_minimal=1,
        eligibilite_effectif_maximal="249",
        eligibilite_annees_existence_minimal="2",
        eligibilite_categorie_taille_entreprise="MIC|PME",
        eligibilite_forme_juridique_exclusions="EI",
        ciblage_secteur_activite="tous secteurs d’activité",
    )
    assert lost == {}
    assert read_ == Offer(
        ROW["id"],
        "Diagnostic",
        summary="Faites le point",
        description="Un diagnostic financé.",
        provider=Provider("385290309", "ADEME"),
        kind="subvention",
        audiences=frozenset({"association", "fondation"}),
        employees_min=1,
        employees_max=249,
        age_months_min=24,
        conditions=(
            "Être à jour de ses cotisations",
            "Avoir un agrément",
            "être une entreprise de catégorie MIC, PME au sens de l’Insee",
            "n’être d’aucune de ces formes juridiques : EI",
        ),
        territories=frozenset({"DEP-48"}),
        status="open",
        valid_from=date(2026, 1, 31),
        valid_to=date(2026, 12, 31),
        url="https://exemple.fr",
        checked_on=date(2026, 6, 15),
    )


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("programmes_parents", "Fonds vert"),
        ("base_juridique", "[{libelle: 'Arrêté', lien: 'https://x.fr'}]"),
        ("chainage_paiement", "DSP1"),
        ("ciblage_naf", "A|56.1"),
        ("ciblage_naf_exclusions", "B"),
        ("ciblage_secteur_activite", "agriculture"),
        ("types_aides", "financement"),
        ("types_aides", "subvention|avantage fiscal"),
        ("types_aides", "prêt|conseil"),
        ("cibles", "associations|martiens"),
        ("eligibilite_geographique", "DEP-48|PAYS-99109"),
        ("eligibilite_geographique_exclusions", "PAYS-99109"),
        ("porteurs", '[{"nom": "A", "roles": ["financeur"]}, {"nom": "B", "siren": "1"}]'),
        ("couleur", "bleu"),
    ],
)
def test_what_no_field_holds_is_told_under_its_column(column, value, tmp_path):
    read_, lost = one(tmp_path, **{column: value})
    assert isinstance(read_, Offer)
    told = "eligibilite_geographique" if column.endswith("geographique_exclusions") else column
    assert list(lost) == [told]


@pytest.mark.parametrize(
    ("written", "ours"),
    [
        ("PAYS-99100", {"FR"}),
        ("REG-94", {"REG-94"}),
        ("DEP-2A|dep-2b", {"DEP-2A", "DEP-2B"}),
        ("DEP-20", {"REG-94"}),
        ("COM-2A004", {"COM-2A004"}),
        ("COM-20004", {"COM-20004"}),
        ("COM-20999", {"REG-94"}),
        ("COM-988|OM-975", {"DEP-988", "DEP-975"}),
        ("EPCI-200054781", {"EPCI-200054781"}),
        (["REG-76", "DEP-48"], {"REG-76", "DEP-48"}),
    ],
)
def test_codes_are_read_with_the_letters_of_corsica_or_its_old_numbers(written, ours, tmp_path):
    read_, lost = one(tmp_path, eligibilite_geographique=written)
    assert (read_.territories, lost) == (ours, {})


def test_what_is_excluded_is_cut_out_of_what_is_covered(tmp_path):
    read_, _ = one(
        tmp_path,
        eligibilite_geographique="REG-94|REG-76",
        eligibilite_geographique_exclusions="DEP-2A|DEP-48",
    )
    assert "DEP-2B" in read_.territories
    assert "DEP-30" in read_.territories
    assert not read_.territories & {"REG-94", "REG-76", "DEP-2A", "DEP-48"}
    read_, _ = one(
        tmp_path,
        eligibilite_geographique="PAYS-99100",
        eligibilite_geographique_exclusions="REG-94",
    )
    assert {"REG-76", "REG-01", "DEP-988"} <= read_.territories
    assert not read_.territories & {"FR", "REG-94", "DEP-2A", "DEP-2B"}


def test_an_exclusion_too_fine_to_cut_becomes_a_condition_and_is_told(tmp_path):
    read_, lost = one(tmp_path, eligibilite_geographique_exclusions="COM-48095|COM-59350")
    assert read_.territories == {"DEP-48"}
    assert read_.conditions[-1] == "ne pas être à Mende (48)"
    assert list(lost) == ["eligibilite_geographique"]


def test_holders_are_read_in_the_loose_notation_of_the_published_example(tmp_path):
    loose = "[{ nom: 'Ville de l'Île', siren: '385290309', roles: [ 'financeur' ]}, "
    read_, lost = one(tmp_path, porteurs=loose + "{ nom: 'BPIFRANCE', roles: [ 'instructeur' ]}]")
    assert read_.provider == Provider("bpifrance", "BPIFRANCE")
    assert "porteurs" in lost


def test_long_criteria_go_to_the_description_and_leave_a_condition(tmp_path):
    long = "• " + "un critère très détaillé " * 20
    read_, lost = one(tmp_path, eligibilite=long)
    assert read_.conditions == ("remplir les critères d’éligibilité du dispositif",)
    assert "un critère très détaillé" in read_.description
    assert "eligibilite" in lost


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("porteurs", "ADEME", "attendu"),
        ("porteurs", "[" * 5_000, "attendu"),
        ("id", "pas d’espace", "attendu"),
        ("titre", "", "obligatoire"),
        ("url_source", "javascript:alert(1)", "http"),
        ("date_cloture", "demain", "date"),
        ("description", "x" * 200_000, "caractères"),
        ("eligibilite", "y" * 200_000, "caractères"),
        ("eligibilite_effectif_minimal", "dix", "nombre entier"),
    ],
)
def test_a_bad_row_is_refused_under_its_column_and_the_next_is_read(column, value, told, tmp_path):
    rows = [{**ROW, column: value}, {**ROW, "id": "suivante"}]
    with (tmp_path / "x").open("w", encoding="utf-8", newline="") as out:
        sheet = csv.DictWriter(out, list(dict.fromkeys(k for r in rows for k in r)))
        sheet.writeheader()
        sheet.writerows(rows)
    found = read(tmp_path / "x", "csv")
    (refused,) = (r for r in found if isinstance(r, Rejection))
    wanted = "description" if column == "eligibilite" else column
    assert (refused.line, refused.field) == (2, wanted)
    assert told in refused.message
    assert [o.id for o in offers_in(found)] == ["suivante"]


def test_the_same_identifier_twice_is_refused_with_both_lines(tmp_path):
    (tmp_path / "x").write_text(json.dumps([ROW, ROW]), encoding="utf-8")
    (refused,) = (r for r in read(tmp_path / "x") if isinstance(r, Rejection))
    assert (refused.line, refused.field) == (2, "id")
    assert "ligne 1" in refused.message


def test_a_file_of_another_version_or_of_another_kind_is_refused_whole(tmp_path):
    (tmp_path / "x").write_text("id_aide,nom\na,b\n", encoding="utf-8")
    with pytest.raises(WrongHeaders, match="version 0.1.*titre"):
        read(tmp_path / "x", "csv")
    (tmp_path / "x").write_text('{"erreur": 1}', encoding="utf-8")
    with pytest.raises(AiguilleError, match="n’est pas un fichier du schéma"):
        read(tmp_path / "x")
