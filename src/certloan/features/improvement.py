"""Programmes for better quality and traceability: steps taken by one's own will.

They say that somebody works on quality, not that the quality is good, and they are easily joined: participation is a
fact for the officer; the model reads what came of it. A test that the enterprise orders for itself never stands for a
check by the authorities.
"""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import Count, CountDistinct, Ratio, Share, Sum
from certloan.features.spec import FeatureSpec, Missing, Unit, Use, Window

_PROGRAMME = partial(
    FeatureSpec,
    family=Family.QUALITY,
    dimension=Dimension.MANAGEMENT,
    table="programme",
    missing=Missing.ZERO_IF_DELIVERED,
    direction=+1,
    actionable=True,
)
_PRODUCT = partial(FeatureSpec, family=Family.QUALITY, dimension=Dimension.MANAGEMENT, table="product")

# fmt: off
SPECS = (
    _PROGRAMME(
        name="programme_36m_n", zh="近36个月参加质量提升活动次数", en="quality programmes joined in 36 months",
        aggregate=Count(), where="programme <> 'voluntary_test'", window=Window(36), unit=Unit.COUNT, use=Use.FACT,
        source="S4 小微企业质量管理体系认证提升",
    ),
    _PROGRAMME(
        name="programme_kinds_36m_n", zh="近36个月参加质量提升活动种类数", en="kinds of quality programmes joined in 36 months",
        aggregate=CountDistinct("programme"), window=Window(36), unit=Unit.COUNT, use=Use.FACT,
        source="S1 一站式服务",
    ),
    _PROGRAMME(
        name="programme_problems_36m_n", zh="近36个月质量诊断发现问题数(发现问题不是坏事)",
        en="problems found by quality programmes in 36 months (to find them is no fault)",
        aggregate=Sum("problems_found"), window=Window(36), unit=Unit.COUNT, direction=0, use=Use.FACT,
        source="S4 质量诊断修复",
    ),
    _PROGRAMME(
        name="programme_closed_share_36m", zh="近36个月质量诊断问题整改率", en="share of the problems found that were closed, 36 months",
        aggregate=Ratio("problems_closed", "problems_found"), where="problems_closed is not null", window=Window(36),
        unit=Unit.SHARE, missing=Missing.UNKNOWN_IF_NO_COVERAGE, source="S4 质量诊断修复",
    ),
    _PROGRAMME(
        name="programme_reports_24m_n", zh="近24个月自愿送检报告数(不替代监督抽查)",
        en="voluntary test reports in 24 months (no substitute for an official check)",
        aggregate=Sum("reports"), window=Window(24), unit=Unit.COUNT, use=Use.FACT, source="S1 浙里检",
    ),
    _PRODUCT(
        name="product_made_n", zh="在产主要产品数", en="main products being made",
        aggregate=Count(), where="made", unit=Unit.COUNT, use=Use.FACT, source="S1 商品二维码平台",
    ),
    _PRODUCT(
        name="product_coded_share", zh="在产主要产品中过半赋码的占比", en="share of main products coded on half of their pieces or more",
        aggregate=Share("coded_share >= 0.5"), where="made and coded_share is not null", unit=Unit.SHARE, direction=+1,
        actionable=True, source="S1 浙食链",
    ),
    _PRODUCT(
        name="product_main_coded_share", zh="产值三成以上的产品中过半赋码的占比",
        en="of products with three tenths of output or more, the share coded on half of their pieces or more",
        aggregate=Share("coded_share >= 0.5"), where="made and coded_share is not null and output_share >= 0.3",
        unit=Unit.SHARE, direction=+1, actionable=True, source="S1 浙食链", use=Use.FACT,
    ),
    _PRODUCT(
        name="product_same_quality_n", zh="同线同标同质产品数", en="products made for home and abroad on one line, to one standard",
        aggregate=Count(), where="made and same_quality", unit=Unit.COUNT, direction=+1, dimension=Dimension.FOUNDATION,
        actionable=True, source="S4 三同",
    ),
)
# fmt: on
