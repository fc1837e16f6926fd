"""What a validator must grow models to know: prices, leaks, what each family adds, and whether the model repeats."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from certloan.scoring.growing.fit import Fitted, fit_prepared
from certloan.scoring.matrix import encode
from certloan.scoring.metrics.profit import ProfitTerms
from certloan.scoring.metrics.record import Verdict
from certloan.scoring.rivals.prices import LIMITS, priced, without_limits
from certloan.scoring.validation.ablation import ablate, what_it_adds
from certloan.scoring.validation.agreement import Model
from certloan.scoring.validation.firms import compare_folds
from certloan.scoring.validation.hindsight import hindsight_lift
from certloan.scoring.validation.leakage import alone_steps, each_alone
from certloan.scoring.validation.learning_curve import SHARES, learn_curve
from certloan.scoring.validation.stability import decide
from certloan.scoring.validation.stage import Stage, set_stage
from certloan.services.build_features import build_matrix
from certloan.services.ports import Progress
from certloan.services.training_gate import subjects_as_of
from certloan.services.validation_case import Case

#: What tells of a firm's size, and nothing else: the ground that certificates have to add to.
SIZE = ("ent_employees", "ent_log_revenue", "ent_log_assets", "ent_registered_capital", "app_employees_stated")
CERTIFICATES = "certification"
#: Shuffles of the certificates: the least p-value is one in so many and one.
DRAWS = 19
#: Draws of the learning curve.
CURVE_DRAWS = 3
#: Other seeds, draws of the enterprises with replacement, and whole refits where the quick ones do not pass.
SEEDS, REDRAWN, WHOLLY = 4, 8, 8


def reproduction(case: Case, progress: Progress) -> dict[str, Any]:
    """Whether the same evidence and settings give the same model again, to the last bit; and what its limits cost."""
    progress.stage("validate_reproduction", len(LIMITS) + 1)
    fitted = fit_prepared(case.taught, case.recipe)
    progress.advance()
    repeated = fitted.features == case.bundle.features and fitted.grown.tables.as_json() == case.bundle.tables.as_json()
    judged = case.matrix.take(pa.array(case.one.test))
    values = encode(judged, case.taught.features)
    margin = fitted.margin(encode(judged, fitted.features))
    lifted = without_limits(case.taught, fitted, case.recipe, values, progress.advance)
    defaulted, _, weights = case.judged
    return {
        "verdict": str(Verdict.PASSES if repeated or not case.unchanged else Verdict.FAILS),
        "repeated": repeated,
        "evidence_unchanged": case.unchanged,
        "prices": {
            name: {**priced(defaulted, weights, margin, other).as_json(), "applies": _in_force(case, fitted, name)}
            for name, other in lifted.items()
        },
    }


def _in_force(case: Case, fitted: Fitted, limit: str) -> bool:
    """Whether the model is held by a limit at all: nothing screened out, say, has no price."""
    features, pairs = fitted.features, len(fitted.grown.tables.pairs)
    return {
        "monotone": any(feature.direction for feature in features),
        "pairs": pairs < len(features) * (len(features) - 1) // 2,
        "no_pairs": pairs > 0,
        "screening": len(features) < len(case.taught.features),
    }.get(limit, True)


def leakage(case: Case, progress: Progress) -> dict[str, Any]:
    """Whether one feature alone is too good to be true."""
    taught = case.taught
    progress.stage("validate_leakage", alone_steps(taught.features))
    found = each_alone(
        taught.sample, taught.features, case.config.seed, advance=progress.advance, vouched=case.config.vouched
    )
    held = found.as_json()
    later = case.bundle.provenance.get("leakage", {}).get("hindsight")
    return {**held, "features": held["features"][:20], "hindsight": later}


def hindsight(case: Case, progress: Progress) -> dict[str, Any]:
    """What features as of the last day of observation would have bought: how much the future would give away."""
    day = date.fromisoformat(str(case.labels.observed_to.max()))
    subjects = subjects_as_of(case.loans.subjects, day)
    later = build_matrix(case.warehouse, subjects, case.specs, progress)
    names = {feature.name for feature in case.taught.features}
    families = {name: family for name, family in case.families.items() if name in names}
    progress.stage("validate_hindsight")
    found = hindsight_lift(later, case.matrix, case.labels, [case.one], families, case.config.seed, progress.advance)
    return {"as_of": day.isoformat(), **found.as_json()}


def ablation(case: Case, progress: Progress) -> dict[str, Any]:
    """What each family of evidence adds to the model."""
    families = {feature.name: case.families[feature.name] for feature in case.bundle.features}
    progress.stage("validate_ablation", 1 + len(set(families.values())))
    return ablate(case.stage, families, progress.advance).as_json()


def certificates(case: Case, progress: Progress) -> dict[str, Any]:
    """What certificates add, beyond everything else and beyond size, held against certificates of other firms.

    All usable features of the family take part, those too that the screening kept out of the model.
    """
    kept = set(case.bundle.names) | set(SIZE)
    features = [
        feature
        for feature in case.taught.features
        if feature.name in kept or case.families[feature.name] == CERTIFICATES
    ]
    stage = set_stage(case.matrix, case.labels, case.one, features, case.matrix["uscc"], case.recipe)
    progress.stage("validate_certificates", 4 + DRAWS)
    families: Mapping[str, str] = case.families
    found = what_it_adds(
        stage, families, CERTIFICATES, SIZE, case.classes("size_class"), DRAWS, advance=progress.advance
    )
    return found.as_json()


def enterprises(case: Case, progress: Progress) -> dict[str, Any]:
    """Whether the model recognises firms instead of judging them."""
    stage: Stage = case.stage
    progress.stage("validate_enterprises", 4)
    firms = np.asarray(stage.firms_train)
    return compare_folds(stage.train, stage.features, firms, stage.recipe, advance=progress.advance).as_json()


def learning(case: Case, progress: Progress) -> dict[str, Any]:
    """How the model grows with the loans, and how many more would tell."""
    progress.stage("validate_learning", CURVE_DRAWS * len(SHARES))
    return learn_curve(case.stage, seeds=CURVE_DRAWS, advance=progress.advance).as_json()


def refits(case: Case, progress: Progress, terms: ProfitTerms) -> dict[str, Any]:
    """Whether other seeds and other draws of the enterprises would have given the same scores, sides and reasons."""
    progress.stage("validate_refits", SEEDS + REDRAWN + WHOLLY)
    bundle, even = case.bundle, terms.break_even
    cut = float(bundle.scale.points_of(np.array([np.log(even / (1.0 - even))]))[0])
    found = decide(
        case.stage,
        Model(bundle.tables, bundle.calibrator),
        bundle.scale,
        [round(cut, 1)],
        case.families,
        (SEEDS, REDRAWN, WHOLLY),
        advance=progress.advance,
    )
    return {name: value for name, value in found.as_json().items() if name != "drift"}
