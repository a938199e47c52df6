"""The national schema "dispositif d'aide" 0.2: its columns, and its words for our codes.

Source: https://github.com/etalab/schema-dispositif-aide at v0.2.0 (files
`build/schemas/dispositif-aide.json` and `dispositif-aide-professionnels.json`), published at
https://schema.data.gouv.fr/etalab/schema-dispositif-aide/. Lists of values that the schema leaves
to a shared table are open: "feel free to add values"; ours are added beside those in use.
"""

from __future__ import annotations

from collections.abc import Mapping

from data.values import slug

SEPARATOR = "|"
CORE = tuple(
    "id titre promesse description eligibilite types_aides porteurs programmes_parents url_source"
    " cibles eligibilite_geographique eligibilite_geographique_exclusions date_ouverture"
    " date_cloture date_mise_a_jour".split()
)
COMPANIES = tuple(
    "base_juridique eligibilite_effectif_minimal eligibilite_effectif_maximal"
    " eligibilite_categorie_taille_entreprise eligibilite_annees_existence_minimal"
    " eligibilite_forme_juridique eligibilite_forme_juridique_exclusions ciblage_secteur_activite"
    " ciblage_naf ciblage_naf_exclusions chainage_paiement".split()
)
"""What the schema of aids to companies (`dispositif-aide-professionnels`) adds to the core."""
REQUIRED = tuple(
    "id titre description eligibilite types_aides porteurs cibles eligibilite_geographique"
    " date_mise_a_jour".split()
)

COLUMN_OF: Mapping[str, str] = {
    "id": "id",
    "title": "titre",
    "summary": "promesse",
    "description": "description",
    "conditions": "eligibilite",
    "kind": "types_aides",
    "provider": "porteurs",
    "url": "url_source",
    "audiences": "cibles",
    "territories": "eligibilite_geographique",
    "valid_from": "date_ouverture",
    "valid_to": "date_cloture",
    "checked_on": "date_mise_a_jour",
    "employees_min": "eligibilite_effectif_minimal",
    "employees_max": "eligibilite_effectif_maximal",
    "age_months_min": "eligibilite_annees_existence_minimal",
    "naf_sections": "ciblage_naf",
}
"""Field of an offer -> the column that holds it, or some of it."""

TARGETS: Mapping[str, tuple[str, ...]] = {
    "associations": ("association", "fondation"),
    "professionnels": ("cooperative", "entreprise-ess", "tpe", "pme", "independant"),
    "secteur public": ("collectivite",),
    "particuliers": ("porteur-de-projet",),
}
"""`cibles` -> profiles."""

AID_TYPES: Mapping[str, str] = {
    "subvention": "financement|subvention",
    "fonds": "financement|fonds",
    "garantie": "financement|garantie",
    "pret": "prêt",
    "conseil": "conseil",
    "etude": "étude",
    "formation": "formation",
    "accompagnement": "assistance|accompagnement",
    "mediation": "assistance|médiation",
    "mecenat-competences": "assistance|mécénat de compétences",
    "centre-ressources": "information|centre de ressources",
    "outil": "information|outil",
    "plateforme": "information|plateforme",
    "reseau": "information|réseau",
    "programme": "programme",
}
"""Kind -> `types_aides`: a value in use, then ours when it says more."""
UNSAID_TYPE = "non précisé"

GENERIC: Mapping[str, str] = {
    "financement": "",
    "assistance": "accompagnement",
    "information": "centre-ressources",
}
"""Values that another one makes precise -> the kind that they are alone; "" is none of ours."""

KINDS: Mapping[str, str] = {
    slug(value): kind
    for kind, cell in AID_TYPES.items()
    for value in cell.split(SEPARATOR)
    if value not in GENERIC
}
"""Value of `types_aides`, folded -> kind."""

NO_CRITERION = "Aucun critère particulier n’est renseigné"
SEE_CRITERIA = "remplir les critères d’éligibilité du dispositif"
ALL_SECTORS = "tous secteurs d'activité"
NEVER = "1970-01-01"
"""The required day of the last update, when there was none."""
