"""The addresses of the interface. Each opens the warehouse for reading, for as long as the answer takes."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request

from certloan import __version__
from certloan.api.bodies import Audit, Found, Health, SelfTold, Told
from certloan.api.errors import tell
from certloan.bootstrap import House, house
from certloan.errors import NotReadyError, PermissionDeniedError
from certloan.i18n import both
from certloan.services.audit_fairness import audit
from certloan.services.decide_loan import decide
from certloan.services.explain_case import Bundle, Explanation, explain, find_applications
from certloan.services.preview import Preview, preview

_OWN_NAMES = {"127.0.0.1", "localhost"}
_MOST_WORDS = 100
_MOST_FOUND = 200


def create(home: House | None = None) -> FastAPI:
    """Make the interface of a workspace. It has no sign-in, so it answers this machine only."""
    at = home or house()
    app = FastAPI(
        title="CertLoan",
        version=__version__,
        description="\n\n".join(both("api.description")),
        docs_url=None,  # the page would load its script from somewhere else; /openapi.json holds all of it
        redoc_url=None,
        dependencies=[Depends(_own_machine)],
        responses={status: {"model": Told} for status in (403, 422, 500, 503)},
    )
    tell(app)
    served = _Served(at)

    @app.get("/health")
    def health() -> Health:
        """Tell what answers; 503 where a warehouse or a champion is missing."""
        at.require_ready()
        return Health(version=__version__, champion=served.bundle().fingerprint, policy=at.policy().id)

    @app.get("/applications")
    def applications(
        words: Annotated[str, Query(max_length=_MOST_WORDS)] = "",
        limit: Annotated[int, Query(ge=1, le=_MOST_FOUND)] = 50,
    ) -> list[Found]:
        """Find applications by number, enterprise or USCC; the newest first."""
        with at.warehouse(read_only=True) as warehouse:
            rows = find_applications(warehouse, at.officer, words, limit).to_pylist()
        return [Found(**row) for row in rows]

    @app.get("/applications/{application_id}", responses={404: {"model": Told}})
    def application(application_id: str) -> Explanation:
        """Account for one decision: points that add up to the score, reasons with their records, gates, timeline."""
        with at.warehouse(read_only=True) as warehouse:
            return explain(warehouse, served.bundle(), at.policy(), at.officer, application_id)

    @app.get("/audit", response_model=Audit)
    def fairness() -> dict[str, Any]:
        """Compare approval rates by group over all applications, with intervals."""
        with at.warehouse(read_only=True) as warehouse:
            run = decide(warehouse, served.bundle(), at.policy(), at.regulator, reasons=False)
            return audit(warehouse, run.decisions, at.regulator).as_json()

    @app.post("/preview")
    def look(told: SelfTold) -> Preview:
        """Tell an enterprise where it stands, out of what it tells of itself; nothing is kept."""
        day = told.as_of or dt.datetime.now(tz=dt.UTC).date()
        with at.warehouse(read_only=True) as warehouse:
            return preview(served.bundle(), at.policy(), warehouse, told.typed(), day, at.enterprise)

    return app


class _Served:
    """The champion, read once for as long as it is the champion."""

    def __init__(self, home: House) -> None:
        self._home = home
        self._load = lru_cache(maxsize=2)(home.models().load)

    def bundle(self) -> Bundle:
        champion = self._home.models().champion()
        if champion is None:
            raise NotReadyError("no-champion", home=self._home.settings.home)
        return self._load(champion)


def _own_machine(request: Request) -> None:
    """Refuse a request under another name: a page elsewhere may have let its name point at this machine."""
    if request.url.hostname not in _OWN_NAMES:
        raise PermissionDeniedError("foreign-host", found=request.url.hostname, expected=", ".join(sorted(_OWN_NAMES)))
