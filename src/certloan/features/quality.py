"""What inspectors found in samples of the enterprise's products.

A sample that did not fail is 未发现不合格: nothing was found in it, which is not to say that the product is good.
How often somebody is sampled follows the supervisor's risk class (双随机), so numbers of failures are facts for the
policy and the officer; rates alone are judged, drawn towards the rate of the industry as it was known at the month's
beginning (``derived.inspection_prior``): one failure among two batches is no proof of fifty in a hundred. People read
the rate itself. Most enterprises have few batches and lie close to their industry, whose rate and whose weight move from
month to month: to a model the rate would tell above all when somebody applied. So the model reads the rate as a multiple
of the industry's, drawn towards it with the same weight always.
Which failures count, and from which day on, is said once in :mod:`certloan.features.relations.quality`.
"""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import Count, CountDistinct, Exists, Max, Min, Share
from certloan.features.shrinkage import USUAL_STRENGTH
from certloan.features.spec import DerivedSpec, FeatureSpec, Lookup, Missing, Unit, Use, Window

_CHECK = partial(FeatureSpec, family=Family.QUALITY, dimension=Dimension.CREDIT, table="inspection")
_BATCHES = partial(_CHECK, aggregate=Count(), window=Window(36), unit=Unit.COUNT, use=Use.FACT)
_AGAINST_PRIOR = partial(
    DerivedSpec,
    family=Family.QUALITY,
    dimension=Dimension.CREDIT,
    direction=-1,
    lookup=Lookup("inspection_prior", "coalesce(ent_industry, 'ALL')"),
)
_RATE = partial(_AGAINST_PRIOR, unit=Unit.SHARE, use=Use.FACT)
_MULTIPLE = partial(_AGAINST_PRIOR, unit=Unit.RATIO)

#: A batch that failed by something else says nothing of safety, and must not dilute the rate.
_SAFE_OR_NOT = "insp_36m_n - insp_failed_36m_n + insp_safety_failed_36m_n"

#: Before anything is known of anybody: 1,827 of 19,440 batches failed the national checks of 2022, 56 % of the failing
#: batches by a safety item; as much as five batches of the enterprise's own would say.
_STRENGTH, _MEAN, _SAFETY = (
    "coalesce(prior_strength, 5)",
    "coalesce(prior_mean, 0.094)",
    "coalesce(prior_safety, 0.055)",
)


def shrunk(failed: str, batches: str, mean: str = _MEAN) -> str:
    """Word the rate of ``failed`` among ``batches``, as if ``prior_strength`` batches more had failed at ``mean``."""
    return f"({failed} + {mean} * {_STRENGTH}) / ({batches} + {_STRENGTH})"


def multiple(failed: str, batches: str, mean: str = _MEAN) -> str:
    """Word the same rate over ``mean``, drawn to 1 by so many batches as usual whatever the month.

    An industry almost without failures counts as one of a failure in two hundred batches, so that a single one of the
    enterprise's own is no infinity.
    """
    return f"({failed} / greatest({mean}, 0.005) + {USUAL_STRENGTH:g}) / ({batches} + {USUAL_STRENGTH:g})"


# fmt: off
SPECS = (
    _CHECK(
        name="insp_known", zh="有监督检查记录", en="has been inspected",
        aggregate=Exists(), unit=Unit.YES_NO, missing=Missing.ZERO_IF_DELIVERED, source="产品质量法(2018)第十五条",
    ),
    _BATCHES(
        name="insp_36m_n", zh="近36个月有结论的抽检批次数", en="sampled batches with a final verdict in 36 months",
        where="sampled and not undecided", source="企业信用风险分类(2022) 双随机抽查",
    ),
    _BATCHES(
        name="insp_12m_n", zh="近12个月有结论的抽检批次数", en="sampled batches with a final verdict in 12 months",
        where="sampled and not undecided", window=Window(12), source="企业信用风险分类(2022) 双随机抽查",
    ),
    _BATCHES(
        name="insp_failed_36m_n", zh="近36个月不合格批次数", en="nonconforming batches in 36 months",
        where="failed", direction=-1, source="S1 产品质量监督抽查",
    ),
    _BATCHES(
        name="insp_failed_12m_n", zh="近12个月不合格批次数", en="nonconforming batches in 12 months",
        where="failed", window=Window(12), direction=-1, source="CNCA-QMS-01:2025 国家监督抽查",
    ),
    _RATE(
        name="insp_fail_share_36m", zh="近36个月抽检不合格率(向行业水平收缩)",
        en="rate of nonconforming batches in 36 months, shrunk towards the industry's",
        expression=shrunk("insp_failed_36m_n", "insp_36m_n"), source="企业信用风险分类(2022) 双随机抽查",
    ),
    _RATE(
        name="insp_fail_share_12m", zh="近12个月抽检不合格率(向行业水平收缩)",
        en="rate of nonconforming batches in 12 months, shrunk towards the industry's",
        expression=shrunk("insp_failed_12m_n", "insp_12m_n"), source="企业信用风险分类(2022) 双随机抽查",
    ),
    _MULTIPLE(
        name="insp_fail_to_industry_36m", zh="近36个月抽检不合格率与本行业之比(收缩估计,1为行业水平)",
        en="rate of nonconforming batches in 36 months to the industry's (shrunk; 1 as the industry)",
        expression=multiple("insp_failed_36m_n", "insp_36m_n"), source="企业信用风险分类(2022) 双随机抽查",
    ),
    _MULTIPLE(
        name="insp_fail_to_industry_12m", zh="近12个月抽检不合格率与本行业之比(收缩估计,1为行业水平)",
        en="rate of nonconforming batches in 12 months to the industry's (shrunk; 1 as the industry)",
        expression=multiple("insp_failed_12m_n", "insp_12m_n"), source="企业信用风险分类(2022) 双随机抽查",
    ),
    _BATCHES(
        name="insp_safety_failed_36m_n", zh="近36个月安全项目不合格批次数", en="batches failing a safety item in 36 months",
        where="severity = 4", direction=-1, source="监督抽查通报 安全项目",
    ),
    _RATE(
        name="insp_safety_fail_share_36m", zh="近36个月安全项目不合格率(向行业水平收缩)",
        en="rate of batches failing a safety item in 36 months, shrunk towards the industry's",
        expression=shrunk("insp_safety_failed_36m_n", _SAFE_OR_NOT, _SAFETY), source="监督抽查通报 安全项目",
    ),
    _MULTIPLE(
        name="insp_safety_fail_to_industry_36m", zh="近36个月安全项目不合格率与本行业之比(收缩估计,1为行业水平)",
        en="rate of batches failing a safety item in 36 months to the industry's (shrunk; 1 as the industry)",
        expression=multiple("insp_safety_failed_36m_n", _SAFE_OR_NOT, _SAFETY), source="监督抽查通报 安全项目",
    ),
    _CHECK(
        name="insp_severity_36m", zh="近36个月最严重的不合格程度(推导:4安全、3强制、2明示、1标识、0未发现)",
        en="gravest nonconformity in 36 months (derived: 4 safety, 3 mandatory, 2 declared, 1 labelling, 0 none found)",
        aggregate=Max("severity"), where="sampled and not undecided", window=Window(36), unit=Unit.LEVEL, direction=-1,
        source="监督抽查通报 安全项目",
    ),
    _BATCHES(
        name="insp_upper_36m_n", zh="近36个月国家级、省级抽检批次数", en="batches sampled at national or provincial level in 36 months",
        where="sampled and not undecided and level in ('national', 'province')", source="产品质量法(2018)第十五条",
    ),
    _BATCHES(
        name="insp_upper_failed_36m_n", zh="近36个月国家级、省级抽查不合格批次数",
        en="batches failing a national or provincial check in 36 months",
        where="failed and level in ('national', 'province')", direction=-1, source="CNCA-QMS-01:2025 国家监督抽查",
    ),
    _RATE(
        name="insp_upper_fail_share_36m", zh="近36个月国家级、省级抽检不合格率(向行业水平收缩)",
        en="rate of batches failing a national or provincial check in 36 months, shrunk towards the industry's",
        expression=shrunk("insp_upper_failed_36m_n", "insp_upper_36m_n"), source="CNCA-QMS-01:2025 国家监督抽查",
    ),
    _MULTIPLE(
        name="insp_upper_fail_to_industry_36m", zh="近36个月国家级、省级抽检不合格率与本行业之比(收缩估计,1为行业水平)",
        en="rate of batches failing a national or provincial check in 36 months to the industry's (shrunk; 1 as the industry)",
        expression=multiple("insp_upper_failed_36m_n", "insp_upper_36m_n"), source="CNCA-QMS-01:2025 国家监督抽查",
    ),
    _CHECK(
        name="insp_failed_products_36m_n", zh="近36个月不合格产品种类数",
        en="products with a nonconforming batch in 36 months",
        aggregate=CountDistinct("product"), where="failed", window=Window(36), unit=Unit.COUNT, direction=-1,
        source="监督抽查实施细则 判定", use=Use.FACT,
    ),
    _BATCHES(
        name="insp_compulsory_failed_36m_n", zh="近36个月强制性认证产品不合格批次数",
        en="nonconforming batches of products under compulsory certification in 36 months",
        where="failed and compulsory", direction=-1, source="CCC目录(2023)",
    ),
    _BATCHES(
        name="insp_online_failed_36m_n", zh="近36个月电商抽样不合格批次数", en="nonconforming batches bought online in 36 months",
        where="failed and stage = 'online'", direction=-1, source="监督抽查通报 电商抽样",
    ),
    _BATCHES(
        name="insp_undecided_n", zh="异议期内或异议处理中的不合格批次数(尚不计入)",
        en="failures that may be or are being objected to (not counted yet)",
        where="undecided", source="产品质量法(2018)第十五条",
    ),
    _BATCHES(
        name="insp_overturned_36m_n", zh="近36个月异议成立的批次数(不计为不合格)", en="failures overturned on objection in 36 months (not counted)",
        where="sampled and objection = 'upheld'", source="产品质量法(2018)第十五条",
    ),
    _CHECK(
        name="insp_refused_36m_n", zh="近36个月拒检次数", en="inspections refused in 36 months",
        aggregate=Count(), where="verdict = 'refused'", window=Window(36), unit=Unit.COUNT, direction=-1,
        source="产品质量法(2018)第五十六条", actionable=True, use=Use.FACT,
    ),
    _CHECK(
        name="insp_refused_36m", zh="近36个月曾拒检", en="refused an inspection in 36 months",
        aggregate=Max("case when verdict = 'refused' then 1 else 0 end"), window=Window(36), unit=Unit.YES_NO,
        direction=-1, source="产品质量法(2018)第五十六条", actionable=True,
    ),
    _CHECK(
        name="insp_unlicensed_36m", zh="近36个月曾被查出无证生产", en="found producing without the licence or certificate in 36 months",
        aggregate=Exists(), where="verdict = 'unlicensed'", window=Window(36), unit=Unit.YES_NO,
        missing=Missing.ZERO_IF_DELIVERED, direction=-1, source="工业产品生产许可证管理条例", actionable=True,
    ),
    _CHECK(
        name="insp_put_right_share_36m", zh="近36个月不合格批次整改完成率", en="share of nonconforming batches put right, 36 months",
        aggregate=Share("put_right"), where="failed", window=Window(36), unit=Unit.SHARE, direction=+1,
        actionable=True, source="产品质量法(2018)第十七条",
    ),
    _CHECK(
        # The clock runs on until the failure is put right, so that not to answer is never quicker.
        name="insp_put_right_days_36m", zh="近36个月不合格整改最长用时(未整改的计至申请日)",
        en="longest time to put a failure right in 36 months (until today where it is not)",
        aggregate=Max("days_between(inspected_on, coalesce(put_right_on, as_of))"),
        where="failed", window=Window(36), unit=Unit.DAYS, direction=-1, actionable=True, source="产品质量法(2018)第十七条",
    ),
    _CHECK(
        name="insp_recheck_failed_share_36m", zh="近36个月整改复查不合格占比", en="share of re-checks failed in 36 months",
        aggregate=Share("recheck = 'failed'"), where="failed and recheck is not null", window=Window(36),
        unit=Unit.SHARE, direction=-1, actionable=True, source="产品质量法(2018)第十七条",
    ),
    _BATCHES(
        # A system certificate is not issued to whoever has one open (CNCA-QMS-01:2025).
        name="insp_national_open_n", zh="近12个月国家级抽查不合格且未整改的批次数",
        en="national failures of the last 12 months not put right",
        where="failed and level = 'national' and not put_right", window=Window(12), direction=-1, actionable=True,
        source="CNCA-QMS-01:2025 国家监督抽查",
    ),
    _BATCHES(
        # Samples of risk monitoring are drawn where a danger is suspected, and give no verdict on a batch.
        name="insp_monitoring_36m_n", zh="近36个月风险监测样品数(不作合格与否的结论)",
        en="samples of risk monitoring in 36 months (no verdict)",
        where="kind = 'risk_monitoring'", source="S1 风险监控",
    ),
    _CHECK(
        # Who was inspected and never failed stands with those who failed longest ago; a refusal proves neither.
        name="insp_months_since_failure", zh="距最近一次不合格的月数(从未发现或更早的计36)",
        en="months since the last nonconformity (36 if none was found, or earlier)",
        aggregate=Min(
            "case when failed then least(months_between(inspected_on, as_of), 36)"
            " when sampled and not undecided then 36 end"
        ),
        unit=Unit.MONTHS, direction=+1, source="监督抽查实施细则 判定",
    ),
)
# fmt: on
