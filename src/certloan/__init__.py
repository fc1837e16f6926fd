"""CertLoan (认证贷): explained loan eligibility from certifications, quality checks and credit history."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from certloan.scoring.estimator import EligibilityScorer

__all__ = ["EligibilityScorer", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Load the estimator when it is first asked for: it needs libraries that ``certloan --help`` must not wait for."""
    if name == "EligibilityScorer":
        from certloan.scoring.estimator import EligibilityScorer

        return EligibilityScorer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
