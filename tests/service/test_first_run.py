"""What ships is enough to answer at once."""

from service.catalogue import open_catalogue
from tests.builders import settings, small_catalogue


def test_the_first_run_encodes_nothing_since_the_vectors_ship(tmp_path):
    small_catalogue(tmp_path)
    made = settings(tmp_path)
    assert not made.vectors_folder.exists()
    assert open_catalogue(made).matcher.ranker.version.startswith("learned")


def test_another_encoder_falls_back_on_what_needs_no_learning(tmp_path):
    matcher = open_catalogue_with(tmp_path, "lsa").matcher
    assert matcher.ranker.version.startswith("weighted")
    assert matcher.qualifier.learned is None


def open_catalogue_with(folder, encoder):
    from datetime import UTC, datetime

    from service.catalogue import initialise

    made = settings(folder, encoder=encoder)
    initialise(made, datetime(2026, 11, 24, tzinfo=UTC))
    return open_catalogue(made)
