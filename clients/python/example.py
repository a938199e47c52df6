"""A portal in a few calls: AIGUILLE_URL=… AIGUILLE_KEY=aig_test_… python example.py"""

import os
from datetime import UTC, datetime
from typing import TypeVar
from uuid import uuid4

from aiguille_client import AuthenticatedClient
from aiguille_client.api.match import match
from aiguille_client.api.needs import (
    consent_texts,
    create_need,
    get_need,
    list_needs,
    read_timeline,
)
from aiguille_client.models import (
    ConsentIn,
    ConsentTextsOut,
    ContactIn,
    MatchIn,
    PartnerNeedIn,
    Problem,
    SendIn,
)

TEXT = "On n’arrive plus à payer les salaires, la subvention tarde."
Told = TypeVar("Told")

client = AuthenticatedClient(
    os.environ["AIGUILLE_URL"], os.environ["AIGUILLE_KEY"], raise_on_unexpected_status=True
)


def told(answer: Told | Problem | None) -> Told:
    """What was asked for; a problem says what was found, expected, and to do."""
    if answer is None or isinstance(answer, Problem):
        raise SystemExit(answer.detail if answer else "no answer")
    return answer


asked = MatchIn(text=TEXT, commune="59350", profile="association", employees=4, limit=3)
found = told(match.sync(client=client, body=asked))
for one in found.matches:
    print("match", one.offer.id, one.verdict)

texts: ConsentTextsOut = told(consent_texts.sync(client=client))
agreed = ConsentIn(text_version=texts.version, recipients=["catalyst"], agreed_at=datetime.now(UTC))
sending = SendIn(contact=ContactIn(name="Sam", email="sam@exemple.org"), consent=agreed)
wanted = PartnerNeedIn(text=TEXT, commune="59350", external_id="dossier-7", send=sending)
need = told(create_need.sync(client=client, body=wanted, idempotency_key=str(uuid4())))
print("sent", need.id)
print("state", told(get_need.sync(need.id, client=client)).state)
for move in told(read_timeline.sync(need.id, client=client)).steps:
    print("move", move.step)
print("listed", *(listed.external_id for listed in told(list_needs.sync(client=client)).needs))
