"""Awards, titles and posts. Large enterprises hold them: they tell of size as much as of quality.

An award stays for good, a title for as long as it is valid. What an honour is worth stands in a dated table that a bank
may change (``reference_honour``): by kind and level, methods that are only reported by oneself least of all.
"""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import Count, CountDistinct, Exists, Max
from certloan.features.spec import FeatureSpec, Missing, Unit, Use

_HONOUR = partial(
    FeatureSpec,
    family=Family.HONOUR,
    dimension=Dimension.MANAGEMENT,
    table="honour",
    missing=Missing.ZERO_IF_DELIVERED,
    direction=+1,
    actionable=True,
)
_TITLE = partial(_HONOUR, aggregate=CountDistinct("kind"), unit=Unit.COUNT)
_YES = partial(_HONOUR, aggregate=Exists(), unit=Unit.YES_NO)
_INNOVATORS = "'champion', 'hidden_champion', 'little_giant', 'specialised', 'high_tech', 'tech_sme', 'standard_innovator', 'first_set'"


def _level(kinds: str) -> Max:
    return Max(f"case when kind in ({kinds}) then level_rank else 0 end")


# fmt: off
SPECS = (
    _HONOUR(
        name="honour_known", zh="有荣誉记录", en="has honours",
        aggregate=Exists(), unit=Unit.YES_NO, source="鲁质贷(2025) 质量管理", direction=0, actionable=False,
    ),
    _HONOUR(
        # A level that nobody tells counts as the lowest: the tiers of 质量贷.
        name="honour_award_level", zh="政府质量奖最高级别(4国家、3省、2市、1县、0无)", en="highest level of a government quality award (4 national, 3 province, 2 city, 1 county, 0 none)",
        aggregate=_level("'quality_award'"), unit=Unit.LEVEL, source="金华质量贷(2022) 分档",
    ),
    _HONOUR(
        name="honour_nominee_level", zh="政府质量奖提名奖最高级别(4国家、3省、2市、1县、0无)",
        en="highest level of a nomination for a government quality award (4 national, 3 province, 2 city, 1 county, 0 none)",
        aggregate=_level("'quality_award_nominee'"), unit=Unit.LEVEL, source="鲁质贷(2025) 质量管理",
    ),
    _HONOUR(
        name="honour_standard_award_level", zh="标准创新贡献奖最高级别(4国家、3省、2市、1县、0无)",
        en="highest level of an award for contributions to standards (4 national, 3 province, 2 city, 1 county, 0 none)",
        aggregate=_level("'standard_award'"), unit=Unit.LEVEL, dimension=Dimension.INNOVATION, source="温岭标准贷(2023)",
    ),
    _HONOUR(
        name="honour_best_weight", zh="最高荣誉权重(参照表)", en="weight of the highest honour (reference table)",
        aggregate=Max("case when in_force then honour_weight else 0 end"), unit=Unit.SHARE, source="鲁质贷(2025) 质量管理",
    ),
    _TITLE(
        name="honour_titles_n", zh="有效荣誉称号种类数(不含自我申报与岗位)", en="kinds of titles held (none self-reported, no posts)",
        where="in_force and not by_itself and not post", source="鲁质贷(2025) 质量管理",
    ),
    _TITLE(
        name="honour_management_n", zh="质量领军、标杆、领跑者称号种类数", en="kinds of titles for leading in quality management",
        where="kind in ('quality_leader', 'quality_benchmark') and in_force", source="S1 质量标杆企业",
    ),
    _HONOUR(
        name="honour_quality_brand_n", zh="有效区域质量品牌称号数", en="regional quality brand titles held",
        aggregate=Count(), unit=Unit.COUNT, dimension=Dimension.BRAND, where="kind = 'quality_brand' and in_force",
        source="S1 品字标",
    ),
    _TITLE(
        name="honour_brand_n", zh="高端品牌、老字号称号种类数", en="kinds of premium and time-honoured brand titles",
        dimension=Dimension.BRAND, where="kind in ('premium_brand', 'time_honoured') and in_force", source="S1 浙江精品",
    ),
    _TITLE(
        name="honour_specialised_n", zh="有效专精特新、冠军、高新技术等称号种类数", en="kinds of specialised, champion and high-tech titles held",
        dimension=Dimension.INNOVATION, where=f"kind in ({_INNOVATORS}) and in_force", source="S1 专精特新",
    ),
    _YES(
        name="honour_leading", zh="产业领航、链主型企业", en="leads its industry or supply chain",
        dimension=Dimension.INNOVATION, where="kind = 'leading' and in_force", source="S1 链主型企业",
    ),
    _YES(
        name="honour_chief_quality_officer", zh="首席质量官在任", en="has a chief quality officer",
        where="kind = 'chief_quality_officer' and in_force", source="S1 首席质量官",
    ),
    _YES(
        name="honour_standards_director", zh="标准总师在任", en="has a standards director",
        dimension=Dimension.FOUNDATION, where="kind = 'standards_director' and in_force", source="S1 标准总师",
    ),
    _HONOUR(
        name="honour_quality_engineers_n", zh="质量工程师、质量技术能手数", en="quality engineers and prize-winning technicians",
        aggregate=Count(), unit=Unit.COUNT, where="kind = 'quality_engineer' and in_force", source="S1 质量工程师",
    ),
    _TITLE(
        name="honour_green_n", zh="绿色工厂、绿色认证领跑者称号种类数", en="kinds of green titles held",
        where="kind in ('green_factory', 'green_leader') and in_force", source="S1 绿色工厂",
    ),
    _TITLE(
        name="honour_digital_n", zh="未来工厂、质量智控称号种类数", en="kinds of titles for digital factories and quality control",
        dimension=Dimension.INNOVATION, where="kind in ('future_factory', 'smart_quality') and in_force",
        source="S1 未来工厂",
    ),
    _YES(
        name="honour_method", zh="导入卓越绩效等先进方法(自行申报)", en="reports an advanced quality method (self-reported)",
        where="kind = 'excellence' and in_force", source="S3 卓越绩效",
    ),
    _YES(
        # A promise costs nothing, and whoever breaks it is met again among the penalties.
        name="honour_commitment", zh="作出质量承诺(自行声明)", en="has made a quality commitment (its own word)",
        where="kind = 'quality_commitment' and in_force", source="S1 企业承诺制", use=Use.FACT,
    ),
)
# fmt: on
