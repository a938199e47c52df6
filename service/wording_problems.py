"""Every kind of problem, told to who meets it: what it is, when it comes, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from service.typography import marked


class Explained(NamedTuple):
    title: str
    when: str
    remedy: str


PROBLEMS: Mapping[str, Explained] = {
    "change-entre-temps": Explained(
        marked("Changé entre-temps"),
        marked("Quelqu’un a changé le besoin depuis qu’il a été lu."),
        marked("Relisez-le, puis recommencez."),
    ),
    "cle-absente": Explained(
        marked("Clé absente"),
        marked("L’adresse est réservée aux partenaires et aucune clé n’est venue."),
        marked("Envoyez « Authorization: Bearer aig_… »."),
    ),
    "cle-refusee": Explained(
        marked("Clé refusée"),
        marked("La clé est inconnue, expirée ou révoquée."),
        marked("Vérifiez la clé ; au besoin, demandez-en une autre à l’administrateur."),
    ),
    "droit-absent": Explained(
        marked("Droit absent"),
        marked("La clé est bonne et n’a pas le droit que l’adresse demande."),
        marked("Demandez à l’administrateur d’ajouter le droit à la clé."),
    ),
    "bac-a-sable": Explained(
        marked("Bac à sable seulement"),
        marked("L’adresse ne sert qu’aux essais et la clé est réelle."),
        marked("Appelez avec une clé « aig_test_… »."),
    ),
    "role-insuffisant": Explained(
        marked("Rôle insuffisant"),
        marked("Le compte n’a pas le rôle que le geste demande."),
        marked("Demandez à un administrateur de le faire, ou de changer le rôle."),
    ),
    "compte-inconnu": Explained(
        marked("Compte inconnu"),
        marked("Aucun compte ouvert n’a cette adresse ou cet identifiant."),
        marked("Vérifiez l’adresse, ou faites ouvrir un compte."),
    ),
    "identite-refusee": Explained(
        marked("Identité refusée"),
        marked("Le fournisseur d’identité a refusé, ou sa réponse ne tient pas."),
        marked("Recommencez la connexion depuis le début."),
    ),
    "formulaire-perime": Explained(
        marked("Formulaire périmé"),
        marked("Le formulaire vient d’une autre session."),
        marked("Rechargez la page, puis renvoyez le formulaire."),
    ),
    "autre-site": Explained(
        marked("Venu d’un autre site"),
        marked("Un formulaire d’un autre site voulait agir ici."),
        marked("Ouvrez la page à son adresse, puis recommencez."),
    ),
    "sans-fournisseur": Explained(
        marked("Sans fournisseur d’identité"),
        marked("Aucun fournisseur d’identité n’est réglé ici."),
        marked("Connectez-vous par un lien reçu par courriel."),
    ),
    "lien-passe": Explained(
        marked("Lien passé"),
        marked("Le lien a servi, ou sa date est passée."),
        marked("Demandez un nouveau lien."),
    ),
    "trop-de-demandes": Explained(
        marked("Trop de demandes"),
        marked("Trop de demandes sont venues en peu de temps du même réseau ou de la même clé."),
        marked("Attendez les secondes que dit Retry-After, puis recommencez."),
    ),
    "cle-inconnue": Explained(
        marked("Clé inconnue"),
        marked("Aucune clé n’a cet identifiant."),
        marked("Vérifiez l’identifiant dans la liste des clés."),
    ),
    "trou-inconnu": Explained(
        marked("Trou inconnu"),
        marked("Aucun trou dans la raquette n’a cette clé."),
        marked("Repartez de la liste des trous."),
    ),
    "besoin-inconnu": Explained(
        marked("Besoin inconnu"),
        marked("Aucun besoin n’a cet identifiant, ou il n’est pas à vous."),
        marked("Vérifiez l’identifiant et la clé qui a créé le besoin."),
    ),
    "besoin-efface": Explained(
        marked("Besoin effacé"),
        marked("Le besoin a existé ; la personne ou le délai l’a effacé."),
        marked("Cessez de le lire ; créez-en un nouveau si la personne le demande."),
    ),
    "deja-connu": Explained(
        marked("Déjà connu"),
        marked("Un besoin porte déjà cet external_id."),
        marked("Lisez le besoin que la réponse nomme, ou changez external_id."),
    ),
    "deja-envoye": Explained(
        marked("Déjà envoyé"),
        marked("Le besoin est déjà chez un catalyseur."),
        marked("Suivez-le : rien d’autre n’est à faire."),
    ),
    "besoin-clos": Explained(
        marked("Besoin clos"),
        marked("Le besoin est clos et ne change plus."),
        marked("Créez un nouveau besoin."),
    ),
    "autre-version": Explained(
        marked("Autre version"),
        marked("If-Match nomme une version qui n’est plus celle du besoin."),
        marked("Relisez le besoin, puis recommencez avec son nouvel ETag."),
    ),
    "version-attendue": Explained(
        marked("Version attendue"),
        marked("Une modification est venue sans If-Match."),
        marked("Envoyez If-Match avec l’ETag lu."),
    ),
    "en-cours": Explained(
        marked("Demande en cours"),
        marked("La même demande est en cours sous cette Idempotency-Key."),
        marked("Renvoyez-la après les secondes que dit Retry-After."),
    ),
    "cle-deja-servie": Explained(
        marked("Clé d’idempotence déjà servie"),
        marked("Cette Idempotency-Key a servi pour un autre corps."),
        marked("Prenez une nouvelle clé pour une nouvelle demande."),
    ),
    "pas-encore-envoye": Explained(
        marked("Pas encore envoyé"),
        marked("Le besoin est un brouillon : personne ne le suit encore."),
        marked("Envoyez-le d’abord, avec l’accord de la personne."),
    ),
    "etape-impossible": Explained(
        marked("Étape impossible"),
        marked("Le besoin ne passe pas de son état à celui-là."),
        marked("Lisez son état, puis choisissez une étape qui le suit."),
    ),
    "rien-a-repondre": Explained(
        marked("Rien à répondre"),
        marked("Personne n’a posé de question sur ce besoin."),
        marked("Attendez une question, ou écrivez au bureau."),
    ),
    "accord-manquant": Explained(
        marked("Accord manquant"),
        marked("La personne n’a pas accepté que ce porteur reçoive son besoin."),
        marked("Demandez-lui son accord, avec le texte en vigueur."),
    ),
    "deja-transmis": Explained(
        marked("Déjà transmis"),
        marked("Le besoin est déjà chez ce porteur."),
        marked("Attendez sa réponse."),
    ),
    "lien-inconnu": Explained(
        marked("Lien inconnu"),
        marked("Aucun lien n’a cette fin."),
        marked("Copiez le lien entier depuis le courriel."),
    ),
    "offre-inconnue": Explained(
        marked("Offre inconnue"),
        marked("Aucune offre n’a cet identifiant."),
        marked("Cherchez l’offre dans /v1/offers."),
    ),
    "lieu-inconnu": Explained(
        marked("Lieu inconnu"),
        marked("Le nom ou le code ne désigne aucun lieu."),
        marked("Cherchez le lieu dans /v1/territories."),
    ),
    "lieu-ambigu": Explained(
        marked("Lieu ambigu"),
        marked("Le nom désigne plusieurs lieux."),
        marked("Envoyez le code INSEE de l’un d’eux."),
    ),
    "code-inconnu": Explained(
        marked("Code inconnu"),
        marked("Le code n’est pas dans le référentiel."),
        marked("Prenez un code de la liste que dit la réponse, ou de /v1/frame."),
    ),
    "curseur-illisible": Explained(
        marked("Curseur illisible"),
        marked("Le curseur n’est pas de nous, ou d’une autre liste."),
        marked("Reprenez next_cursor tel quel, ou repartez de la première page."),
    ),
    "demande-invalide": Explained(
        marked("Demande invalide"),
        marked("Un champ manque, est de trop ou n’a pas la forme attendue."),
        marked("Corrigez les champs que nomme « errors »."),
    ),
    "adresse-inconnue": Explained(
        marked("Adresse inconnue"),
        marked("Rien n’est à cette adresse."),
        marked("Vérifiez l’adresse dans /openapi.json."),
    ),
    "methode-non-permise": Explained(
        marked("Méthode non permise"),
        marked("L’adresse existe et n’accepte pas cette méthode."),
        marked("Prenez une méthode que dit l’en-tête Allow."),
    ),
    "trop-volumineux": Explained(
        marked("Trop volumineux"),
        marked("Le corps dépasse la taille permise."),
        marked("Envoyez moins à la fois."),
    ),
    "trop-lent": Explained(
        marked("Trop lent"),
        marked("Le corps de la demande n’est pas arrivé à temps."),
        marked("Renvoyez-le d’une traite."),
    ),
    "encodage-inconnu": Explained(
        marked("Encodage inconnu"),
        marked("Le corps est dit dans un autre encodage qu’UTF-8."),
        marked("Envoyez-le en UTF-8."),
    ),
    "valeur-impossible": Explained(
        marked("Valeur impossible"),
        marked("Une valeur ne peut pas être gardée."),
        marked("Retirez les caractères de contrôle et les nombres démesurés."),
    ),
    "occupee": Explained(
        marked("Occupé pour l’instant"),
        marked("La base ou le serveur est occupé : rien n’a été enregistré."),
        marked("Recommencez après les secondes que dit Retry-After."),
    ),
    "plus-de-place": Explained(
        marked("Plus de place"),
        marked("Le disque du serveur est plein : rien n’a été enregistré. Lire reste possible."),
        marked("Recommencez plus tard ; dites-le à qui tient le site."),
    ),
    "jeton-absent": Explained(
        marked("Jeton absent"),
        marked("L’adresse demande le jeton de surveillance, qui manque ou est faux."),
        marked("Envoyez « Authorization: Bearer », puis le jeton réglé par l’exploitant."),
    ),
    "export-inconnu": Explained(
        marked("Export inconnu"),
        marked("Aucun export de ce jour ou de ce nom n’est gardé."),
        marked("Repartez de la liste des exports."),
    ),
    "erreur-interne": Explained(
        marked("Erreur de notre part"),
        marked("La demande a échoué par notre faute ; la trace en est gardée."),
        marked("Recommencez ; si elle échoue encore, dites-le à qui tient le site."),
    ),
    "flux-inconnu": Explained(
        marked("Flux inconnu"),
        marked("Aucun flux n’a ce nom."),
        marked("Repartez de la liste des flux."),
    ),
    "webhook-inconnu": Explained(
        marked("Webhook inconnu"),
        marked("Aucun webhook du partenaire n’a cet identifiant."),
        marked("Cherchez-le dans /v1/webhooks."),
    ),
    "webhook-arrete": Explained(
        marked("Webhook arrêté"),
        marked("Le webhook est arrêté : rien n’y est envoyé."),
        marked("Reprenez-le par PATCH, avec « active » à true."),
    ),
    "envoi-inconnu": Explained(
        marked("Envoi inconnu"),
        marked("Aucun envoi de ce webhook n’a cet identifiant."),
        marked("Cherchez-le dans les envois du webhook."),
    ),
    "erreur": Explained(
        marked("Erreur"),
        marked("La demande n’a pas pu être lue ou servie."),
        marked("Vérifiez la demande ; si elle est bonne, recommencez plus tard."),
    ),
}
"""The last word of `type` -> what it means."""
