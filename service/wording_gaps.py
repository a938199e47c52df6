"""Every sentence about gaps: cells, counts of needs and of offers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matching.domain import FRANCE
from matching.supply import ANY, Offered
from service.labels import CodeLabels
from service.triage.gaps import UNSAID, Cell, Demand
from service.typography import NBSP, Say, marked, typeset

ACTIONS: Mapping[str, str] = {
    "gap-open": marked("rouvert"),
    "gap-taken": marked("pris en charge"),
    "gap-filled": marked("marqué comblé"),
    "gap-note": marked("note modifiée"),
}
"""What was done to a gap, as its history tells it."""


@dataclass(frozen=True, slots=True)
class GapWording:
    """`say` turns a French text into that of the screen's language."""

    labels: CodeLabels
    say: Say = typeset

    def place(self, code: str, within: str = FRANCE) -> str:
        """The name of a row; of one counted apart from its parts, what it lacks."""
        if code == FRANCE:
            return self.say("Lieu non précisé")
        if code == within and code.startswith("REG-"):
            return self.say("Département non précisé")
        return self.labels.place(code)

    def public_place(self, code: str, within: str) -> str:
        """The name of a row of the public table; the last holds what is too small to tell."""
        if code == FRANCE:
            return self.say("Autres territoires")
        if code == within and code.startswith("REG-"):
            return self.say("Autres départements")
        return self.labels.place(code)

    def unit(self, code: str) -> str:
        """The name of where a need is counted, alone in a sentence."""
        if code == FRANCE:
            return self.say("Lieu non précisé")
        if code.startswith("REG-"):
            return self.say("{name}, département non précisé").format(name=self.labels.place(code))
        return self.labels.place(code)

    def view(self, code: str) -> str:
        return self.say("France") if code == FRANCE else self.labels.place(code)

    def need_type(self, code: str) -> str:
        return self.labels.label("need_types", code)

    def profile(self, code: str) -> str:
        if code == ANY:
            return self.say("Tous les profils")
        if code == UNSAID:
            return self.say("Profil non précisé")
        return self.labels.label("profiles", code)

    def cell(self, cell: Cell) -> str:
        """Cantal × Questions juridiques, and × Association when it is of one profile."""
        parts = [self.unit(cell.territory), self.need_type(cell.need_type)]
        parts += [] if cell.profile == ANY else [self.profile(cell.profile)]
        return f"{NBSP}× ".join(parts)

    def needs(self, count: int) -> str:
        few = self.say("{count} besoin") if count else self.say("0 besoin")
        said = few if count < 2 else self.say("{count} besoins")
        return said.format(count=count).replace(" ", NBSP)

    def at_least(self, count: int) -> str:
        """What a public page tells of a count; 0 where it tells nothing."""
        if not count:
            return self.say("non publié")
        return self.say("au moins {needs}").format(needs=self.needs(count))

    def demand(self, demand: Demand) -> str:
        """7 besoins, dont 3 sans réponse suffisante (2 jamais envoyés)."""
        needs, unmet = self.needs(demand.needs), demand.unmet
        if not unmet:
            said = needs
        elif unmet == demand.needs:
            said = self.say("{needs} sans réponse suffisante").format(needs=needs)
        else:
            some = self.say("{needs}, dont {count} sans réponse suffisante")
            said = some.format(needs=needs, count=unmet)
        if not demand.unsent:
            return said
        few = self.say("{count} jamais envoyé")
        unsent = few if demand.unsent < 2 else self.say("{count} jamais envoyés")
        return f"{said} ({unsent.format(count=demand.unsent).replace(' ', NBSP)})"

    def offered(self, offered: Offered, territory: str) -> str:
        """0 offre locale, 12 nationales."""
        if territory == FRANCE:
            few = self.say("{count} offre pour toute la France")
            said = few if offered.local < 2 else self.say("{count} offres pour toute la France")
            return said.format(count=offered.local).replace(" ", NBSP)
        few = self.say("{count} offre locale") if offered.local else self.say("0 offre locale")
        local = few if offered.local < 2 else self.say("{count} offres locales")
        parts = [local.format(count=offered.local)]
        if offered.partial:
            parts.append(self.say("{count} sur une partie").format(count=offered.partial))
        national = (
            self.say("{count} nationale")
            if offered.national < 2
            else self.say("{count} nationales")
        )
        parts.append(national.format(count=offered.national))
        return ", ".join(part.replace(" ", NBSP) for part in parts)

    def told(self, demand: Demand, offered: Offered, territory: str) -> str:
        """7 besoins, dont 3 sans réponse suffisante ; 0 offre locale, 12 nationales."""
        said = self.say("{needs} ; {offers}")
        return said.format(needs=self.demand(demand), offers=self.offered(offered, territory))

    def told_publicly(self, count: int, offered: Offered, territory: str) -> str:
        """The same, of what a public page tells."""
        said = self.say("{needs} ; {offers}")
        return said.format(needs=self.at_least(count), offers=self.offered(offered, territory))

    def figures(self, demand: Demand, offered: Offered) -> str:
        """7 (3) / 1: needs, those without a sufficient answer, offers of the territory."""
        unmet = f" ({demand.unmet})" if demand.unmet else ""
        return f"{demand.needs}{unmet} / {offered.local + offered.partial}"

    def about(self, code: str, told: str) -> str:
        """Cantal : 7 besoins."""
        return self.say("{place} : {told}").format(place=self.labels.place(code), told=told)

    def renewed(self, count: int) -> str:
        if count == 1:
            return self.say("1 besoin a une nouvelle réponse")
        return self.say("{count} besoins ont une nouvelle réponse").format(count=count)

    def action(self, action: str) -> str:
        return self.say(ACTIONS.get(action, action))
