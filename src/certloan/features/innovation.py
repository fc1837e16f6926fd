"""Standards, intellectual property, honours and posts, and what softens a loss."""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import Count, Exists, Max, Sum
from certloan.features.spec import FeatureSpec, Missing, Unit, Window

_IN_FORCE = "(ends_on is null or ends_on >= as_of)"
_HELD = "(valid_to is null or valid_to >= as_of)"
_COVERS = "starts_on <= as_of and (ends_on is null or ends_on >= as_of)"
_LEVEL = "case level when 'national' then 4 when 'province' then 3 when 'city' then 2 when 'county' then 1 end"

_RIGHT = partial(
    FeatureSpec,
    family=Family.INNOVATION,
    dimension=Dimension.INNOVATION,
    table="innovation",
    missing=Missing.ZERO_IF_DELIVERED,
    actionable=True,
)
_HONOUR = partial(
    FeatureSpec,
    family=Family.INNOVATION,
    table="honour",
    missing=Missing.ZERO_IF_DELIVERED,
    direction=+1,
    actionable=True,
)
_MITIGANT = partial(
    FeatureSpec,
    family=Family.INNOVATION,
    dimension=Dimension.CREDIT,
    table="mitigant",
    missing=Missing.ZERO_IF_DELIVERED,
    direction=+1,
    actionable=True,
)

# fmt: off
SPECS = (
    _RIGHT(
        name="innov_known", zh="有标准或知识产权记录", en="has standards or intellectual property",
        aggregate=Exists(), unit=Unit.YES_NO, source="S1 质量、标准、品牌、专利等要素", actionable=False,
    ),
    _RIGHT(
        name="innov_standards_led_n", zh="主导制定的现行标准数", en="standards in force that it led",
        aggregate=Count(), where=f"kind = 'standard' and role = 'lead' and {_IN_FORCE}", unit=Unit.COUNT,
        direction=+1, source="FIELD §1.3 标准贷",
    ),
    _RIGHT(
        name="innov_standards_joined_n", zh="参与制定的现行标准数", en="standards in force that it joined",
        aggregate=Count(), where=f"kind = 'standard' and role = 'join' and {_IN_FORCE}", unit=Unit.COUNT,
        direction=+1, source="FIELD §1.3 标准贷",
    ),
    _RIGHT(
        name="innov_upper_standards_n", zh="国际、国家、行业标准数", en="international, national and industry standards",
        aggregate=Count(),
        where=f"kind = 'standard' and level in ('international', 'national', 'industry') and {_IN_FORCE}",
        unit=Unit.COUNT, direction=+1, source="FIELD §1.3 质量贷",
    ),
    _RIGHT(
        name="innov_invention_patents_n", zh="有效发明专利数", en="invention patents in force",
        aggregate=Count(), where=f"kind = 'invention_patent' and {_IN_FORCE}", unit=Unit.COUNT, direction=+1,
        source="FIELD §1.2 质量创新",
    ),
    _RIGHT(
        name="innov_utility_patents_n", zh="有效实用新型与外观设计数", en="utility patents in force",
        aggregate=Count(), where=f"kind = 'utility_patent' and {_IN_FORCE}", unit=Unit.COUNT, direction=+1,
        source="FIELD §1.2 质量创新",
    ),
    _RIGHT(
        name="innov_trademarks_n", zh="有效注册商标数", en="trademarks in force",
        dimension=Dimension.BRAND, aggregate=Count(), where=f"kind = 'trademark' and {_IN_FORCE}", unit=Unit.COUNT,
        direction=+1, source="FIELD §7.2 商标",
    ),
    _RIGHT(
        name="innov_new_36m_n", zh="近36个月新增标准与知识产权数", en="standards and rights of the last 36 months",
        aggregate=Count(), window=Window(36), unit=Unit.COUNT, direction=+1, source="FIELD §1.2 质量创新",
    ),
    _HONOUR(
        name="honour_award_level", zh="政府质量奖最高级别", en="highest level of a government quality award",
        dimension=Dimension.MANAGEMENT, aggregate=Max(_LEVEL), where="kind in ('quality_award', 'standard_award')",
        unit=Unit.LEVEL, source="FIELD §1.3 质量贷",
    ),
    _HONOUR(
        name="honour_quality_brand_n", zh="有效区域质量品牌称号数", en="regional quality brand titles held",
        dimension=Dimension.BRAND, aggregate=Count(), where=f"kind = 'quality_brand' and {_HELD}", unit=Unit.COUNT,
        source="S1 品字标",
    ),
    _HONOUR(
        name="honour_specialised_n", zh="有效专精特新、小巨人、高新技术企业称号数",
        en="specialised, little-giant and high-tech titles held",
        dimension=Dimension.INNOVATION, aggregate=Count(),
        where=f"kind in ('little_giant', 'specialised', 'high_tech') and {_HELD}", unit=Unit.COUNT,
        source="S1 专精特新",
    ),
    _HONOUR(
        name="honour_chief_quality_officer", zh="首席质量官在任", en="has a chief quality officer",
        dimension=Dimension.MANAGEMENT, aggregate=Exists(), where=f"kind = 'chief_quality_officer' and {_HELD}",
        unit=Unit.YES_NO, source="S1 首席质量官",
    ),
    _MITIGANT(
        name="mitigant_amount", zh="有效增信保额", en="amount of mitigants in force",
        aggregate=Sum("insured_amount"), where=_COVERS, unit=Unit.YUAN, source="S3 质量认证责任保险",
    ),
    _MITIGANT(
        name="mitigant_quality_n", zh="有效质量保险与保证金数", en="quality insurances and deposits in force",
        aggregate=Count(),
        where=f"kind in ('certification_insurance', 'quality_deposit', 'safety_insurance') and {_COVERS}",
        unit=Unit.COUNT, source="S1 质量保证金",
    ),
    _MITIGANT(
        name="mitigant_guarantee_fund", zh="有政策性担保", en="backed by a guarantee fund",
        aggregate=Exists(), where=f"kind = 'guarantee_fund' and {_COVERS}", unit=Unit.YES_NO,
        source="FIELD §1.3 风险补偿",
    ),
)
# fmt: on
