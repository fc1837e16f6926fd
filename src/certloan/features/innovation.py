"""Standards and intellectual property: what an enterprise has contributed, and what it owns."""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import Count, Exists, Max
from certloan.features.spec import FeatureSpec, Missing, Unit, Use, Window

_RIGHT = partial(
    FeatureSpec,
    family=Family.INNOVATION,
    dimension=Dimension.INNOVATION,
    table="innovation",
    missing=Missing.ZERO_IF_DELIVERED,
    actionable=True,
)
_HELD = partial(_RIGHT, aggregate=Count(), unit=Unit.COUNT, direction=+1)


def _standards(role: str, levels: str = "") -> str:
    within = f" and level in ({levels})" if levels else ""
    return f"kind = 'standard' and role = '{role}' and in_force{within}"


# fmt: off
SPECS = (
    _RIGHT(
        name="innov_known", zh="有标准或知识产权记录", en="has standards or intellectual property",
        aggregate=Exists(), unit=Unit.YES_NO, source="S1 质量、标准、品牌、专利等要素", actionable=False,
    ),
    _HELD(
        name="innov_standards_led_n", zh="主导制定的现行标准数", en="standards in force that it led",
        where=_standards("lead"), source="温岭标准贷(2023)",
    ),
    _HELD(
        name="innov_standards_joined_n", zh="参与制定的现行标准数", en="standards in force that it joined",
        where=_standards("join"), source="温岭标准贷(2023)",
    ),
    _HELD(
        name="innov_upper_standards_n", zh="国际、国家、行业标准数", en="international, national and industry standards",
        where="kind = 'standard' and standard_level >= 4 and in_force", source="金华质量贷(2022) 分档",
    ),
    _HELD(
        name="innov_upper_standards_led_n", zh="主导制定的国际、国家、行业标准数", en="international, national and industry standards that it led",
        where=_standards("lead", "'international', 'national', 'industry'"), source="金华质量贷(2022) 分档", use=Use.FACT,
    ),
    _HELD(
        name="innov_group_standards_n", zh="团体标准数(含浙江制造标准)", en="standards of associations (Zhejiang Made included)",
        where="kind = 'standard' and level = 'group' and in_force", source="金华质量贷(2022) 浙江制造标准",
    ),
    _RIGHT(
        name="innov_led_level", zh="主导制定标准的最高级别(6国际、5国家、4行业、3省、2团体、1其他、0无)",
        en="highest level of a standard that it led (6 international, 5 national, 4 industry, 3 province, 2 group, 1 other, 0 none)",
        aggregate=Max("case when kind = 'standard' and role = 'lead' and in_force then standard_level else 0 end"),
        unit=Unit.LEVEL, direction=+1, source="金华质量贷(2022) 分档",
    ),
    _RIGHT(
        name="innov_joined_level", zh="参与制定标准的最高级别(6国际、5国家、4行业、3省、2团体、1其他、0无)",
        en="highest level of a standard that it joined (6 international, 5 national, 4 industry, 3 province, 2 group, 1 other, 0 none)",
        aggregate=Max("case when kind = 'standard' and role = 'join' and in_force then standard_level else 0 end"),
        unit=Unit.LEVEL, direction=+1, source="金华质量贷(2022) 分档",
    ),
    _HELD(
        # Stated by the enterprise itself and examined by nobody.
        name="innov_disclosed_standards_n", zh="自我声明公开的企业标准数(自我声明)", en="standards of its own disclosed (self-declared)",
        where="kind = 'standard_disclosure' and in_force", dimension=Dimension.FOUNDATION,
        source="S1 企业标准自我声明公开",
    ),
    _HELD(
        name="innov_invention_patents_n", zh="有效发明专利数", en="invention patents in force",
        where="kind = 'invention_patent' and in_force", source="鲁质贷(2025) 质量创新",
    ),
    _HELD(
        name="innov_utility_patents_n", zh="有效实用新型专利数", en="utility patents in force",
        where="kind = 'utility_patent' and in_force", source="鲁质贷(2025) 质量创新",
    ),
    _HELD(
        name="innov_design_patents_n", zh="有效外观设计专利数", en="design patents in force",
        where="kind = 'design_patent' and in_force", source="鲁质贷(2025) 质量创新",
    ),
    _HELD(
        name="innov_invention_new_36m_n", zh="近36个月授权发明专利数", en="invention patents of the last 36 months",
        where="kind = 'invention_patent'", window=Window(36), source="鲁质贷(2025) 质量创新",
    ),
    _HELD(
        name="innov_trademarks_n", zh="有效注册商标数", en="trademarks in force",
        where="kind = 'trademark' and in_force", dimension=Dimension.BRAND, source="S1 商标",
    ),
    _HELD(
        name="innov_collective_marks_n", zh="有效集体商标、证明商标数", en="collective and certification marks in force",
        where="kind = 'collective_mark' and in_force", dimension=Dimension.BRAND, source="S1 区域公共品牌",
    ),
    _HELD(
        name="innov_geographical_n", zh="地理标志数", en="geographical indications",
        where="kind = 'geographical_indication' and in_force", dimension=Dimension.BRAND,
        source="绍兴地理标志质押贷(2025)",
    ),
    _HELD(
        name="innov_data_rights_n", zh="数据知识产权数", en="registered data rights",
        where="kind = 'data_right' and in_force", source="浙江数知通(2025)",
    ),
    _HELD(
        name="innov_new_36m_n", zh="近36个月新增标准与知识产权数(不含自我声明)", en="standards and rights of the last 36 months (none self-declared)",
        where="kind <> 'standard_disclosure'", window=Window(36), source="鲁质贷(2025) 质量创新",
    ),
)
# fmt: on
