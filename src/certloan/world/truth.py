"""What nobody in the world knows: true probabilities, what certificates caused, and what each action would change."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from certloan.world.draws import NEVER, Arrow, Floats, dates, logistic
from certloan.world.firms import Firms
from certloan.world.lending import PER_DOUBLED_REQUEST, PER_LEANING, PER_QUALITY, Loans
from certloan.world.standing import KEPT, LAPSED, OPEN_FAILURE, SUSPENDED_NOW, SYSTEM_LIFTS_QUALITY

#: How far a borrower's use of its lines can be brought down, on the scale of the latent leaning.
_LEAN = -0.5
#: What an enterprise can do before it asks, and which of it changes nothing whatever a score makes of it.
ACTIONS = (
    "obtain_qms",  # where no real quality management system is in force
    "renew_certificate",  # where one has expired or was withdrawn
    "pass_surveillance",  # where one is suspended because the audit is overdue
    "rectify_inspection",  # where a failed batch is open
    "lower_utilisation",  # where the firm uses more of its lines than its strength suggests
    "ask_half",  # half the amount
    "publish_figures",
    "buy_certificate",
    "register_trademark",
    "insure",
)
WITHOUT_EFFECT = ("publish_figures", "buy_certificate", "register_trademark", "insure")


def table(firms: Firms, loans: Loans, uscc: Arrow) -> pa.Table:
    """Write the truth, one row for each application.

    ``pd`` is the chance of default within twelve months, ``pd_without_certificates`` the same had no certificate any
    effect, ``certificate_share`` the part of that risk which certificates took away (0 where they did nothing), and
    ``pd_if_<action>`` the chance had the firm done so by the day of the application; equal to ``pd`` where the action
    does nothing, or nothing is left to do.
    """
    pd = loans.pd
    lift = PER_QUALITY * SYSTEM_LIFTS_QUALITY
    without = logistic(loans.odds - lift * (loans.standing == KEPT))
    share = np.round(np.where(loans.standing == KEPT, 1.0 - pd / np.maximum(without, 1e-6), 0.0), 6)
    return pa.table(
        {
            "application_id": loans.identity,
            "uscc": uscc.take(pa.array(loans.firm)),
            "applied_on": dates(loans.applied),
            "pd": pa.array(pd),
            "pd_without_certificates": pa.array(without),
            "certificate_share": pa.array(share),
            **{
                f"pd_if_{name}": pa.array(logistic(loans.odds + change))
                for name, change in _changes(firms, loans).items()
            },
            "quality": pa.array(firms.quality[loans.firm]),
            "strength": pa.array(loans.strength),
            "size": pa.array(firms.size[loans.firm]),
            "granted": pa.array(loans.granted),
            "defaulted": pa.array(loans.default != NEVER),
            "default_on": dates(loans.default),
        }
    )


def _changes(firms: Firms, loans: Loans) -> dict[str, Floats]:
    """Give the change of the log odds by each action."""
    lift = PER_QUALITY * SYSTEM_LIFTS_QUALITY
    leaning = firms.leaning[loans.firm] * firms.borrows[loans.firm]
    nothing = np.zeros(len(loans.firm))
    return dict.fromkeys(ACTIONS, nothing) | {
        "obtain_qms": lift * (loans.standing != KEPT),
        "renew_certificate": lift * (loans.standing == LAPSED),
        "pass_surveillance": lift * (loans.standing == SUSPENDED_NOW),
        "rectify_inspection": -OPEN_FAILURE * loans.open_failure,
        "lower_utilisation": -PER_LEANING * np.maximum(leaning - _LEAN, 0.0) * firms.borrows[loans.firm],
        "ask_half": np.full(len(loans.firm), -PER_DOUBLED_REQUEST),
    }
