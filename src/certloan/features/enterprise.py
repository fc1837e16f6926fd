"""Who the enterprise is: registration, annual figures, public lists, and the groups an audit looks at."""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import Count, Exists, Latest, Mean
from certloan.features.spec import DerivedSpec, FeatureSpec, Lookup, Missing, Unit, Use, Window

_REGISTERED = partial(FeatureSpec, family=Family.ENTERPRISE, dimension=Dimension.LENDING, table="enterprise")
_REPORT = partial(FeatureSpec, family=Family.ENTERPRISE, dimension=Dimension.LENDING, table="annual_report")
_DERIVED = partial(DerivedSpec, family=Family.ENTERPRISE, dimension=Dimension.LENDING)
_LIST = partial(
    FeatureSpec,
    family=Family.ENTERPRISE,
    dimension=Dimension.CREDIT,
    table="list_entry",
    aggregate=Count(),
    missing=Missing.ZERO_IF_DELIVERED,
    unit=Unit.COUNT,
    direction=-1,
    actionable=True,
)
_ON_LIST = "list = '{}' and (removed_on is null or removed_on > as_of)"
_FIGURES = ("employees", "revenue", "assets", "liabilities", "profit", "tax_paid")

#: GB/T 4754 without its section letter, which some registers write in front.
_INDUSTRY = "nullif(case when industry_code between 'A' and 'U' then substring(industry_code, 2, 4) else substring(industry_code, 1, 4) end, '')"
_METRICS = {"staff": "ent_employees", "revenue": "ent_revenue", "assets": "ent_assets"}


def _size_class() -> str:
    """Word the rule: a class holds when every lower bound that the industry sets is met, else one class down.

    A figure that the industry needs and the enterprise withholds leaves the class unknown.
    """
    needed = " or ".join(f"({metric}_small is not null and {stated} is null)" for metric, stated in _METRICS.items())
    classes = " ".join(
        "when "
        + " and ".join(
            f"({metric}_{size} is null or {stated} >= {metric}_{size})" for metric, stated in _METRICS.items()
        )
        + f" then '{size}'"
        for size in ("large", "medium", "small")
    )
    return f"case when covered is null or {needed} then null {classes} else 'micro' end"


# fmt: off
SPECS = (
    _REGISTERED(
        name="ent_known", zh="有主体登记记录", en="has a registration record",
        aggregate=Exists(), unit=Unit.YES_NO, missing=Missing.ZERO_IF_DELIVERED, source="FIELD §5.1",
    ),
    _REGISTERED(
        name="ent_operating", zh="登记状态为存续", en="registered as operating",
        aggregate=Latest("case when status = 'operating' then 1 when status is not null then 0 end"),
        unit=Unit.YES_NO, direction=+1, source="FIELD §9(1)", use=Use.FACT,
    ),
    _REGISTERED(
        name="ent_age_months", zh="成立月数", en="months since registration",
        aggregate=Latest("months_between(registered_on, as_of)"), unit=Unit.MONTHS, direction=+1,
        source="FIELD §4.1 EC01 成立年份",
    ),
    _REGISTERED(
        name="ent_registered_capital", zh="注册资本", en="registered capital",
        aggregate=Latest("registered_capital"), unit=Unit.YUAN, direction=+1, source="FIELD §4.1 EC01",
    ),
    _REGISTERED(
        name="ent_industry", zh="行业大类", en="industry division (two digits)",
        aggregate=Latest(f"substring({_INDUSTRY}, 1, 2)"), unit=Unit.CATEGORY, source="FIELD §5.2 GB/T 4754",
    ),
    _REGISTERED(
        name="ent_industry_code", zh="行业小类代码", en="industry class code",
        aggregate=Latest(_INDUSTRY), unit=Unit.CATEGORY, source="FIELD §5.2 GB/T 4754", use=Use.AUDIT,
    ),
    _REPORT(
        name="ent_reports_60m_n", zh="近5年公示年报份数", en="annual reports of the last 5 years",
        aggregate=Count(), window=Window(60), unit=Unit.COUNT, direction=+1, actionable=True,
        source="FIELD §3.2 年度报告",
    ),
    _REPORT(
        name="ent_figures_withheld", zh="最近年报未公示的指标数", en="figures withheld in the latest annual report",
        aggregate=Latest(" + ".join(f"case when {figure} is null then 1 else 0 end" for figure in _FIGURES)),
        unit=Unit.COUNT, direction=-1, actionable=True, source="FIELD §3.2 年度报告",
    ),
    _REPORT(
        # May be withheld at will: a model that read it would reward small firms for hiding it.
        name="ent_employees", zh="从业人数", en="employees",
        aggregate=Latest("employees"), unit=Unit.PERSONS, source="FIELD §3.2 年度报告", use=Use.FACT,
    ),
    _REPORT(
        name="ent_revenue", zh="营业总收入", en="revenue",
        aggregate=Latest("revenue"), unit=Unit.YUAN, source="FIELD §3.2 年度报告", use=Use.FACT,
    ),
    _REPORT(
        name="ent_assets", zh="资产总额", en="total assets",
        aggregate=Latest("assets"), unit=Unit.YUAN, source="FIELD §3.2 年度报告", use=Use.FACT,
    ),
    _DERIVED(
        name="ent_log_revenue", zh="营业总收入(对数)", en="revenue (logarithm)",
        expression="ln(ent_revenue + 1)", unit=Unit.LOG_YUAN, direction=+1, source="FIELD §4.1 EG",
    ),
    _DERIVED(
        name="ent_log_assets", zh="资产总额(对数)", en="total assets (logarithm)",
        expression="ln(ent_assets + 1)", unit=Unit.LOG_YUAN, direction=+1, source="FIELD §4.1 EG",
    ),
    _REPORT(
        name="ent_liability_ratio", zh="资产负债率", en="liabilities to assets",
        aggregate=Latest("ratio(liabilities, assets)"), unit=Unit.RATIO, direction=-1, source="FIELD §4.1 EG",
    ),
    _REPORT(
        name="ent_profit_margin", zh="净利润率", en="net profit margin",
        aggregate=Latest("ratio(profit, revenue)"), unit=Unit.RATIO, direction=+1, source="FIELD §4.1 EG",
    ),
    _REPORT(
        name="ent_return_on_assets", zh="总资产净利率", en="return on assets",
        aggregate=Latest("ratio(profit, assets)"), unit=Unit.RATIO, direction=+1, source="FIELD §4.1 EG",
    ),
    _REPORT(
        name="ent_tax_to_revenue", zh="纳税总额与营业收入比", en="tax paid to revenue",
        aggregate=Latest("ratio(tax_paid, revenue)"), unit=Unit.RATIO, source="FIELD §3.2 年度报告",
    ),
    _REPORT(
        name="ent_revenue_mean_60m", zh="近5年平均营业收入", en="mean revenue of the last 5 years",
        aggregate=Mean("revenue"), window=Window(60), unit=Unit.YUAN, source="FIELD §4.1 EG", use=Use.FACT,
    ),
    _DERIVED(
        name="ent_revenue_trend", zh="营业收入与近5年均值之比", en="revenue against its five-year mean",
        expression="ratio(ent_revenue, ent_revenue_mean_60m) - 1", unit=Unit.RATIO, direction=+1,
        source="FIELD §4.1 EG",
    ),
    _LIST(
        name="list_serious_violation_n", zh="严重违法失信名单(未移出)", en="on the list of serious violations",
        where=_ON_LIST.format("serious_violation"), source="FIELD §1.2 鲁质贷", use=Use.FACT,
    ),
    _LIST(
        name="list_dishonest_debtor_n", zh="失信被执行人(未移出)", en="on the list of dishonest debtors",
        where=_ON_LIST.format("dishonest_debtor"), source="FIELD §4.3", use=Use.FACT,
    ),
    _LIST(
        name="list_abnormal_operation_n", zh="经营异常名录(未移出)", en="on the list of abnormal operation",
        where=_ON_LIST.format("abnormal_operation"), source="FIELD §3.2", use=Use.FACT,
    ),
    _LIST(
        name="list_enforcement_n", zh="被执行人(未移出)", en="debts under court enforcement",
        where=_ON_LIST.format("enforcement"), source="FIELD §4.3",
    ),
    _LIST(
        name="list_tax_arrears_n", zh="欠税公告(未移出)", en="announced tax arrears",
        where=_ON_LIST.format("tax_arrears"), source="FIELD §4.1 EF01",
    ),
    _LIST(
        name="list_entries_60m_n", zh="近5年列入各类名录次数", en="list entries in 5 years",
        window=Window(60), source="FIELD §3.2",
    ),
    _DERIVED(
        name="size_class", zh="企业规模", en="size class",
        expression=_size_class(),
        lookup=Lookup("reference_size", "ent_industry_code"), unit=Unit.CATEGORY, levels=("large", "medium", "small", "micro"), source="FIELD §5.5", use=Use.AUDIT,
    ),
    _REGISTERED(
        name="county_group", zh="山区海岛县", en="mountain or island county",
        # A code that is no county of the country (a foreign state, say) is unknown, not "other".
        aggregate=Latest("case when length(region_code) <> 6 or region_code is null then null when mountain then 'mountain' else 'other' end"),
        unit=Unit.CATEGORY, levels=("mountain", "other"), source="FIELD §5.4", use=Use.AUDIT,
    ),
    _REGISTERED(
        name="ownership", zh="经济类型", en="ownership",
        aggregate=Latest("ownership"), unit=Unit.CATEGORY,
        levels=("private", "state", "foreign", "sole_trader", "cooperative"), source="FIELD §6",
        use=Use.AUDIT,
    ),
    _REGISTERED(
        name="province", zh="所在省份", en="province",
        aggregate=Latest("substring(region_code, 1, 2)"), unit=Unit.CATEGORY, source="FIELD §5.3", use=Use.AUDIT,
    ),
)
# fmt: on
