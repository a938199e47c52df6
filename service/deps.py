"""What a route may ask for: the open catalogue, its wording, the settings, the day and the time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from service.catalogue import Catalogue
from service.labels import CodeLabels
from service.languages import FRENCH, say_in
from service.pages.languages import language_of
from service.settings import Settings
from service.wording import Wording, day, english_day


def clock() -> datetime:
    """Now, in UTC. Tests give another."""
    return datetime.now(UTC)


def _catalogue(request: Request) -> Catalogue:
    found: Catalogue = request.app.state.catalogue
    return found


def _settings(request: Request) -> Settings:
    found: Settings = request.app.state.settings
    return found


def _wording(catalogue: Annotated[Catalogue, Depends(_catalogue)]) -> Wording:
    return Wording(CodeLabels(catalogue.frame, catalogue.gazetteer))


def _page_wording(
    request: Request, catalogue: Annotated[Catalogue, Depends(_catalogue)]
) -> Wording:
    language = language_of(request)
    say = say_in(language)
    labels = CodeLabels(catalogue.frame, catalogue.gazetteer, say)
    return Wording(labels, say, day if language == FRENCH else english_day)


CatalogueDep = Annotated[Catalogue, Depends(_catalogue)]
WordingDep = Annotated[Wording, Depends(_wording)]
PageWordingDep = Annotated[Wording, Depends(_page_wording)]
SettingsDep = Annotated[Settings, Depends(_settings)]
NowDep = Annotated[datetime, Depends(clock)]
