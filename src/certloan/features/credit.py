"""How debts were served, month by month; with the accounts behind them, who asked, tax grades and bills.

The *class* of a month is the worse of two: the bank's own word, and what the days past due allow at best by the
classification rules of 2023 (see :mod:`certloan.features.relations.credit`). Arrears count whatever the account's kind:
what is guaranteed and late falls on the guarantor.
"""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features import credit_accounts, tax_and_bills
from certloan.features.aggregates import (
    Count,
    CountMonths,
    Exists,
    Max,
    Mean,
    Min,
    NewestWorst,
    PerMonth,
    Ratio,
)
from certloan.features.spec import DerivedSpec, FeatureSpec, Missing, Spec, Unit, Use, Window, Withheld
from certloan.features.withheld import measured

# A term loan is drawn in full by its nature: only a line that may be drawn or not says anything by how far it is used.
_REVOLVING = "account_kind = 'credit_line'"
# A guarantee given is a debt of somebody else, until it is called.
_DEBT = "coalesce(account_kind, 'other') <> 'guarantee'"
_SPANS = (3, 6, 12, 24)
#: The two halves of a span over which a trend is taken.
_HALVES = {6: ("3m", "before_3m"), 12: ("6m", "before_6m"), 24: ("12m", "before_12m")}
_ZH_HALVES, _EN_HALVES = "后半段对前半段", "later half against earlier half"

_MONTH = partial(FeatureSpec, family=Family.CREDIT, dimension=Dimension.LENDING, table="credit_month")
_DERIVED = partial(DerivedSpec, family=Family.CREDIT, dimension=Dimension.LENDING)

# fmt: off
_DEBTS: tuple[Spec, ...] = (
    _MONTH(
        name="credit_known", zh="有信贷月度记录", en="has a credit history",
        aggregate=Exists(), unit=Unit.YES_NO, missing=Missing.ZERO_IF_DELIVERED, source="企业信用报告 信贷交易信息",
    ),
    *(
        _MONTH(
            name=f"credit_balance_{span}m", zh=f"近{span}个月月均借贷余额", en=f"mean monthly debt over {span} months",
            aggregate=PerMonth("balance"), where=_DEBT, window=Window(span), unit=Unit.YUAN, source="企业信用报告 EB01",
            use=Use.FACT,
        )
        for span in (3, 6, 12)
    ),
    *(
        _MONTH(
            name=f"credit_balance_before_{span}m", zh=f"再之前{span}个月月均借贷余额",
            en=f"mean monthly debt over the {span} months before the last {span}",
            aggregate=PerMonth("balance"), where=_DEBT, window=Window(span, lag=span), unit=Unit.YUAN,
            source="企业信用报告 EB02", use=Use.FACT,
        )
        for span in (3, 6, 12)
    ),
    _MONTH(
        name="credit_balance_prior", zh="此前3至12个月月均借贷余额", en="mean monthly debt, 3 to 12 months ago",
        aggregate=PerMonth("balance"), where=_DEBT, window=Window(9, lag=3), unit=Unit.YUAN, source="企业信用报告 EB02",
        use=Use.FACT,
    ),
    _DERIVED(
        name="credit_balance_growth", zh="近3个月借贷余额对此前9个月的增长率",
        en="growth of debt: 3 months against the 9 before",
        expression="ratio(credit_balance_3m, credit_balance_prior) - 1", unit=Unit.RATIO, source="企业信用报告 EB02",
    ),
    *(
        _DERIVED(
            name=f"credit_balance_growth_{span}m", zh=f"{span}个月借贷余额增长率({_ZH_HALVES})",
            en=f"growth of debt over {span} months ({_EN_HALVES})",
            expression=f"ratio(credit_balance_{later}, credit_balance_{earlier}) - 1", unit=Unit.RATIO,
            source="企业信用报告 EB02",
        )
        for span, (later, earlier) in _HALVES.items()
    ),
    _DERIVED(
        name="credit_debt_to_revenue", zh="借贷余额与营业收入比", en="debt to revenue",
        expression=measured("credit_balance_3m", "ent_revenue", 2), unit=Unit.RATIO, direction=-1, source="企业信用报告 EG",
        withheld_as=Withheld(("ent_revenue",), 2),
    ),
    _DERIVED(
        name="credit_debt_to_assets", zh="借贷余额与资产总额比", en="debt to assets",
        expression=measured("credit_balance_3m", "ent_assets", 1.5), unit=Unit.RATIO, direction=-1, source="企业信用报告 EG",
        withheld_as=Withheld(("ent_assets",), 1.5),
    ),
    _DERIVED(
        name="credit_debt_to_sales", zh="借贷余额与近12个月销售额比", en="debt to sales of 12 months",
        expression="case when ops_sales_12m > 0 then ratio(credit_balance_3m, ops_sales_12m) end", unit=Unit.RATIO,
        direction=-1, source="企业信用报告 EB01",
    ),
)

_UTILISATION: tuple[Spec, ...] = (
    *(
        _MONTH(
            name=f"credit_utilisation_{span}m", zh=f"近{span}个月循环授信使用率",
            en=f"utilisation of revolving credit lines over {span} months",
            aggregate=Ratio("balance", "credit_limit"), where=_REVOLVING, window=Window(span), unit=Unit.SHARE,
            direction=-1, actionable=True, source="企业信用报告 EB03", use=Use.MODEL if span == 3 else Use.FACT,
        )
        for span in (3, 6, 12)
    ),
    *(
        _MONTH(
            name=f"credit_utilisation_before_{span}m", zh=f"再之前{span}个月循环授信使用率",
            en=f"utilisation of revolving credit lines over the {span} months before the last {span}",
            aggregate=Ratio("balance", "credit_limit"), where=_REVOLVING, window=Window(span, lag=span),
            unit=Unit.SHARE, source="企业信用报告 EB03", use=Use.FACT,
        )
        for span in (3, 6, 12)
    ),
    _DERIVED(
        name="credit_utilisation_trend", zh="近3个月循环授信使用率对近12个月的变化",
        en="change of the utilisation of revolving credit lines: 3 months against 12",
        expression="credit_utilisation_3m - credit_utilisation_12m", unit=Unit.RATIO, direction=-1,
        source="企业信用报告 EB03",
    ),
    *(
        _DERIVED(
            name=f"credit_utilisation_trend_{span}m", zh=f"{span}个月循环授信使用率变化({_ZH_HALVES})",
            en=f"change of the utilisation of revolving credit lines over {span} months ({_EN_HALVES})",
            expression=f"credit_utilisation_{later} - credit_utilisation_{earlier}", unit=Unit.RATIO, direction=-1,
            source="企业信用报告 EB03",
        )
        for span, (later, earlier) in _HALVES.items()
    ),
    *(
        _MONTH(
            name=f"credit_drawn_share_{span}m", zh=f"近{span}个月全部授信使用率", en=f"use of all limits over {span} months",
            aggregate=Ratio("balance", "credit_limit"), where=_DEBT, window=Window(span), unit=Unit.SHARE,
            direction=-1, source="企业信用报告 EB03",
        )
        for span in (3, 12)
    ),
)

_ARREARS: tuple[Spec, ...] = (
    *(
        _MONTH(
            name=f"credit_dpd_max_{span}m", zh=f"近{span}个月最大逾期天数", en=f"worst days past due in {span} months",
            aggregate=Max("days_past_due"), window=Window(span), unit=Unit.DAYS, direction=-1, actionable=span <= 6,
            source="金融资产风险分类办法(2023)",
        )
        for span in _SPANS
    ),
    *(
        _MONTH(
            name=f"credit_dpd_mean_{span}m", zh=f"近{span}个月平均逾期天数", en=f"mean days past due in {span} months",
            aggregate=Mean("days_past_due"), window=Window(span), unit=Unit.DAYS, direction=-1, source="金融资产风险分类办法(2023)",
        )
        for span in _SPANS
    ),
    _MONTH(
        name="credit_dpd_now", zh="最近一期最大逾期天数", en="worst days past due in the newest month",
        aggregate=NewestWorst("days_past_due"), window=Window(3), unit=Unit.DAYS, direction=-1, actionable=True,
        source="企业信用报告 ED01",
    ),
    *(
        _MONTH(
            name=f"credit_months_past_due_{span}m", zh=f"近{span}个月逾期月数", en=f"months past due in {span} months",
            aggregate=CountMonths(), where="past_due", window=Window(span), unit=Unit.MONTHS, direction=-1,
            actionable=span <= 12, source="企业信用报告 ED01 逾期月数",
        )
        for span in _SPANS
    ),
    *(
        _MONTH(
            name=f"credit_months_past_due_before_{span}m", zh=f"再之前{span}个月逾期月数",
            en=f"months past due in the {span} months before the last {span}",
            aggregate=CountMonths(), where="past_due", window=Window(span, lag=span), unit=Unit.MONTHS,
            direction=-1, source="企业信用报告 ED01 逾期月数", use=Use.FACT,
        )
        for span in (3, 6, 12)
    ),
    _DERIVED(
        # No direction: older arrears would make every trend look better.
        name="credit_past_due_trend", zh="近3个月逾期月数对全年同期平均的变化",
        en="change of months past due: 3 months against a quarter of 12",
        expression="credit_months_past_due_3m - credit_months_past_due_12m / 4", unit=Unit.MONTHS,
        source="企业信用报告 ED01 逾期月数",
    ),
    *(
        _DERIVED(
            name=f"credit_past_due_trend_{span}m", zh=f"{span}个月逾期月数变化({_ZH_HALVES})",
            en=f"change of months past due over {span} months ({_EN_HALVES})",
            expression=f"credit_months_past_due_{later} - credit_months_past_due_{earlier}", unit=Unit.MONTHS,
            source="企业信用报告 ED01 逾期月数",
        )
        for span, (later, earlier) in _HALVES.items()
    ),
    _MONTH(
        name="credit_months_over_30_24m", zh="近24个月逾期超30天的月数", en="months over 30 days past due in 24 months",
        aggregate=CountMonths(), where="days_past_due > 30", window=Window(24), unit=Unit.MONTHS, direction=-1,
        source="金融资产风险分类办法(2023)",
    ),
    _MONTH(
        name="credit_months_since_past_due", zh="距最近一次逾期月数(36个月封顶)",
        en="months since the last arrears, at most 36",
        aggregate=Min("case when past_due then least(months_between(month, as_of), 36) when not past_due then 36 end"),
        unit=Unit.MONTHS, direction=+1, source="企业信用报告 ED01",
    ),
    _MONTH(
        name="credit_overdue_amount_3m", zh="近3个月月均逾期总额", en="mean monthly amount past due over 3 months",
        aggregate=PerMonth("overdue_amount"), window=Window(3), unit=Unit.YUAN, direction=-1, actionable=True,
        source="企业信用报告 EB02 逾期总额",
    ),
    _MONTH(
        name="credit_overdue_share_12m", zh="近12个月逾期总额占余额比", en="amount past due to debt over 12 months",
        aggregate=Ratio("overdue_amount", "balance"), window=Window(12), unit=Unit.SHARE, direction=-1,
        source="企业信用报告 EB02 逾期总额",
    ),
)

_CLASSES: tuple[Spec, ...] = (
    *(
        _MONTH(
            name=f"credit_worst_class_{span}m", zh=f"近{span}个月最差五级分类", en=f"worst five-class grade in {span} months",
            aggregate=Max("class_counted"), window=Window(span), unit=Unit.LEVEL, direction=-1,
            source="金融资产风险分类办法(2023) 五级分类",
        )
        for span in _SPANS
    ),
    _MONTH(
        name="credit_class_now", zh="最近一期最差五级分类", en="worst five-class grade in the newest month",
        aggregate=NewestWorst("class_counted"), window=Window(3), unit=Unit.LEVEL, direction=-1,
        source="金融资产风险分类办法(2023) 五级分类",
    ),
    _MONTH(
        name="credit_months_watched_24m", zh="近24个月关注及以下的月数", en="months graded special mention or worse in 24 months",
        aggregate=CountMonths(), where="class_counted >= 2", window=Window(24), unit=Unit.MONTHS, direction=-1,
        source="企业信用报告 EB01 关注类",
    ),
    _MONTH(
        name="credit_months_bad_24m", zh="近24个月不良的月数", en="months graded substandard or worse in 24 months",
        aggregate=CountMonths(), where="class_counted >= 3", window=Window(24), unit=Unit.MONTHS, direction=-1,
        source="企业信用报告 EB01 不良类",
    ),
    _MONTH(
        name="credit_guaranteed_watched_12m", zh="近12个月被担保债务关注及以下的月数",
        en="months in which a guaranteed debt was graded special mention or worse, of 12",
        aggregate=CountMonths(), where="account_kind = 'guarantee' and class_counted >= 2", window=Window(12),
        unit=Unit.MONTHS, direction=-1, source="企业信用报告 EB05 关注/不良",
    ),
    _MONTH(
        name="credit_contradictions_24m_n", zh="近24个月分类与逾期天数矛盾的记录数",
        en="months whose grade contradicts the days past due, in 24 months",
        aggregate=Count(), where="class_contradicted", window=Window(24), unit=Unit.COUNT, source="金融资产风险分类办法(2023)",
        use=Use.FACT,
    ),
    _MONTH(
        name="credit_months_24m", zh="近24个月有信贷记录的月数", en="months with credit records in 24 months",
        aggregate=CountMonths(), window=Window(24), unit=Unit.MONTHS, direction=+1, source="企业信用报告 EB01",
    ),
)
# fmt: on

SPECS: tuple[Spec, ...] = (*_DEBTS, *_UTILISATION, *_ARREARS, *_CLASSES, *credit_accounts.SPECS, *tax_and_bills.SPECS)
