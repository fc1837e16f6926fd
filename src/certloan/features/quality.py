"""What inspectors found and what went wrong. Absence of a failure is not proof: inspections are samples."""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import Count, CountDistinct, Exists, Min, Sum
from certloan.features.spec import DerivedSpec, FeatureSpec, Missing, Unit, Use, Window

_INSPECTION = partial(FeatureSpec, family=Family.QUALITY, dimension=Dimension.CREDIT, table="inspection")
_INCIDENT = partial(
    FeatureSpec,
    family=Family.QUALITY,
    dimension=Dimension.CREDIT,
    table="incident",
    missing=Missing.ZERO_IF_DELIVERED,
)

# fmt: off
SPECS = (
    _INSPECTION(
        name="insp_known", zh="有监督检查记录", en="has been inspected",
        aggregate=Exists(), unit=Unit.YES_NO, missing=Missing.ZERO_IF_DELIVERED, source="FIELD §3.1",
    ),
    _INSPECTION(
        # How often somebody is inspected follows the supervisor's risk class: a fact, never held against.
        name="insp_36m_n", zh="近36个月检查批次数", en="inspected batches in 36 months",
        aggregate=Count(), window=Window(36), unit=Unit.COUNT, source="FIELD §3.1 双随机", use=Use.FACT,
    ),
    _INSPECTION(
        name="insp_failed_36m_n", zh="近36个月不合格批次数", en="nonconforming batches in 36 months",
        aggregate=Count(), where="verdict = 'nonconforming'", window=Window(36), unit=Unit.COUNT, direction=-1,
        source="S1 产品质量监督抽查",
    ),
    _INSPECTION(
        name="insp_failed_12m_n", zh="近12个月不合格批次数", en="nonconforming batches in 12 months",
        aggregate=Count(), where="verdict = 'nonconforming'", window=Window(12), unit=Unit.COUNT, direction=-1,
        source="FIELD §2.4",
    ),
    DerivedSpec(
        # Shrunk towards one in ten, the national rate, as if five batches more had been seen.
        name="insp_fail_share_36m", zh="近36个月不合格率(收缩估计)", en="share of nonconforming batches in 36 months, shrunk",
        family=Family.QUALITY, dimension=Dimension.CREDIT,
        expression="(insp_failed_36m_n + 0.5) / (insp_36m_n + 5)", unit=Unit.SHARE, direction=-1,
        source="FIELD §3.1",
    ),
    _INSPECTION(
        name="insp_safety_failed_36m_n", zh="近36个月安全项目不合格批次数", en="batches failing a safety item in 36 months",
        aggregate=Count(), where="verdict = 'nonconforming' and safety_item", window=Window(36), unit=Unit.COUNT,
        direction=-1, source="FIELD §3.1 安全项目",
    ),
    _INSPECTION(
        name="insp_upper_failed_36m_n", zh="近36个月国家级、省级抽查不合格批次数",
        en="batches failing a national or provincial check in 36 months",
        aggregate=Count(), where="verdict = 'nonconforming' and level in ('national', 'province')",
        window=Window(36), unit=Unit.COUNT, direction=-1, source="FIELD §2.4",
    ),
    _INSPECTION(
        name="insp_failed_products_36m_n", zh="近36个月不合格产品种类数",
        en="products with a nonconforming batch in 36 months",
        aggregate=CountDistinct("product"), where="verdict = 'nonconforming'", window=Window(36), unit=Unit.COUNT,
        direction=-1, source="FIELD §3.1",
    ),
    _INSPECTION(
        name="insp_refused_36m_n", zh="近36个月拒检次数", en="inspections refused in 36 months",
        aggregate=Count(), where="verdict = 'refused'", window=Window(36), unit=Unit.COUNT, direction=-1,
        source="FIELD §3.1", actionable=True,
    ),
    _INSPECTION(
        name="insp_recheck_passed_36m_n", zh="近36个月不合格后复查合格次数", en="failures put right on re-check in 36 months",
        aggregate=Count(), where="recheck = 'passed'", window=Window(36), unit=Unit.COUNT, direction=+1,
        actionable=True, source="FIELD §3.1 整改/复查",
    ),
    _INSPECTION(
        name="insp_recheck_failed_36m_n", zh="近36个月复查仍不合格次数", en="re-checks failed in 36 months",
        aggregate=Count(), where="recheck = 'failed'", window=Window(36), unit=Unit.COUNT, direction=-1,
        actionable=True, source="FIELD §3.1",
    ),
    _INSPECTION(
        # Who was inspected and never failed stands with those who failed longest ago; a refusal proves neither.
        name="insp_months_since_failure", zh="距最近一次不合格的月数(从未不合格或更早的计36)",
        en="months since the last nonconformity (36 if never or earlier)",
        aggregate=Min(
            "case verdict when 'nonconforming' then least(months_between(inspected_on, as_of), 36)"
            " when 'no_nonconformity' then 36 end"
        ),
        unit=Unit.MONTHS, direction=+1, source="FIELD §3.1",
    ),
    _INCIDENT(
        name="quality_penalty_36m_n", zh="近36个月产品质量行政处罚次数", en="product-quality penalties in 36 months",
        aggregate=Count(), where="kind = 'penalty'", window=Window(36), unit=Unit.COUNT, direction=-1,
        source="FIELD §1.2 鲁质贷",
    ),
    _INCIDENT(
        name="incident_recall_ordered_36m_n", zh="近36个月责令召回次数", en="ordered recalls in 36 months",
        aggregate=Count(), where="kind = 'recall' and ordered = 'ordered'", window=Window(36), unit=Unit.COUNT,
        direction=-1, source="FIELD §3.3",
    ),
    _INCIDENT(
        # To recall by one's own will is responsible: neither praised nor held against.
        name="incident_recall_voluntary_36m_n", zh="近36个月主动召回次数", en="voluntary recalls in 36 months",
        aggregate=Count(), where="kind = 'recall' and ordered = 'voluntary'", window=Window(36), unit=Unit.COUNT,
        source="FIELD §3.3",
    ),
    _INCIDENT(
        name="incident_complaint_36m_n", zh="近36个月属实投诉次数", en="upheld complaints in 36 months",
        aggregate=Count(), where="kind = 'complaint'", window=Window(36), unit=Unit.COUNT, direction=-1,
        actionable=True, source="FIELD §3.3 12315",
    ),
    _INCIDENT(
        name="incident_accident_60m_n", zh="近60个月质量事故次数", en="quality accidents in 60 months",
        aggregate=Count(), where="kind = 'accident'", window=Window(60), unit=Unit.COUNT, direction=-1,
        source="S1 事故强制报告",
    ),
    _INCIDENT(
        name="incident_serious_36m_n", zh="近36个月严重质量事件次数", en="serious quality incidents in 36 months",
        aggregate=Count(), where="severity = 'serious'", window=Window(36), unit=Unit.COUNT, direction=-1,
        source="FIELD §3.2",
    ),
    _INCIDENT(
        name="incident_amount_36m", zh="近36个月质量事件涉及金额", en="amount of quality incidents in 36 months",
        aggregate=Sum("amount"), window=Window(36), unit=Unit.YUAN, direction=-1, source="FIELD §3.2",
    ),
)
# fmt: on
