"""The commands, one module for each act; each offers ``register(app, texts, console)``."""

from collections.abc import Callable

import typer

from certloan.cli.commands import (
    accounts,
    app,
    audit,
    demo,
    doctor,
    evidence,
    features,
    integrity,
    loans,
    models,
    portrait,
    promotion,
    quality,
    recalibrate,
    reference,
    scorecard,
    serve,
    shadow,
    validate,
)
from certloan.cli.console import Console
from certloan.cli.texts import Texts

#: In the order in which ``--help`` lists them.
ALL: tuple[Callable[[typer.Typer, Texts, Console], None], ...] = (
    demo.register,
    evidence.register,
    quality.register,
    models.register,
    scorecard.register,
    recalibrate.register,
    validate.register,
    promotion.register,
    shadow.register,
    features.register,
    loans.register,
    integrity.register,
    portrait.register,
    audit.register,
    accounts.register,
    reference.register,
    app.register,
    serve.register,
    doctor.register,
)
