"""Where a workspace lives and what the environment says; read once, in :mod:`certloan.bootstrap`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from certloan.i18n import Lang


def _default_home() -> Path:
    """Give the checkout when the package runs from one, else the current folder."""
    checkout = Path(__file__).resolve().parents[2]
    return checkout if (checkout / "pyproject.toml").is_file() else Path.cwd()


class Settings(BaseSettings):
    """Everything a run writes lies under ``home``, so that two workspaces never touch.

    >>> Settings(home="somewhere").warehouse.as_posix().endswith("somewhere/data/warehouse.duckdb")
    True
    """

    model_config = SettingsConfigDict(env_prefix="CERTLOAN_", frozen=True, extra="ignore")

    home: Path = Field(default_factory=_default_home)
    lang: Lang = Lang.ZH
    memory_limit: str = "1500MB"
    policy: str | None = None  # a policy file to use instead of the shipped version in force
    operator: str | None = None  # who works here; the login name where it is not said

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return home.expanduser().resolve()

    @property
    def data(self) -> Path:
        """Raw and refined data of this workspace."""
        return self.home / "data"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file with every table."""
        return self.data / "warehouse.duckdb"

    @property
    def reference(self) -> Path:
        """The workspace's own reference tables, where it has any."""
        return self.home / "reference"

    @property
    def ledger(self) -> Path:
        """The record of acts, a SQLite file."""
        return self.data / "ledger.db"

    @property
    def quarantine(self) -> Path:
        """One file for each delivery that had rows put aside."""
        return self.data / "quarantine"

    @property
    def quality(self) -> Path:
        """How good the evidence was after each delivery, and whenever somebody asked."""
        return self.data / "quality"

    @property
    def decisions(self) -> Path:
        """What ``certloan score`` writes."""
        return self.data / "decisions"

    @property
    def validation(self) -> Path:
        """What the validators found: one folder for each model."""
        return self.data / "validation"

    @property
    def shadow(self) -> Path:
        """What a challenger would have said of what the champion decided."""
        return self.data / "shadow"

    @property
    def models(self) -> Path:
        """The model bundles, one folder each, and the note that names the champion."""
        return self.home / "models"

    @property
    def mlruns(self) -> Path:
        """The MLflow store: a SQLite file and its artifacts."""
        return self.home / "mlruns"

    @property
    def studies(self) -> Path:
        """The trials of every search for settings, a SQLite file; no model depends on it."""
        return self.mlruns / "search.db"
