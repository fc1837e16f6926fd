"""The only place that builds adapters from settings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from certloan.domain.people import Actor, Role
from certloan.errors import NotReadyError
from certloan.services.ports import SILENT, Progress
from certloan.settings import Settings

if TYPE_CHECKING:
    from certloan.policy.policy import Policy
    from certloan.scoring.bundle import Bundle
    from certloan.services.load_evidence import LoadReport
    from certloan.services.shadow_model import ShadowBook
    from certloan.storage.journal import SqlJournal
    from certloan.storage.registry import ModelRegistry
    from certloan.storage.warehouse import DuckWarehouse


#: How every SQLite file begins.
_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True)
class House:
    """One workspace with its adapters, each built when it is asked for."""

    settings: Settings

    @contextmanager
    def warehouse(self, *, read_only: bool = False) -> Iterator[DuckWarehouse]:
        """Open the warehouse for the length of a block; reading needs one that exists."""
        from certloan.storage.warehouse import DuckWarehouse

        if read_only and not self.settings.warehouse.exists():
            raise NotReadyError("no-warehouse", home=self.settings.home)
        try:
            self.settings.data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NotReadyError("home-unusable", home=self.settings.home, why=error.strerror) from error
        opened = DuckWarehouse.open(
            self.settings.warehouse, read_only=read_only, memory_limit=self.settings.memory_limit
        )
        try:
            yield opened
        finally:
            opened.close()

    def models(self) -> ModelRegistry:
        """The model folder and the MLflow store."""
        from certloan.storage.registry import ModelRegistry

        return ModelRegistry(self.settings.models, self.settings.mlruns)

    def studies(self) -> str:
        """The address under which searches for settings keep their trials.

        Raises ``search-store-unreadable`` where another kind of file lies there.
        """
        from certloan.errors import InputError

        held = self.settings.studies
        held.parent.mkdir(parents=True, exist_ok=True)
        if held.exists() and held.stat().st_size:
            with held.open("rb") as file:
                begins = file.read(len(_SQLITE))
            if begins != _SQLITE:
                raise InputError("search-store-unreadable", file=held, why="SQLite")
        return f"sqlite:///{held}"

    def journal(self) -> SqlJournal:
        """The record of what was done here; the first entry makes it."""
        from certloan.storage.journal import SqlJournal

        return SqlJournal(self.settings.ledger)

    def bundle(self) -> Bundle:
        """The champion; ``NotReadyError`` where there is none."""
        store = self.models()
        champion = store.champion()
        if champion is None:
            raise NotReadyError("no-champion", home=self.settings.home)
        return store.load(champion)

    def policy(self, day: dt.date | None = None) -> Policy:
        """The policy in force on ``day`` (today), or the file that the settings name."""
        from certloan.policy.policy import in_force, load_policy

        if self.settings.policy:
            return load_policy(Path(self.settings.policy))
        return in_force(day or dt.datetime.now(tz=dt.UTC).date())

    def ingest(
        self,
        path: Path,
        *,
        recipe: str | None = None,
        delivered_on: dt.date | None = None,
        backfill: bool = False,
        progress: Progress = SILENT,
    ) -> LoadReport:
        """Load a delivery into this workspace's warehouse, and assess all evidence as it is then."""
        from certloan.ingest.recipe import load_recipe
        from certloan.services.assess_evidence import with_quality
        from certloan.services.load_evidence import load_delivery

        described = load_recipe(recipe) if recipe else None
        with self.warehouse() as warehouse:
            report = load_delivery(
                path,
                warehouse,
                quarantine_dir=self.settings.quarantine,
                delivered_on=delivered_on,
                backfill=backfill,
                actor=self.officer,
                recipe=described,
                progress=progress,
                journal=self.journal(),
            )
            return with_quality(report, warehouse, self.settings.quality, self.officer, progress)

    @property
    def reference(self) -> str:
        """A digest of the reference tables as they hold in this workspace."""
        from certloan.reference.loading import reference_digest

        return reference_digest()

    @property
    def data(self) -> Path:
        """Raw and refined data of this workspace."""
        return self.settings.data

    @property
    def warehouse_file(self) -> Path:
        """The file that the warehouse lives in, whether it exists yet or not."""
        return self.settings.warehouse

    @property
    def quarantine(self) -> Path:
        """Where rows that were put aside are listed."""
        return self.settings.quarantine

    @property
    def quality(self) -> Path:
        """Where the reports on the quality of the evidence are written."""
        return self.settings.quality

    @property
    def decisions(self) -> Path:
        """Where decisions are written unless told otherwise."""
        return self.settings.decisions

    def require_ready(self) -> None:
        """Raise unless there is a warehouse and a champion."""
        if not self.settings.warehouse.exists():
            raise NotReadyError("no-warehouse", home=self.settings.home)
        self.bundle()

    def operator(self, name: str | None = None) -> Actor:
        """A member of the risk team by name: ``name``, else ``CERTLOAN_OPERATOR``, else who is logged in to the machine.

        Raises ``operator-name`` for a name that cannot be recorded, ``no-operator`` where none can be found.
        """
        import getpass

        from certloan.domain.people import person

        try:
            told = name or self.settings.operator or getpass.getuser()
        except (OSError, KeyError, ImportError) as nobody:
            raise NotReadyError("no-operator") from nobody
        return Actor(person(told), Role.RISK)

    @property
    def validation(self) -> Path:
        """Where the reports of the validators lie, one folder for each model."""
        return self.settings.validation

    def shadowing(self) -> ShadowBook:
        """Where the challenger scores along with the champion, if there is a challenger."""
        from certloan.services.shadow_model import ShadowBook

        return ShadowBook(self.models(), self.shadow)

    @property
    def shadow(self) -> Path:
        """Where it is kept what a challenger would have said."""
        return self.settings.shadow

    # Until people can sign in, each surface acts as the role it is made for.
    @property
    def officer(self) -> Actor:
        """A loan officer."""
        return Actor("officer", Role.OFFICER)

    @property
    def risk(self) -> Actor:
        """A member of the risk team."""
        return Actor("risk", Role.RISK)

    @property
    def enterprise(self) -> Actor:
        """An enterprise looking at itself."""
        return Actor("enterprise", Role.ENTERPRISE)

    @property
    def regulator(self) -> Actor:
        """A regulator."""
        return Actor("regulator", Role.REGULATOR)


def house(home: Path | None = None) -> House:
    """Read the settings and give the workspace they describe, its own reference tables in place.

    ``InputError`` lists all that is wrong with those.
    """
    from certloan.reference.overrides import use_overrides

    settings = Settings() if home is None else Settings(home=home)
    use_overrides(settings.reference)
    return House(settings)
