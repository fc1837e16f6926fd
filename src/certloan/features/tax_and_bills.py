"""What the tax authority thinks, and whether bills are paid: power, water, social insurance."""

from dataclasses import replace
from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import CountDistinct, CountMonths, Latest, Max, PerMonth, Share
from certloan.features.spec import DerivedSpec, FeatureSpec, Spec, Unit, Use, Window

_FIVE_YEARS = Window(60)
_SOCIAL = "kind in ('social_insurance', 'housing_fund')"
_SUPPLY = "kind not in ('social_insurance', 'housing_fund')"
_POWER = "kind = 'electricity'"

_TAX = partial(
    FeatureSpec,
    family=Family.CREDIT,
    dimension=Dimension.CREDIT,
    table="tax_grade",
    source="纳税缴费信用管理办法(2025)",
)
#: A model must not read as a bad sign what a firm is too young to have.
_UNGRADABLE = "tax_ungradable"
_BILL = partial(FeatureSpec, family=Family.CREDIT, dimension=Dimension.LENDING, table="utility_bill")


def _graded(counted: FeatureSpec) -> tuple[Spec, Spec]:
    """Give what the grades tell, as a fact, and what the model reads: 0 where no grade could be had yet.

    An older firm without any grade stays unknown.
    """
    fact = replace(
        counted,
        name=f"{counted.name}_graded",
        zh=f"{counted.zh}(已有评级)",
        en=f"{counted.en}, where graded",
        use=Use.FACT,
    )
    read = DerivedSpec(
        name=counted.name, zh=counted.zh, en=counted.en, family=counted.family, dimension=counted.dimension,
        expression=f"coalesce({fact.name}, case when {_UNGRADABLE} = 1 then 0 end)", unit=counted.unit,
        source=counted.source, direction=counted.direction, actionable=counted.actionable,
    )  # fmt: skip
    return fact, read


# fmt: off
SPECS: tuple[Spec, ...] = (
    FeatureSpec(
        name=_UNGRADABLE, zh="成立太晚,尚无完整评价年度", en="founded too late for a whole year that has been graded",
        family=Family.CREDIT, dimension=Dimension.CREDIT, table="enterprise",
        aggregate=Latest("ungradable"),
        unit=Unit.YES_NO, use=Use.FACT, source="纳税缴费信用管理办法(2025)",
    ),
    _TAX(
        name="tax_a_years_60m_n", zh="近5年纳税信用A级年数", en="years of tax grade A in 5 years",
        # A firm of two years can have none: how often it was A when it could be is what the model reads.
        aggregate=CountDistinct("year"), where="grade = 'A' and coalesce(a_possible, true)", window=_FIVE_YEARS, unit=Unit.COUNT, direction=+1,
        actionable=True, use=Use.FACT,
    ),
    _TAX(
        name="tax_a_share_60m", zh="近5年可评A级年份中的A级占比", en="share of tax grade A among the years in which A was possible",
        # Unknown for whoever was never old enough, which a model would learn to read as youth: a fact.
        aggregate=Share("grade = 'A'"), where="a_possible", window=_FIVE_YEARS, unit=Unit.SHARE, direction=+1,
        actionable=True, use=Use.FACT,
    ),
    *_graded(_TAX(
        name="tax_a_missed_60m_n", zh="近5年可评A级而未评上的年数", en="years of 5 in which tax grade A was possible and missed",
        # M is a firm without revenue, which misses nothing.
        aggregate=CountDistinct("year"), where="a_possible and grade in ('B', 'C', 'D')", window=_FIVE_YEARS,
        unit=Unit.COUNT, direction=-1, actionable=True,
    )),
    *_graded(_TAX(
        name="tax_d_years_60m_n", zh="近5年纳税信用D级年数", en="years of tax grade D in 5 years",
        aggregate=CountDistinct("year"), where="grade = 'D'", window=_FIVE_YEARS, unit=Unit.COUNT, direction=-1,
    )),
    *_graded(_TAX(
        name="tax_low_years_60m_n", zh="近5年纳税信用C级或D级年数", en="years of tax grade C or D in 5 years",
        aggregate=CountDistinct("year"), where="grade in ('C', 'D')", window=_FIVE_YEARS, unit=Unit.COUNT, direction=-1,
    )),
    *_graded(_TAX(
        # Two bad years of two are not two of five.
        name="tax_low_share_60m", zh="近5年已评年份中C级或D级占比", en="share of tax grades C and D among the graded years of 5",
        aggregate=Share("grade in ('C', 'D')"), window=_FIVE_YEARS, unit=Unit.SHARE, direction=-1, actionable=True,
    )),
    _TAX(
        name="tax_m_years_60m_n", zh="近5年纳税信用M级年数", en="years of tax grade M in 5 years",
        aggregate=CountDistinct("year"), where="grade = 'M'", window=_FIVE_YEARS, unit=Unit.COUNT, use=Use.FACT,
    ),
    _TAX(
        name="tax_grade_now", zh="最近纳税信用等级", en="latest tax credit grade",
        aggregate=Latest("grade"), unit=Unit.CATEGORY, levels=("A", "B", "M", "C", "D"), actionable=True, use=Use.FACT,
    ),
    _TAX(
        # M and the B of a firm that could get no A are levels of their own, not bad grades; so no direction is claimed.
        name="tax_standing", zh="最近纳税信用等级(区分不可评A的年份)",
        en="latest tax credit grade, with B told apart where A was not possible",
        aggregate=Latest("standing"), unit=Unit.CATEGORY, levels=("A", "B_capped", "B", "M", "C", "D"), actionable=True,
        use=Use.FACT,
    ),
    *_graded(_TAX(
        # What the model reads of the latest grade: the best that could be had is 0, be it an A or a young firm's B or M.
        name="tax_shortfall", zh="最近纳税信用等级低于当年可评最高等级的级数",
        en="steps of the latest tax grade below the best that was possible",
        aggregate=Latest("shortfall"), unit=Unit.LEVEL, direction=-1, actionable=True,
    )),
    _TAX(
        name="tax_step", zh="最近纳税信用等级较上一年升降", en="steps of the latest tax grade above the one before",
        aggregate=Latest("step"), unit=Unit.LEVEL, direction=+1, actionable=True, use=Use.FACT,
    ),
    *_graded(_TAX(
        # A first grade has not fallen: unlike the step, this is known from the first year on.
        name="tax_fall", zh="最近纳税信用等级较上一年下降级数", en="steps that the latest tax grade fell from the one before",
        aggregate=Latest("case when step < 0 then -step else 0 end"), unit=Unit.LEVEL, direction=-1, actionable=True,
    )),
    _BILL(
        name="bill_months_12m", zh="近12个月有缴费记录的月数", en="months with utility bills in 12 months",
        aggregate=CountMonths(), window=Window(12), unit=Unit.MONTHS, source="企业信用报告 EE01", use=Use.FACT,
    ),
    _BILL(
        name="bill_arrears_months_12m", zh="近12个月公用事业欠费月数", en="months in arrears with utilities in 12 months",
        aggregate=CountMonths(), where=f"{_SUPPLY} and arrears > 0", window=Window(12), unit=Unit.MONTHS, direction=-1,
        actionable=True, source="企业信用报告 EE01 累计欠费",
    ),
    _BILL(
        name="bill_social_arrears_months_12m", zh="近12个月社保公积金欠缴月数",
        en="months in arrears with social insurance or housing fund in 12 months",
        aggregate=CountMonths(), where=f"{_SOCIAL} and arrears > 0", window=Window(12), unit=Unit.MONTHS, direction=-1,
        actionable=True, source="企业信用报告 EF05 公积金",
    ),
    _BILL(
        name="bill_arrears_max_12m", zh="近12个月单项最高欠费", en="largest arrears on one bill in 12 months",
        aggregate=Max("arrears"), window=Window(12), unit=Unit.YUAN, direction=-1, actionable=True,
        source="企业信用报告 EE01 累计欠费",
    ),
    _BILL(
        name="bill_power_6m", zh="近6个月月均电费", en="mean monthly power bill over 6 months",
        aggregate=PerMonth("billed"), where=_POWER, window=Window(6), unit=Unit.YUAN, source="企业信用报告 EE01",
        use=Use.FACT,
    ),
    _BILL(
        name="bill_power_6m_year_before", zh="上年同期6个月月均电费", en="mean monthly power bill over the same 6 months a year before",
        aggregate=PerMonth("billed"), where=_POWER, window=Window(6, lag=12), unit=Unit.YUAN, source="企业信用报告 EE01",
        use=Use.FACT,
    ),
    DerivedSpec(
        name="bill_power_trend", zh="电费同比变化", en="power bill against the same months a year before",
        family=Family.CREDIT, dimension=Dimension.LENDING,
        expression="ratio(bill_power_6m, bill_power_6m_year_before) - 1", unit=Unit.RATIO, direction=+1,
        source="企业信用报告 EE01",
    ),
)
# fmt: on
