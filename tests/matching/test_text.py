from matching.text import clauses, fold, tokens, words


def test_accents_and_case_do_not_count():
    assert tokens("Salariés") == tokens("salaries") == tokens("SALARIÉ")


def test_elisions_and_stop_words_are_dropped():
    assert tokens("l’association n'a pas d’argent") == tokens("association argent")


def test_words_keep_the_surface_a_person_wrote():
    assert [w.surface for w in words("On n’arrive plus à payer les Salaires")] == [
        "arrive",
        "payer",
        "Salaires",
    ]


def test_ligatures_fold():
    assert fold("Cœur d’Œuvre") == "coeur d’oeuvre"


def test_a_short_sentence_joins_the_one_before():
    text = (
        "Notre local ferme à Noël prochain. Au secours ! Il nous faut aussi un trésorier bénévole."
    )
    assert clauses(text) == [
        "Notre local ferme à Noël prochain. Au secours !",
        "Il nous faut aussi un trésorier bénévole.",
    ]


def test_nothing_meaningful_gives_no_token():
    assert tokens("?! … 🙂") == []
