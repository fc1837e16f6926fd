"""Debts month by month, the accounts behind them, inquiries, tax grades, bills."""

from __future__ import annotations

from collections.abc import Mapping

from certloan.expressions import Type
from certloan.features.aggregates import Latest
from certloan.features.relations.shape import Previous, Relation, Summary, Told

_WORD = (
    "case five_class when 'normal' then 1 when 'special_mention' then 2 when 'substandard' then 3"
    " when 'doubtful' then 4 when 'loss' then 5 end"
)
# 商业银行金融资产风险分类办法 (2023): what is overdue is at least 关注, but for the seven days of a technical delay; beyond
# 90, 270 and 360 days at least 次级, 可疑 and 损失.
_DAYS = (
    "case when days_past_due > 360 then 5 when days_past_due > 270 then 4 when days_past_due > 90 then 3"
    " when days_past_due > 7 then 2 when days_past_due is not null then 1 end"
)
# Only a word that is better than the days allow contradicts them: a bank may grade worse for reasons of its own. Before
# the rules came into force no law set the finer steps, and only more than 90 days without a bad grade is told.
_CONTRADICTED = "word_class < days_class and (happened_on >= '2023-07-01' or (days_past_due > 90 and word_class <= 2))"

# Either of the two says it; unknown only where both are.
_PAST_DUE = "coalesce(days_past_due > 0, overdue_amount > 0) or coalesce(overdue_amount > 0, days_past_due > 0)"

# A young firm's B is the best that it could get: three years of operation, and no D the year before, are needed for A.
_A_POSSIBLE = "add_months(registered_on, 36) <= happened_on and coalesce(grade_before, 'B') <> 'D'"
# M, for a new firm or one without revenue, is no grade below a B.
_SHORTFALL = (
    "case when grade = 'D' then 3 when grade = 'C' then 2 when grade = 'A' or not a_possible then 0"
    " when grade in ('B', 'M') and a_possible then 1 end"
)
_RUNG = "case {} when 'A' then 4 when 'B' then 3 when 'C' then 2 when 'D' then 1 end"

RELATIONS = (
    Relation(
        "credit_month",
        "credit_month",
        ("account_no", "month", "balance", "credit_limit", "five_class", "days_past_due"),
        summaries=(
            Summary(
                "account",
                "credit_account",
                on={"account_no": "account_no"},
                columns={"account_kind": Told(Latest("kind"), Type.TEXT, where="kind is not null")},
            ),
        ),
        computed={
            "word_class": (_WORD, Type.NUMBER),
            "days_class": (_DAYS, Type.NUMBER),
            "class_counted": ("greatest(word_class, days_class)", Type.NUMBER),
            "class_contradicted": (_CONTRADICTED, Type.BOOLEAN),
            "past_due": (_PAST_DUE, Type.BOOLEAN),
        },
    ),
    Relation(
        "credit_account",
        "credit_account",
        ("account_no", "lender", "kind", "credit_limit", "opened_on", "matures_on", "extended"),
        computed={
            "unmatured": ("matures_on is null or matures_on >= as_of", Type.BOOLEAN),
            # A guarantee given is a debt of somebody else, until it is called.
            "borrowed": ("coalesce(kind, 'other') <> 'guarantee'", Type.BOOLEAN),
        },
    ),
    Relation("credit_inquiry", "credit_inquiry", ("inquired_on", "lender", "purpose")),
    Relation(
        "tax_grade",
        "tax_grade",
        ("year", "grade"),
        summaries=(
            Summary(
                "registration",
                "enterprise",
                on={},
                columns={"registered_on": Told(Latest("registered_on"), Type.DATE, where="registered_on is not null")},
            ),
        ),
        previous=(Previous("grade_before", Type.TEXT, value="grade", by=(), order="year"),),
        computed={
            "a_possible": (_A_POSSIBLE, Type.BOOLEAN),
            # An A that could not be had is no more than the B that could.
            "standing": ("case when grade in ('A', 'B') and not a_possible then 'B_capped' else grade end", Type.TEXT),
            "shortfall": (_SHORTFALL, Type.NUMBER),
            "step": (f"{_RUNG.format('grade')} - {_RUNG.format('grade_before')}", Type.NUMBER),
        },
    ),
    Relation("utility_bill", "utility_bill", ("kind", "month", "billed", "arrears")),
)

UNUSED: Mapping[str, str] = {}
