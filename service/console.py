"""What the terminal shows: tables, progress, reports. In French, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from data.ingest import Plan
from data.losses import LostField
from data.outbox import Row
from data.store_feeds import Feed
from matching.domain import Offer
from service.catalogue import Step
from service.schemas.answers import AnswerOut, MatchOut
from service.wording import UNVERIFIED

if TYPE_CHECKING:
    from data.copying import Copied

console = Console()
REPORT: tuple[tuple[str, str], ...] = (
    ("created", "créées"),
    ("updated", "mises à jour"),
    ("unchanged", "inchangées"),
    ("withdrawn", "retirées"),
    ("rejected", "valeurs refusées"),
    ("duplicates", "doublons possibles"),
    ("losses", "champs sans place"),
    ("warnings", "avertissements"),
)
SHOWN = 50


@contextmanager
def progress() -> Iterator[Step]:
    """A bar a stage, on standard error, so that --json stays clean."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeElapsedColumn as Elapsed

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Elapsed())
    with Progress(*columns, console=Console(stderr=True), transient=False) as bars:
        tasks: dict[str, Any] = {}

        def step(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield step


def show_copied(tables: Sequence[Copied]) -> None:
    """What each table holds on both sides: rows, and their digest."""
    table = Table(title="Copié, le même des deux côtés")
    table.add_column("Table")
    table.add_column("Lignes", justify="right")
    table.add_column("Empreinte")
    for one in tables:
        table.add_row(one.table, str(one.rows), one.digest[:16])
    console.print(table)


def plan_record(plan: Plan) -> dict[str, Any]:
    """The report of an import as JSON values."""
    return {
        **plan.counts,
        "rejections": [asdict(r) for r in plan.rejected],
        "duplicate_pairs": [list(pair) for pair in plan.duplicates],
        "losses": [asdict(lost) for lost in plan.losses],
        "notes": list(plan.warnings),
    }


def show_losses(losses: Sequence[LostField]) -> None:
    """What a format could not hold: every field, how often, and one of its values."""
    if not losses:
        return
    table = Table(title="Champs sans place", title_justify="left")
    for header in ("Champ", "Fois", "Exemple", "Pourquoi"):
        table.add_column(header)
    for lost in losses:
        # What a file says is shown as it is: [/b] in it is no markup of ours.
        table.add_row(*map(escape, (lost.field, str(lost.count), lost.example, lost.message)))
    console.print(table)


def show_plan(plan: Plan, rematched: int = 0) -> None:
    """What an import does, and how many needs it gives a new answer."""
    told = [f"{plan.counts[key]} {label}" for key, label in REPORT if plan.counts[key]]
    console.print("Offres : " + (", ".join(told) or "rien à faire"))
    if plan.rejected:
        table = Table(title="Refusées", title_justify="left")
        for header in ("Ligne", "Champ", "Valeur", "Pourquoi, et que faire"):
            table.add_column(header)
        for r in plan.rejected[:SHOWN]:
            table.add_row(*map(escape, (str(r.line), r.field, r.value, r.message)))
        console.print(table)
    show_losses(plan.losses)
    for first, second in plan.duplicates[:SHOWN]:
        console.print(f"Doublon possible : {first} et {second} (à réunir sur /bureau/catalogue)")
    for warning in plan.warnings[:SHOWN]:
        console.print(f"Attention : {escape(warning)}")
    if rematched:
        console.print(f"Besoins qui ont une nouvelle réponse : {rematched} (voir /bureau/raquette)")


def show_feeds(feeds: Sequence[Feed]) -> None:
    """Each feed, how its last runs went, and when the next one is due."""
    if not feeds:
        console.print("Aucun flux : « aiguille feed add » en ajoute un.")
        return
    table = Table(title=f"{len(feeds)} flux", title_justify="left", show_lines=True)
    for header in ("N°", "Nom et adresse", "Dernière lecture (UTC)", "À savoir", "Prochaine (UTC)"):
        table.add_column(header, overflow="fold")
    for f in feeds:
        told = [f"Pas lu le {f.failed_at:%Y-%m-%d %H:%M} : {f.failure}"] if f.failure else []
        if f.held:
            told.append(f"À confirmer : {f.held['absent']} offres sur {f.held['of']} n’y sont plus")
        read = f"{f.succeeded_at:%Y-%m-%d %H:%M}" if f.succeeded_at else "jamais"
        where = f"{escape(f.name)}\n[dim]{escape(f.url)}\n{f.format}[/dim]"
        due = f"{f.due_at:%Y-%m-%d %H:%M}"
        table.add_row(str(f.id), where, read, escape("\n".join(told)), due)
    console.print(table)


STANDINGS = {"due": "à faire", "later": "plus tard", "given-up": "abandonné"}


def show_undone(rows: Sequence[Row], now: datetime) -> None:
    """What waits in the outbox: ids of rows and codes, nothing of anybody."""
    if not rows:
        console.print("Rien n’attend.")
        return
    table = Table(title=f"{len(rows)} en attente", title_justify="left")
    for header in ("N°", "Sorte", "État", "Prévu (UTC)", "Essais", "Erreur"):
        table.add_column(header)
    for r in rows:
        when = f"{r.due_at:%Y-%m-%d %H:%M}"
        table.add_row(
            str(r.id), r.kind, STANDINGS[r.standing(now)], when, str(r.tries), r.error or ""
        )
    console.print(table)


def show_answer(answer: AnswerOut, text: str) -> None:
    """The need, what was understood, then the ranked table and what was set aside."""
    console.print(Panel(text, title="Le besoin", title_align="left", border_style="cyan"))
    understood = answer.understood
    found = ", ".join(t.label.lower() for t in understood.need_types) or "rien de précis"
    where = f" · {understood.place.name}" if understood.place else ""
    urgent = " · urgent" if understood.axis == "urgence" else ""
    console.print(f"Compris : {found}{where}{urgent}")
    if answer.message:
        console.print(f"[yellow]{answer.message}[/yellow]")
    if answer.fallback:
        show_matches([answer.fallback], "À qui parler")
    if answer.matches:
        title = f"Réponses ({answer.admissible} offres possibles)"
        show_matches(answer.matches, title if answer.sure else "Peut-être utiles, sans certitude")
    if answer.bundle:
        steps = (
            f"{i}. {s.title}" + (" (d’abord)" if s.urgent else "")
            for i, s in enumerate(answer.bundle, start=1)
        )
        console.print("Parcours possible : " + " → ".join(steps))
    for near in answer.near_misses:
        console.print(f"Écartée de peu : {near.offer.title}. {near.sentence}.")
    for question in understood.questions:
        console.print(f"Pour préciser : {question.sentence}")


def show_matches(matches: Sequence[MatchOut], title: str) -> None:
    table = Table(title=title, title_justify="left", show_lines=True)
    for header in ("", "Offre et porteur", "Pourquoi", "À vérifier", "Première démarche"):
        table.add_column(header, overflow="fold")
    for match in matches:
        checks = [c.sentence for c in match.checks]
        checks += [] if match.offer.verified else [UNVERIFIED]
        near = f"\n[dim]Près de chez vous : {match.relay.name}[/dim]" if match.relay else ""
        table.add_row(
            str(match.rank),
            f"[bold]{match.offer.title}[/bold]\n{match.offer.provider.name}{near}",
            "\n".join(f"• {r.sentence}" for r in match.reasons[:4]),
            "\n".join(f"• {c}" for c in checks) or match.verdict_sentence,
            f"{match.next_step}\n[dim]{match.offer.url or ''}[/dim]",
        )
    console.print(table)


def show_offers(offers: Sequence[Offer]) -> None:
    table = Table(title=f"{len(offers)} offres", title_justify="left")
    for header in ("Identifiant", "Titre", "Porteur", "Statut"):
        table.add_column(header, overflow="fold")
    for offer in offers:
        table.add_row(offer.id, offer.title, offer.provider.name, offer.status)
    console.print(table)


def show_record(record: dict[str, Any]) -> None:
    """A measurement, a row a figure."""
    table = Table(title="Mesure", title_justify="left")
    table.add_column("Mesure")
    table.add_column("Valeur", justify="right")
    for name, value in record.items():
        table.add_row(name, str(value))
    console.print(table)
