"""The names behind codes, for sentences: the frame's labels and the gazetteer's places."""

from __future__ import annotations

from dataclasses import dataclass

from data.frames import Frame
from data.territories import Gazetteer
from service.typography import Say, typeset


@dataclass(frozen=True, slots=True)
class CodeLabels:
    frame: Frame
    gazetteer: Gazetteer
    say: Say = typeset

    def label(self, list_name: str, code: str) -> str:
        return self.say(self.frame.label(list_name, code))

    def plural(self, profile: str) -> str:
        found = self.frame.codes("profiles").get(profile)
        return self.say(str(found.facts["label_plural"])) if found else profile

    def place(self, code: str) -> str:
        return self.gazetteer.get(code).name if code in self.gazetteer else code
