"""The shipped inventory is whole: every line is an offer."""

from data.fields import Reading
from data.ingest import Stored, prepare
from data.inventory import shipped_offers
from matching.domain import Offer
from tests.builders import FRAME, gazetteer

READING = Reading(FRAME, gazetteer())


def test_every_line_of_the_inventory_is_an_offer_of_its_own():
    found = list(shipped_offers(READING))
    assert [f for f in found if not isinstance(f, Offer)] == []
    assert len({o.id for o in found}) == len(found) > 0


def test_the_inventory_prepared_again_over_itself_changes_nothing():
    once = prepare(shipped_offers(READING), Stored({}, (), {}), gazetteer())
    stored = Stored({o.id: o for o in once.created}, [o.id for o in once.created], {})
    again = prepare(shipped_offers(READING), stored, gazetteer(), complete=True)
    assert (again.created, dict(again.updated), again.withdrawn, once.warnings) == ((), {}, (), ())
    assert len(again.unchanged) == len(once.created)
