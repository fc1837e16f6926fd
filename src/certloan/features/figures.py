"""The annual report: how large, how indebted, how profitable, growing or not; and what was not published.

An enterprise may choose which figures of its annual report the public sees (企业信息公示暂行条例 第九条). A figure that is
not there is no zero and no average, but neither may hiding a bad one pay. So each feature that a model reads takes
whatever is not published for the worst value that it distinguishes, which its definition says: no figure, stated as badly as
it may be, ever stands worse than the same figure withheld. The figures themselves are facts, unknown where withheld.
Nothing is claimed of an enterprise without any annual report: that is unknown.
"""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import Count, Latest, Max, Mean, Min
from certloan.features.spec import DerivedSpec, FeatureSpec, Unit, Use, Window, Withheld

_REPORT = partial(FeatureSpec, family=Family.ENTERPRISE, dimension=Dimension.LENDING, table="annual_report")
_FIGURE = partial(_REPORT, source="企业信息公示暂行条例第九条", use=Use.FACT)
_RATIO = partial(_REPORT, unit=Unit.RATIO, source="企业信用报告 EG")
FIGURES = ("employees", "revenue", "assets", "liabilities", "profit", "tax_paid", "equity", "guarantees")


def at_most(value: str, worst: float) -> Latest:
    """Give the newest value, the less the better: ``worst`` where it is worse, or withheld."""
    return Latest(f"least({value}, {worst})")


def at_least(value: str, worst: float) -> Latest:
    """Give the newest value, the more the better: ``worst`` where it is worse, or withheld."""
    return Latest(f"greatest({value}, {worst})")


def _growth(figure: str, years: int) -> Latest:
    """Give the growth of a figure over some years: unknown without an earlier one, all lost where the new is withheld."""
    return Latest(f"case when {figure}_{years}y > 0 then coalesce(ratio({figure}, {figure}_{years}y) - 1, -1) end")


# fmt: off
SPECS = (
    _REPORT(
        name="ent_reports_60m_n", zh="近5年公示年报份数", en="annual reports of the last 5 years",
        aggregate=Count(), window=Window(60), unit=Unit.COUNT, direction=+1, actionable=True,
        source="企业信息公示暂行条例第八条",
    ),
    _REPORT(
        name="ent_report_overdue", zh="最近应报年度的年报尚未公示", en="the latest annual report due has not been published",
        aggregate=Min("case when months_between(make_date(year, 12, 31), as_of) > 18 then 1 else 0 end"), unit=Unit.YES_NO,
        direction=-1, actionable=True, source="企业信息公示暂行条例第十七条",
    ),
    _REPORT(
        name="ent_report_gaps_60m_n", zh="近5年年报中断次数", en="gaps in the yearly reports of the last 5 years",
        aggregate=Count(), where="year_before < year - 1", window=Window(60), unit=Unit.COUNT, direction=-1,
        source="企业信息公示暂行条例第八条",
    ),
    _REPORT(
        # A correction is known later too, and nothing tells the two apart: for the officer to look at.
        name="ent_reports_late_60m_n", zh="近5年6月30日之后才获知的年报份数(含更正)",
        en="annual reports of 5 years known only after 30 June (corrections included)",
        aggregate=Count(), where="known_on > make_date(year + 1, 6, 30)", window=Window(60), unit=Unit.COUNT,
        direction=-1, actionable=True, source="企业信息公示暂行条例第八条", use=Use.FACT,
    ),
    _REPORT(
        name="ent_figures_withheld", zh="最近年报未公示的指标数", en="figures withheld in the latest annual report",
        aggregate=Latest(" + ".join(f"case when {figure} is null then 1 else 0 end" for figure in FIGURES)),
        unit=Unit.COUNT, direction=-1, actionable=True, source="企业信息公示暂行条例第九条",
    ),
    _FIGURE(
        name="ent_employees", zh="从业人数", en="employees", aggregate=Latest("employees"), unit=Unit.PERSONS,
    ),
    _FIGURE(
        name="ent_revenue", zh="营业总收入", en="revenue", aggregate=Latest("revenue"), unit=Unit.YUAN,
    ),
    _FIGURE(
        # Whoever has a report and whose revenue is not in it; unknown without any report.
        name="ent_revenue_withheld", zh="最近年报未公示营业总收入", en="revenue withheld in the latest annual report",
        aggregate=Latest("case when revenue is null then 1 else 0 end"), unit=Unit.YES_NO, direction=-1, actionable=True,
    ),
    _FIGURE(
        name="ent_assets", zh="资产总额", en="total assets", aggregate=Latest("assets"), unit=Unit.YUAN,
    ),
    _FIGURE(
        name="ent_liabilities", zh="负债总额", en="total liabilities", aggregate=Latest("liabilities"), unit=Unit.YUAN,
        direction=-1,
    ),
    _FIGURE(
        name="ent_equity", zh="所有者权益", en="equity", aggregate=Latest("equity"), unit=Unit.YUAN, direction=+1,
    ),
    _FIGURE(
        name="ent_profit", zh="净利润", en="net profit", aggregate=Latest("profit"), unit=Unit.YUAN, direction=+1,
    ),
    _FIGURE(
        name="ent_guarantees", zh="年报对外担保", en="guarantees given by the annual report",
        aggregate=Latest("guarantees"), unit=Unit.YUAN, direction=-1,
    ),
    _REPORT(
        name="ent_log_revenue", zh="年度营业总收入", en="yearly revenue",
        aggregate=at_least("ln(revenue + 1)", 0), unit=Unit.LOG_YUAN, direction=+1, source="企业信用报告 EG",
        withheld_as=Withheld(("ent_revenue",), 0),
    ),
    _REPORT(
        name="ent_log_assets", zh="年末资产总额", en="total assets at year end",
        aggregate=at_least("ln(assets + 1)", 0), unit=Unit.LOG_YUAN, direction=+1, source="企业信用报告 EG",
        withheld_as=Withheld(("ent_assets",), 0),
    ),
    _RATIO(
        name="ent_liability_ratio", zh="资产负债率", en="liabilities to assets",
        aggregate=at_most("ratio(liabilities, assets)", 1.5), direction=-1,
        withheld_as=Withheld(("ent_liabilities", "ent_assets"), 1.5),
    ),
    _RATIO(
        name="ent_equity_ratio", zh="权益比率", en="equity to assets",
        aggregate=at_least("ratio(equity, assets)", -0.5), direction=+1,
        withheld_as=Withheld(("ent_equity", "ent_assets"), -0.5),
    ),
    _RATIO(
        name="ent_guarantee_ratio", zh="对外担保与资产比", en="guarantees given to assets",
        aggregate=at_most("ratio(guarantees, assets)", 2), direction=-1, actionable=True,
        withheld_as=Withheld(("ent_guarantees", "ent_assets"), 2),
    ),
    _RATIO(
        name="ent_profit_margin", zh="净利润率", en="net profit margin",
        aggregate=at_least("ratio(profit, revenue)", -0.5), direction=+1,
        withheld_as=Withheld(("ent_profit", "ent_revenue"), -0.5),
    ),
    _RATIO(
        name="ent_return_on_assets", zh="总资产净利率", en="return on assets",
        aggregate=at_least("ratio(profit, assets)", -0.5), direction=+1,
        withheld_as=Withheld(("ent_profit", "ent_assets"), -0.5),
    ),
    _RATIO(
        # One report is a snapshot, and the newest may withhold what those before it told. A year that is withheld stands
        # as the worst, so publishing a figure never costs anything.
        name="ent_liability_ratio_best_60m", zh="近5年年报中最低的资产负债率", en="lowest ratio of liabilities to assets in the reports of 5 years",
        aggregate=Min("least(ratio(liabilities, assets), 1.5)"), window=Window(60), direction=-1,
    ),
    _RATIO(
        name="ent_profit_margin_best_60m", zh="近5年年报中最高的净利润率", en="highest net profit margin in the reports of 5 years",
        aggregate=Max("greatest(ratio(profit, revenue), -0.5)"), window=Window(60), direction=+1,
    ),
    _REPORT(
        name="ent_loss_years_60m_n", zh="近5年亏损或未公示净利润的年数", en="years of 5 with a loss, or with the profit withheld",
        aggregate=Count(), where="profit < 0 or profit is null", window=Window(60), unit=Unit.COUNT, direction=-1,
        source="企业信用报告 EG",
    ),
    _REPORT(
        name="ent_tax_to_revenue", zh="纳税总额与营业收入比", en="tax paid to revenue",
        aggregate=Latest("ratio(tax_paid, revenue)"), unit=Unit.RATIO, source="企业信息公示暂行条例第九条", use=Use.FACT,
    ),
    _REPORT(
        name="ent_revenue_mean_60m", zh="近5年平均营业收入", en="mean revenue of the last 5 years",
        aggregate=Mean("revenue"), window=Window(60), unit=Unit.YUAN, source="企业信用报告 EG", use=Use.FACT,
    ),
    DerivedSpec(
        name="ent_revenue_trend", zh="营业收入与近5年均值之比", en="revenue against its five-year mean",
        family=Family.ENTERPRISE, dimension=Dimension.LENDING, unit=Unit.RATIO, direction=+1, source="企业信用报告 EG",
        expression="case when ent_revenue_mean_60m > 0 then coalesce(ratio(ent_revenue, ent_revenue_mean_60m) - 1, -1)"
        " when ent_reports_60m_n > 0 then -1 end",
        withheld_as=Withheld(("ent_revenue",), -1),
    ),
    _RATIO(
        name="ent_revenue_growth_1y", zh="营业收入年增长率", en="growth of revenue in a year",
        aggregate=_growth("revenue", 1), direction=+1,
        withheld_as=Withheld(("ent_revenue",), -1),
    ),
    _RATIO(
        name="ent_revenue_growth_3y", zh="营业收入三年增长率", en="growth of revenue in three years",
        aggregate=_growth("revenue", 3), direction=+1,
        withheld_as=Withheld(("ent_revenue",), -1),
    ),
    _RATIO(
        name="ent_asset_growth_1y", zh="资产年增长率", en="growth of assets in a year",
        aggregate=_growth("assets", 1), direction=+1,
        withheld_as=Withheld(("ent_assets",), -1),
    ),
    _RATIO(
        name="ent_asset_growth_3y", zh="资产三年增长率", en="growth of assets in three years",
        aggregate=_growth("assets", 3), direction=+1,
        withheld_as=Withheld(("ent_assets",), -1),
    ),
)
# fmt: on
