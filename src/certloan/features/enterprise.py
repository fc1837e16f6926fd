"""Who the enterprise is: its registration, and the groups that an audit looks at."""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import Exists, Latest
from certloan.features.spec import DerivedSpec, FeatureSpec, Lookup, Missing, Unit, Use

_REGISTERED = partial(FeatureSpec, family=Family.ENTERPRISE, dimension=Dimension.LENDING, table="enterprise")
_GROUP = partial(_REGISTERED, unit=Unit.CATEGORY, use=Use.AUDIT)

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
        aggregate=Exists(), unit=Unit.YES_NO, missing=Missing.ZERO_IF_DELIVERED, source="GB 32100-2015",
    ),
    _REGISTERED(
        name="ent_operating", zh="登记状态为存续", en="registered as operating",
        aggregate=Latest("case when status = 'operating' then 1 when status is not null then 0 end"),
        unit=Unit.YES_NO, direction=+1, source="企业信用报告 EC01 存续状态", use=Use.FACT,
    ),
    _REGISTERED(
        name="ent_age_months", zh="成立月数", en="months since registration",
        aggregate=Latest("months_between(registered_on, as_of)"), unit=Unit.MONTHS, direction=+1,
        source="企业信用报告 EC01 成立年份",
    ),
    _REGISTERED(
        name="ent_registered_capital", zh="注册资本", en="registered capital",
        aggregate=Latest("registered_capital"), unit=Unit.YUAN, direction=+1, source="企业信用报告 EC01",
    ),
    _REGISTERED(
        name="ent_industry", zh="行业大类", en="industry division (two digits)",
        aggregate=Latest(f"substring({_INDUSTRY}, 1, 2)"), unit=Unit.CATEGORY, source="GB/T 4754-2017",
    ),
    _GROUP(
        name="ent_industry_code", zh="行业小类代码", en="industry class code",
        aggregate=Latest(_INDUSTRY), source="GB/T 4754-2017",
    ),
    DerivedSpec(
        name="size_class", zh="企业规模", en="size class",
        family=Family.ENTERPRISE, dimension=Dimension.LENDING, expression=_size_class(),
        lookup=Lookup("reference_size", "ent_industry_code"), unit=Unit.CATEGORY,
        levels=("large", "medium", "small", "micro"), source="统计上大中小微型企业划分办法(2017)", use=Use.AUDIT,
    ),
    _GROUP(
        name="county_group", zh="山区海岛县", en="mountain or island county",
        # A code that is no county of the country (a foreign state, say) is unknown, not "other".
        aggregate=Latest("case when length(region_code) <> 6 or region_code is null then null when mountain then 'mountain' else 'other' end"),
        levels=("mountain", "other"), source="浙江山区海岛县名单",
    ),
    _GROUP(
        name="ownership", zh="经济类型", en="ownership",
        aggregate=Latest("ownership"), levels=("private", "state", "foreign", "sole_trader", "cooperative"),
        source="JR/T 0221-2021 公平",
    ),
    _GROUP(
        name="province", zh="所在省份", en="province",
        aggregate=Latest("substring(region_code, 1, 2)"), source="统计用区划代码(2023)",
    ),
    _GROUP(
        # The supervisors' own view, which steers how often a firm is sampled: a model that read it would read who is
        # looked at, and it reaches a lender by authorisation only.
        name="ent_risk_class", zh="企业信用风险分类(监管内部)", en="supervisory risk class (internal)",
        aggregate=Latest("concat('risk_', risk_class)"), levels=("risk_A", "risk_B", "risk_C", "risk_D"), source="企业信用风险分类(2022)",
    ),
)
# fmt: on
