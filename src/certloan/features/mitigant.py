"""What softens a loss: insurance, deposits, guarantees. It protects the lender and does not make a default less likely.

So the amounts are read against the request, and each kind stands for itself.
"""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import Count, Exists, Sum
from certloan.features.spec import DerivedSpec, FeatureSpec, Missing, Unit, Use

_MITIGANT = partial(
    FeatureSpec,
    family=Family.MITIGANT,
    dimension=Dimension.CREDIT,
    table="mitigant",
    missing=Missing.ZERO_IF_DELIVERED,
    direction=+1,
    actionable=True,
)
_AMOUNT = partial(_MITIGANT, aggregate=Sum("insured_amount"), unit=Unit.YUAN, use=Use.FACT)
_YES = partial(_MITIGANT, aggregate=Exists(), unit=Unit.YES_NO)
_COVER = partial(
    DerivedSpec,
    family=Family.MITIGANT,
    dimension=Dimension.CREDIT,
    unit=Unit.RATIO,
    direction=+1,
    actionable=True,
)
_QUALITY = "'certification_insurance', 'quality_deposit', 'safety_insurance'"


def _to_request(amount: str) -> str:
    """Word an amount against the request: twice the request covers it as well as more does."""
    return (
        f"case when {amount} = 0 then 0 when app_amount <= 0 then null when {amount} > 2 * app_amount then 2"
        f" else ratio({amount}, app_amount) end"
    )


# fmt: off
SPECS = (
    _MITIGANT(
        name="mitigant_known", zh="有增信记录", en="has mitigants on record",
        aggregate=Exists(), unit=Unit.YES_NO, source="S3 质量认证责任保险", direction=0, actionable=False,
    ),
    _AMOUNT(
        name="mitigant_amount", zh="有效增信金额", en="amount of mitigants in force",
        where="covers", source="S3 质量认证责任保险",
    ),
    _AMOUNT(
        name="mitigant_insured_amount", zh="有效质量保险保额", en="amount of quality insurance in force",
        where="covers and kind in ('certification_insurance', 'safety_insurance')", source="S3 质量认证责任保险",
    ),
    _AMOUNT(
        name="mitigant_guaranteed_amount", zh="有效担保金额", en="amount of guarantees in force",
        where="covers and kind in ('guarantee_fund', 'commercial_guarantee')", source="江门侨都质量贷(2023) 政府风险补偿",
    ),
    _COVER(
        name="mitigant_insured_to_request", zh="质量保险保额与申请金额比(最高计2)", en="quality insurance to the amount asked for (2 at most)",
        expression=_to_request("mitigant_insured_amount"),
        source="S3 质量认证责任保险",
    ),
    _COVER(
        name="mitigant_guaranteed_to_request", zh="担保金额与申请金额比(最高计2)", en="guarantees to the amount asked for (2 at most)",
        expression=_to_request("mitigant_guaranteed_amount"),
        source="江门侨都质量贷(2023) 政府风险补偿",
    ),
    _MITIGANT(
        name="mitigant_quality_n", zh="有效质量保险与保证金数", en="quality insurances and deposits in force",
        aggregate=Count(), where=f"covers and kind in ({_QUALITY})", unit=Unit.COUNT, source="S1 质量保证金",
    ),
    _YES(
        name="mitigant_insurance", zh="有效质量认证责任保险", en="certification liability insurance in force",
        where="covers and kind = 'certification_insurance'", source="S3 质量认证责任保险",
    ),
    _YES(
        name="mitigant_safety_insurance", zh="有效质量安全责任保险", en="product-safety liability insurance in force",
        where="covers and kind = 'safety_insurance'", source="S1 质量安全责任保险",
    ),
    _YES(
        name="mitigant_deposit", zh="已缴质量保证金", en="quality deposit paid",
        where="covers and kind = 'quality_deposit'", source="S1 质量保证金",
    ),
    _YES(
        name="mitigant_guarantee_fund", zh="有政策性担保", en="backed by a guarantee fund",
        where="covers and kind = 'guarantee_fund'", source="江门侨都质量贷(2023) 政府风险补偿",
    ),
    _YES(
        name="mitigant_commercial_guarantee", zh="有商业担保", en="backed by a commercial guarantee",
        where="covers and kind = 'commercial_guarantee'", source="企业信用报告 ED02", use=Use.FACT,
    ),
    _YES(
        # A promise to buyers: it binds the enterprise, and brings the lender nothing.
        name="mitigant_promise", zh="先行赔付或产品质量担保承诺", en="promises buyers advance compensation or a quality guarantee",
        where="covers and kind in ('advance_compensation', 'quality_guarantee')", source="S1 先行赔付",
    ),
)
# fmt: on
