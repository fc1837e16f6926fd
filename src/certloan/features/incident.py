"""What went wrong, as the authorities settled it: penalties by kind, recalls, upheld complaints, accidents.

A penalty that was repaired or overturned is void from that day (its ``void_on``), and one whose longest publication
period has ended (``published``) says nothing more: neither has an effect, on a decision or on training. A tip-off (举报) is no complaint (投诉), and a complaint counts only once it was
found true; both are told by the thousand against large sellers, so complaints are read relative to sales.
"""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import Count, Max, Sum
from certloan.features.spec import DerivedSpec, FeatureSpec, Missing, Spec, Unit, Use, Window, Withheld
from certloan.features.withheld import measured

_INCIDENT = partial(
    FeatureSpec,
    family=Family.QUALITY,
    dimension=Dimension.CREDIT,
    table="incident",
    missing=Missing.ZERO_IF_DELIVERED,
)
_COUNT = partial(_INCIDENT, aggregate=Count(), unit=Unit.COUNT, direction=-1)
_DERIVED = partial(DerivedSpec, family=Family.QUALITY, dimension=Dimension.CREDIT, unit=Unit.RATIO, direction=-1)

# fmt: off
SPECS: tuple[Spec, ...] = (
    _COUNT(
        name="quality_penalty_12m_n", zh="近12个月产品质量行政处罚次数", en="product-quality penalties in 12 months",
        where="of_quality", window=Window(12), source="处罚信息公示规定",
    ),
    _COUNT(
        name="quality_penalty_36m_n", zh="近36个月产品质量行政处罚次数", en="product-quality penalties in 36 months",
        where="of_quality", window=Window(36), source="鲁质贷(2025) 质量信用",
    ),
    _COUNT(
        name="quality_penalty_60m_n", zh="近60个月产品质量行政处罚次数", en="product-quality penalties in 60 months",
        # As many as in 36 months while no rule shows a penalty longer; five years where a user's own table does.
        where="of_quality", window=Window(60), use=Use.FACT, source="浙江省公共信用信息管理条例第十六条",
    ),
    _COUNT(
        name="penalty_fraud_60m_n", zh="近60个月伪造、冒用、买卖认证证书或标志的处罚次数",
        en="penalties for forged, borrowed or bought certificates or marks in 60 months",
        where="penalty and category = 'certification_fraud'", window=Window(60), use=Use.FACT,
        source="S3 伪造冒用认证",
    ),
    _COUNT(
        name="penalty_compulsory_60m_n", zh="近60个月违反强制性认证或许可的处罚次数",
        en="penalties for breaking compulsory certification or licensing in 60 months",
        where="penalty and category in ('compulsory_certification', 'licence')", window=Window(60),
        use=Use.FACT, source="认证认可条例(2023)第六十六条",
    ),
    _COUNT(
        name="penalty_other_36m_n", zh="近36个月其他行政处罚次数(计量、广告等)", en="other penalties in 36 months (measurement, advertising and the like)",
        where="penalty and not of_quality", window=Window(36), source="处罚信息公示规定",
    ),
    _INCIDENT(
        name="penalty_form_60m", zh="近60个月最重的处罚种类(5吊销、4停产、3没收、2罚款或未注明、1通报、0无)",
        en="heaviest form of penalty in 60 months (5 revoked, 4 stopped, 3 confiscation, 2 fine or not told, 1 criticism, 0 none)",
        aggregate=Max("case when penalty then form_level else 0 end"), window=Window(60), unit=Unit.LEVEL,
        direction=-1, source="产品质量法(2018)第十七条",
    ),
    *(
        _COUNT(
            # What stops production is shown for three years and may never be taken off early (行政处罚信息公示规定 十四).
            name=f"penalty_stopped_{span}m_n", zh=f"近{span}个月停产停业或吊销许可的处罚次数",
            en=f"penalties that stopped production or revoked a licence in {span} months",
            where="penalty and form in ('suspension', 'revocation')", window=Window(span), use=Use.FACT,
            source="处罚信息公示规定",
        )
        for span in (36, 60)
    ),
    _INCIDENT(
        name="penalty_amount_36m", zh="近36个月行政处罚金额", en="amount of penalties in 36 months",
        aggregate=Sum("amount"), where="penalty", window=Window(36), unit=Unit.YUAN, direction=-1, use=Use.FACT,
        source="处罚信息公示规定",
    ),
    _DERIVED(
        name="penalty_to_revenue_36m", zh="近36个月行政处罚金额与营业收入比",
        en="amount of penalties in 36 months to revenue",
        expression=measured("penalty_amount_36m", "ent_revenue", 0.2),
        source="处罚信息公示规定",
        withheld_as=Withheld(("ent_revenue",), 0.2),
    ),
    _COUNT(
        name="incident_recall_ordered_36m_n", zh="近36个月责令召回次数", en="ordered recalls in 36 months",
        where="kind = 'recall' and ordered = 'ordered'", window=Window(36), source="S1 缺陷产品召回",
    ),
    _COUNT(
        # To recall by one's own will is responsible: neither praised nor held against.
        name="incident_recall_voluntary_36m_n", zh="近36个月主动召回次数", en="voluntary recalls in 36 months",
        where="kind = 'recall' and ordered = 'voluntary'", window=Window(36), direction=0, use=Use.FACT,
        source="S1 缺陷产品召回",
    ),
    _COUNT(
        name="incident_complaint_36m_n", zh="近36个月属实投诉次数", en="upheld complaints in 36 months",
        where="kind = 'complaint' and evident", window=Window(36), actionable=True, use=Use.FACT,
        source="投诉举报处理办法(2022)",
    ),
    _DERIVED(
        name="incident_complaint_rate_36m", zh="近36个月每千万元营业收入的属实投诉数",
        en="upheld complaints in 36 months per 10 million yuan of revenue",
        expression=measured("incident_complaint_36m_n * 10000000", "ent_revenue", 50),
        actionable=True, source="投诉举报处理办法(2022)",
        withheld_as=Withheld(("ent_revenue",), 50),
    ),
    _DERIVED(
        # By head-count for whoever publishes no revenue: for the officer, because a head-count may be withheld too.
        name="incident_complaint_per_100", zh="近36个月每百名从业人员的属实投诉数", en="upheld complaints in 36 months per 100 employees",
        expression="case when incident_complaint_36m_n = 0 then 0 else ratio(incident_complaint_36m_n * 100, ent_employees) end",
        use=Use.FACT, source="投诉举报处理办法(2022)",
    ),
    _COUNT(
        # Told to the officer, never scored: a tip-off proves nothing, and some are made for a living.
        name="incident_report_36m_n", zh="近36个月举报次数(不作评价)", en="tip-offs in 36 months (never scored)",
        where="kind = 'report'", window=Window(36), direction=0, use=Use.FACT, source="投诉举报处理办法(2022)",
    ),
    _COUNT(
        name="incident_accident_60m_n", zh="近60个月质量事故次数", en="quality accidents in 60 months",
        where="kind = 'accident'", window=Window(60), source="S1 事故强制报告",
    ),
    _COUNT(
        name="incident_serious_36m_n", zh="近36个月严重质量事件次数", en="serious quality incidents in 36 months",
        where="evident and severity = 'serious'", window=Window(36), source="信用修复管理办法(2025)",
    ),
    _INCIDENT(
        name="incident_amount_36m", zh="近36个月质量事件涉及金额", en="amount of quality incidents in 36 months",
        aggregate=Sum("amount"), where="evident", window=Window(36), unit=Unit.YUAN, direction=-1, use=Use.FACT,
        source="处罚信息公示规定",
    ),
)
# fmt: on
