"""Learning from judged needs; the extra `train` does the work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from data.fields import Reading
from data.frames import load_frame
from data.inventory import shipped_offers
from data.territories import Gazetteer
from evaluation.corpus import precedents, read_collection
from evaluation.datasets import TRAIN_NEEDS
from matching.domain import Offer
from matching.encoder import Encoder, load_encoder
from matching.errors import AiguilleError
from matching.index import ExactIndex
from matching.learned import Learned, save_learned
from matching.matcher import Matcher
from matching.precedents import Precedent, Precedents
from service.catalogue import Step, remembering
from service.settings import Settings

if TYPE_CHECKING:
    from matching.training.ranker import Trained


@dataclass(frozen=True, slots=True)
class World:
    """The shipped inventory, and needs judged over it."""

    gazetteer: Gazetteer
    index: ExactIndex
    encoder: Encoder
    judged: Sequence[Precedent]

    def matcher(self, judged: Sequence[Precedent], learned: Learned | None) -> Matcher:
        """A matcher that remembers these needs alone."""
        memory = Precedents.build(judged, self.encoder, self.index)
        return Matcher(self.index, self.encoder, precedents=memory, learned=learned)


def open_world(
    settings: Settings,
    more: Sequence[Path] = (),
    step: Step = lambda *_: None,
    *,
    shipping: bool = False,
) -> World:
    """The shipped inventory with the shipped judged needs, and those of other folders.

    When `shipping`, the vectors of all their texts are written where they ship.
    """
    frame, gazetteer = load_frame(), Gazetteer.load()
    offers = [o for o in shipped_offers(Reading(frame, gazetteer)) if isinstance(o, Offer)]
    encoder = remembering(settings, load_encoder(settings.encoder), step, shipping=shipping)
    folders = (TRAIN_NEEDS, *more)
    judged = [p for f in folders for p in precedents(read_collection(f, gazetteer.place))]
    return World(gazetteer, ExactIndex.build(offers, frame.need_types(), encoder), encoder, judged)


def learn(world: World, judged: Sequence[Precedent], *, version: str) -> Trained:
    """The qualifier, the ranker and the doubt that these needs teach."""
    return trainer()(world.index, world.encoder, judged, version=version)


def train_ranker(world: World, folder: Path, *, version: str) -> Trained:
    """Learn from all that was judged, and write the model."""
    trained = learn(world, world.judged, version=version)
    save_learned(folder, trained.learned)
    return trained


def trainer() -> Callable[..., Trained]:
    """The training code, or an error that says what to install."""
    try:
        from matching.training.ranker import train
    except ImportError as missing:
        raise AiguilleError(
            "L’apprentissage demande des bibliothèques qui ne sont pas installées : installez "
            "l’extra avec pip install 'aiguille[train]'.",
            field="train",
        ) from missing
    return train
