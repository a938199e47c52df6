"""The words of Aides-territoires for our codes.

Source: the serializers and models of https://github.com/MTES-MCT/aides-territoires (API 1.6) and
https://github.com/MTES-MCT/aides-territoires-symfony (which serves the same keys and some more),
and answers of https://aides-territoires.beta.gouv.fr/api/aids/ kept by those who use it. The site
places its data under the Licence Ouverte 2.0, with a link to it and the day of the last update.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from data.values import slug

SITE = "https://aides-territoires.beta.gouv.fr"
LICENCE = "etalab-2.0"
_PLURAL = re.compile(r"s(?=-|$)")


def folded(words: str) -> str:
    """Words without case, accents nor plural: 1.6 says Associations, its successor Association."""
    return _PLURAL.sub("", slug(words))


COMPANY = ("cooperative", "entreprise-ess", "tpe", "pme", "independant")
AUDIENCE_NAMES: Mapping[str, tuple[str, ...]] = {
    "Commune": ("collectivite",),
    "Intercommunalité / Pays": ("collectivite",),
    "Département": ("collectivite",),
    "Région": ("collectivite",),
    "Collectivité d’outre-mer à statut particulier": ("collectivite",),
    "Association": ("association",),
    "Entreprise privée": COMPANY,
    "Particulier": ("porteur-de-projet",),
}
AUDIENCES = {folded(name): profiles for name, profiles in AUDIENCE_NAMES.items()}
"""`targeted_audiences` -> profiles. Others (research, public bodies) are told lost."""
COLLECTIVITIES = {key for key, found in AUDIENCES.items() if found == ("collectivite",)}
COMMUNE, FARMER = folded("Commune"), folded("Agriculteur")
FARMERS = ("tpe", "independant")
"""Profiles of an aid that is for farmers alone, then kept to the section A of the NAF."""

TYPE_NAMES: Mapping[str, tuple[str, str, str]] = {
    "Subvention": ("subvention", "subvention", "subvention-financement"),
    "Prêt": ("pret", "pret", "investissement"),
    "Avance récupérable": ("pret", "pret", "investissement"),
    "Autre aide financière": ("", "", "subvention-financement"),
    "Certificat d’économie d’énergie (CEE)": ("", "", "transition-ecologique"),
    "Ingénierie technique": ("accompagnement", "", ""),
    "Ingénierie financière": ("accompagnement", "", ""),
    "Ingénierie juridique / administrative": ("accompagnement", "", "juridique"),
}
TYPES = {folded(name): codes for name, codes in TYPE_NAMES.items()}
"""`aid_types` -> (kind, cost, need type), "" when ours has none."""

CATEGORY_NAMES: Mapping[str, str] = {
    "Emploi": "rh-emploi",
    "Formation professionnelle": "formation",
    "Technologies numériques et numérisation": "numerique-outils",
    "Fiscalité des entreprises": "fiscalite-comptabilite",
    "Animation et mise en réseau": "reseau",
    "Médias et communication": "communication",
    "Valorisation d’actions": "communication",
    "Foncier": "immobilier-locaux",
    "Friche": "immobilier-locaux",
    "Bâtiments et construction": "immobilier-locaux",
    "Equipement public": "immobilier-locaux",
    "Réhabilitation": "immobilier-locaux",
    "Transition énergétique": "transition-ecologique",
    "Economie d’énergie et rénovation énergétique": "transition-ecologique",
    "Réseaux de chaleur": "transition-ecologique",
    "Recyclage et valorisation des déchets": "transition-ecologique",
    "Réduction de l’empreinte carbone": "transition-ecologique",
    "Economie circulaire": "transition-ecologique",
    "Biodiversité": "transition-ecologique",
    "Qualité de l’air": "transition-ecologique",
    "Sols": "transition-ecologique",
    "Milieux humides": "transition-ecologique",
    "Solutions d’adaptation fondées sur la nature (SafN)": "transition-ecologique",
    "Modes actifs : vélo, marche et aménagements associés": "transition-ecologique",
    "Mobilité partagée": "transition-ecologique",
}
CATEGORIES = {folded(name): need_type for name, need_type in CATEGORY_NAMES.items()}
"""Last words of `categories` ("theme / category" or "theme|category") -> need type."""

IN_DESCRIPTION = "mis dans la description"
NO_FIELD = "aucun champ de nos offres ne le dit"
LOST: Mapping[str, str] = {
    "contact": "coordonnées de personnes : non reprises, elles sont sur la page",
    "predeposit_date": NO_FIELD,
    "mobilization_steps": NO_FIELD,
    "destinations": NO_FIELD,
    "recurrence": NO_FIELD,
    "is_call_for_project": NO_FIELD,
    "european_aid": NO_FIELD,
    "project_examples": NO_FIELD,
    "project_references": NO_FIELD,
    "import_data_url": NO_FIELD,
    "import_data_mention": NO_FIELD,
    "subvention_rate_lower_bound": IN_DESCRIPTION,
    "subvention_rate_upper_bound": IN_DESCRIPTION,
    "subvention_comment": IN_DESCRIPTION,
    "loan_amount": IN_DESCRIPTION,
    "recoverable_advance_amount": IN_DESCRIPTION,
    "instructors": IN_DESCRIPTION,
    "programs": IN_DESCRIPTION,
    "name_initial": IN_DESCRIPTION,
    "short_title": IN_DESCRIPTION,
}
"""Keys that no field of ours holds -> why."""
SAID_TWICE = ("slug", "financers_full", "instructors_full", "aid_types_full", "date_created")
"""Keys that add nothing to another one, or of which an offer has no use."""
