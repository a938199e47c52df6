"""Needs as people say them, by theme: to show what may be written, and to start from."""

from __future__ import annotations

from collections.abc import Mapping

from service.typography import marked

EXAMPLES: Mapping[str, tuple[str, tuple[str, str]]] = {
    "argent": (
        marked("Argent du mois"),
        (
            (
                "On n’arrive plus à payer les salaires, la subvention de la ville n’est toujours "
                "pas versée."
            ),
            (
                "La facture d’électricité de la boulangerie a été multipliée par quatre, je ne "
                "tiens plus."
            ),
        ),
    ),
    "financer": (
        marked("Financer un projet"),
        (
            "Le minibus du club est mort et nous n’avons pas les moyens d’en racheter un.",
            (
                "Nous voulons répondre à un appel à projets mais personne ici n’a jamais monté "
                "de dossier."
            ),
        ),
    ),
    "benevoles": (
        marked("Bénévoles et gouvernance"),
        (
            (
                "Plus personne ne veut reprendre le bureau de l’association, tout le monde est "
                "fatigué."
            ),
            "Nos bénévoles vieillissent et nous ne savons plus comment en trouver d’autres.",
        ),
    ),
    "emploi": (
        marked("Emploi et salariés"),
        (
            "Nous embauchons notre première salariée et nous ne savons pas par où commencer.",
            "Notre directrice est partie et l’équipe s’épuise, il faut réorganiser.",
        ),
    ),
    "numerique": (
        marked("Numérique"),
        (
            "Nos adhérents sont dans trois tableurs différents, il nous faudrait un vrai outil.",
            (
                "Nous gardons des fichiers de familles et on nous dit que nous ne sommes pas en "
                "règle."
            ),
        ),
    ),
    "droit": (
        marked("Droit et conflits"),
        (
            "Le propriétaire nous demande de partir du local dans trois mois, a-t-il le droit ?",
            "Deux membres du conseil ne se parlent plus et tout est bloqué.",
        ),
    ),
    "ensemble": (
        marked("S’associer, partager"),
        (
            "Nous sommes quatre petites associations et nous voudrions partager un comptable.",
            "Nous cherchons une entreprise du coin prête à nous aider sur la durée.",
        ),
    ),
    "lancer": (
        marked("Lancer, se transformer"),
        (
            (
                "Avec des voisins, nous voulons ouvrir une épicerie dans le village, par où "
                "commencer ?"
            ),
            (
                "La commune veut refaire le chauffage de la salle des fêtes, qui peut nous "
                "conseiller ?"
            ),
        ),
    ),
}
"""Theme -> its name, and two needs: in French, the language that needs are read in."""


def example(name: str) -> str:
    """The need of an address such as `argent-1`; empty when there is none."""
    theme, _, number = name.partition("-")
    _, needs = EXAMPLES.get(theme, ("", ("", "")))
    return {"1": needs[0], "2": needs[1]}.get(number, "")
