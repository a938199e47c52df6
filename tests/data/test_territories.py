"""Official territories: found as people write them, contained as the law has it."""

from statistics import median
from time import thread_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.territories import AmbiguousTerritory, Area, Gazetteer, UnknownTerritory

G = Gazetteer.load()
COMMUNES = sorted(code for code in G._rows if code.startswith("COM-"))


def test_all_communes_of_2026_are_there():
    assert G.count("commune") == 34_969
    assert G.count("arrondissement") == 45


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Mende", "COM-48095"),
        ("48095", "COM-48095"),
        ("59800", "COM-59350"),
        ("COM-48095", "COM-48095"),
        ("st etienne", "COM-42218"),
        ("SAINT-ÉTIENNE", "COM-42218"),
        ("Fort de France", "COM-97209"),
        ("2a004", "COM-2A004"),
        ("Marsielle", "COM-13055"),
        ("Paris 11", "COM-75111"),
        ("Lyon 3ème", "COM-69383"),
        ("75011", "COM-75111"),
        ("Saint-Denis (974)", "COM-97411"),
        ("saint denis, seine-saint-denis", "COM-93066"),
        ("Saint-Denis (93200)", "COM-93066"),
        ("Lozère", "DEP-48"),
        ("Bretagne", "REG-53"),
        ("Vienne", "COM-38544"),
        ("Hellemmes", "COM-59298"),
        ("Arbignieu", "COM-01015"),
        ("Saint-Denis, Réunion", "COM-97411"),
        ("Vienne (département)", "DEP-86"),
        ("Guadeloupe", "DEP-971"),
        ("Guadeloupe (région)", "REG-01"),
        ("CC de Vitry, Champagne et Der", "EPCI-200034718"),
    ],
)
def test_a_place_is_found_as_people_write_it(text, code):
    assert G.resolve(text).code == code


def test_homonyms_are_asked_about():
    with pytest.raises(AmbiguousTerritory, match="97411") as error:
        G.resolve("Saint-Denis")
    assert {c.code for c in error.value.candidates} >= {"COM-97411", "COM-93066"}


def test_a_postal_code_of_several_communes_names_them():
    with pytest.raises(AmbiguousTerritory, match="plusieurs lieux"):
        G.resolve("48000")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Saint-Denis (11)", "COM-11339"),
        ("Saint-Pierre (04)", "COM-04194"),
        ("Corrèze (19)", "COM-19062"),
        ("Escaufourt (02)", "COM-02285"),
    ],
)
def test_a_number_in_brackets_is_a_departement_never_a_region(text, code):
    assert G.resolve(text).code == code


def test_the_closest_of_misspelt_names_is_not_beaten_by_a_larger_one():
    with pytest.raises(AmbiguousTerritory) as error:
        G.resolve("Castoillon")
    assert error.value.candidates[0].name == "Castillon"


def test_an_unknown_place_says_what_to_give():
    with pytest.raises(UnknownTerritory, match="code postal"):
        G.resolve("Zzyzx-les-Bains")


def test_a_former_code_is_the_commune_of_today():
    former, now = next(iter(G._former.items()))
    assert G.get(former).code == now
    assert G.resolve(former.removeprefix("COM-")).code == now


def test_region_11_is_not_departement_11():
    assert not G.contains("REG-11", "DEP-11")
    assert G.contains("REG-76", "DEP-11")


@pytest.mark.parametrize(
    ("code", "holders"),
    [
        ("COM-59350", {"COM-59350", "EPCI-200093201", "DEP-59", "REG-32", "FR"}),
        ("COM-2A004", {"DEP-2A", "REG-94"}),
        ("COM-97209", {"DEP-972", "REG-02", "AREA-outre-mer"}),
        ("COM-75111", {"COM-75056", "DEP-75", "REG-11"}),
        ("COM-97701", {"DEP-977", "FR"}),
        ("COM-74011", {"COM-74010", "DEP-74"}),
    ],
)
def test_a_commune_is_within_all_that_contains_it(code, holders):
    assert holders <= G.place([code]).within


def test_paris_the_commune_and_paris_the_departement_hold_each_other():
    assert "COM-75056" in G.place(["DEP-75"]).within
    assert "DEP-75" in G.place(["COM-75056"]).within


@pytest.mark.parametrize(
    ("code", "holder"),
    [("DEP-92", "EPCI-200054781"), ("REG-02", "DEP-972"), ("DEP-972", "REG-02")],
)
def test_what_has_all_the_communes_of_a_territory_contains_it(code, holder):
    assert holder in G.place([code]).within


def test_a_territory_without_commune_is_in_france_alone():
    assert G.place(["DEP-984"]).within == {"DEP-984", "FR"}


def test_france_touches_everything():
    place = G.place(["FR"])
    assert place.within == {"FR"}
    assert place.overlapping == G._rows.keys() - {"FR"}


def test_an_epci_over_two_departements_is_contained_by_neither():
    code = next(
        c for c in G._rows if c.startswith("EPCI-") and G.get(c).parents[0].startswith("REG-")
    )
    place = G.place([code])
    assert not [c for c in place.within if c.startswith("DEP-")]
    assert len([c for c in place.overlapping if c.startswith("DEP-")]) >= 2


@pytest.mark.parametrize("code", ["COM-75056", "COM-75111", "DEP-75"])
def test_a_place_has_the_inhabitants_of_the_commune_that_is_or_holds_it(code):
    assert G.place([code]).population == G.get("COM-75056").population > 2_000_000


def test_a_commune_of_yesterday_has_the_inhabitants_of_that_of_today():
    assert G.place(["COM-74011"]).population == G.get("COM-74010").population


@pytest.mark.parametrize("codes", [["DEP-48"], ["FR"], ["COM-48095", "COM-59350"], ["COM-59999"]])
def test_a_place_that_is_no_single_commune_has_no_known_inhabitants(codes):
    assert G.place(codes).population is None


def test_a_departement_touches_its_communes_and_is_within_its_region():
    place = G.place(["DEP-48"])
    assert {"DEP-48", "REG-76", "FR"} == place.within
    assert "COM-48095" in place.overlapping
    assert "COM-12202" not in place.overlapping


def test_several_places_are_a_union():
    place = G.place(["DEP-38", "DEP-73"])
    assert {"DEP-38", "DEP-73"} <= place.within
    assert "COM-38185" in place.overlapping


def test_an_unknown_code_widens_and_says_so():
    place = G.place(["COM-59999"])
    assert place.code == "DEP-59"
    assert "COM-59999" in place.notice
    assert G.place(["EPCI-999999999"]).code == "FR"


def test_no_code_at_all_is_refused():
    with pytest.raises(UnknownTerritory, match="Aucun territoire"):
        G.place([])


def test_a_malformed_code_is_refused():
    with pytest.raises(UnknownTerritory, match="REG-11"):
        G.place(["lille"])


def test_an_area_of_ones_own_is_a_territory():
    mine = Gazetteer.load([Area("AREA-vallee", "Parc de la Vallée", ("COM-48095", "COM-48080"))])
    assert "AREA-vallee" in mine.place(["COM-48095"]).within
    assert mine.resolve("parc de la vallee").code == "AREA-vallee"
    assert "COM-48080" in mine.place(["AREA-vallee"]).overlapping
    assert {"DEP-48", "REG-76"} <= mine.place(["AREA-vallee"]).within


def test_an_area_over_two_departements_is_within_their_region_alone():
    mine = Gazetteer.load([Area("AREA-causses", "Causses", ("COM-48095", "COM-12145"))])
    assert mine.place(["AREA-causses"]).within == {"AREA-causses", "REG-76", "FR"}
    assert "AREA-causses" in mine.place(["DEP-48"]).overlapping


@pytest.mark.parametrize("prefix", ["sa", "saint", "li", "690", "97", "st e", "la"])
def test_autocomplete_takes_less_than_five_milliseconds(prefix):
    """In the processor’s time, which other work on the machine does not lengthen."""
    G.complete(prefix)
    spent = []
    for _ in range(9):
        started = thread_time()
        found = G.complete(prefix)
        spent.append(thread_time() - started)
    assert found
    assert median(spent) < 0.005


def test_autocomplete_puts_the_likeliest_first():
    assert [t.label for t in G.complete("lil", 2)] == ["Lille (59)", "Lillers (62)"]
    assert G.complete("men")[2].label == "Mende (48)"
    assert G.complete("sai", 2)[0].label == "Sai (61)"
    assert G.complete("") == []


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(COMMUNES))
def test_containment_is_transitive(code):
    for outer in G.place([code]).within:
        assert G.contains(outer, code)
        assert G.place([outer]).within <= G.place([code]).within
        assert code in G.place([outer]).overlapping or G.contains(code, outer)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(G._rows)))
def test_a_label_leads_back_to_its_territory(code):
    assert code in {t.code for t in G.candidates(G.get(code).label)}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Evry", "COM-91228"),
        ("Havre", "COM-76351"),
        ("Réunion", "DEP-974"),
        ("PACA", "REG-93"),
        ("75011 Paris", "COM-75111"),
        ("48000 Mende", "COM-48095"),
        ("13001 Marseille", "COM-13201"),
    ],
)
def test_a_place_is_found_as_people_shorten_or_address_it(text, code):
    assert G.resolve(text).code == code
