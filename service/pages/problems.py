"""/problems: what each error of the API means, as a page for people and JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from matching.errors import AiguilleError
from service.pages.rendering import render
from service.wording_problems import PROBLEMS, Explained

router = APIRouter(include_in_schema=False)


class UnknownProblem(AiguilleError):
    """No kind of problem of that name."""


@dataclass(frozen=True, slots=True)
class ProblemsPage:
    """The kinds that are told, and the one that was asked for, if one was."""

    problems: Mapping[str, Explained]
    one: str | None = None


@router.get("/problems")
def problems(request: Request) -> Response:
    """Tous les genres d’erreurs."""
    if _for_people(request):
        return render(request, "problems.html", ProblemsPage(PROBLEMS))
    return JSONResponse({"problems": [_said(kind) for kind in PROBLEMS]})


@router.get("/problems/{kind}")
def problem(request: Request, kind: str) -> Response:
    """Un genre d’erreur : ce que c’est, quand il vient, que faire."""
    if kind not in PROBLEMS:
        raise UnknownProblem(
            "Aucun genre d’erreur « {kind} » : voyez /problems.", field="kind", kind=kind
        )
    if _for_people(request):
        return render(request, "problems.html", ProblemsPage({kind: PROBLEMS[kind]}, kind))
    return JSONResponse(_said(kind))


def _for_people(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _said(kind: str) -> Mapping[str, str]:
    return {"type": f"/problems/{kind}", **PROBLEMS[kind]._asdict()}
