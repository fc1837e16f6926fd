"""What certificates say: how many are valid on the day, how independent the proof is, how they were kept."""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import Count, CountDistinct, Exists, Max, Min
from certloan.features.spec import DerivedSpec, FeatureSpec, Missing, Unit, Use, Window

_CERTIFICATE = partial(FeatureSpec, family=Family.CERTIFICATION, table="certificate_state", actionable=True)
#: The certificate register is complete: once delivered, no row means no certificate, of any kind.
_COUNTED = partial(_CERTIFICATE, missing=Missing.ZERO_IF_DELIVERED, unit=Unit.COUNT)
_EVENT = partial(FeatureSpec, family=Family.CERTIFICATION, table="certificate_event", missing=Missing.ZERO_IF_DELIVERED)

# fmt: off
SPECS = (
    _CERTIFICATE(
        name="cert_known", zh="有认证记录", en="has certificate records",
        dimension=Dimension.FOUNDATION, aggregate=Exists(), unit=Unit.YES_NO, missing=Missing.ZERO_IF_DELIVERED,
        source="FIELD §2.1", actionable=False,
    ),
    _COUNTED(
        name="cert_valid_n", zh="有效证书数", en="valid certificates",
        dimension=Dimension.FOUNDATION, aggregate=Count(), where="state = 'valid'",
        direction=+1, source="S3 获证企业授信",
    ),
    _COUNTED(
        # One audit that printed five certificates counts once.
        name="cert_valid_audits", zh="有效证书对应的独立审核数", en="distinct audits behind valid certificates",
        dimension=Dimension.FOUNDATION, aggregate=CountDistinct("coalesce(audit_id, certificate_no)"),
        where="state = 'valid' and strength >= 3", direction=+1, source="S4 一审多证",
    ),
    _COUNTED(
        name="cert_accredited_n", zh="带CNAS认可标识的有效证书数", en="valid certificates under CNAS accreditation",
        dimension=Dimension.FOUNDATION, aggregate=Count(), where="state = 'valid' and accreditation = 'cnas'",
        direction=+1, source="FIELD §9(3)",
    ),
    _COUNTED(
        name="cert_third_party_n", zh="第三方认证的有效证书数", en="valid third-party certificates",
        dimension=Dimension.FOUNDATION, aggregate=Count(), where="state = 'valid' and assurance = 'third_party'",
        direction=+1, source="FIELD §9(3)",
    ),
    _COUNTED(
        name="cert_self_declared_n", zh="自我声明的有效证书数", en="valid self-declarations",
        dimension=Dimension.FOUNDATION, aggregate=Count(), where="state = 'valid' and assurance = 'self_declared'",
        direction=+1, source="S0 “标准＋自我声明”",
    ),
    _COUNTED(
        name="cert_schemes_n", zh="有效认证项目数", en="schemes with a valid certificate",
        dimension=Dimension.FOUNDATION, aggregate=CountDistinct("scheme"), where="state = 'valid'",
        direction=+1, source="S4 “1+N”认证",
    ),
    _COUNTED(
        name="cert_schemes_held_n", zh="曾持证的认证项目数(不计被换发的旧证)",
        en="schemes ever certified, replaced certificates aside",
        dimension=Dimension.FOUNDATION, aggregate=CountDistinct("scheme"), where="state <> 'replaced'",
        source="FIELD §9(3)", actionable=False, use=Use.FACT,
    ),
    _COUNTED(
        # A suspension may still be lifted: the scheme is not lost by it.
        name="cert_schemes_kept_n", zh="未丧失的认证项目数(含暂停中)", en="schemes not lost, those under suspension included",
        dimension=Dimension.FOUNDATION, aggregate=CountDistinct("scheme"),
        where="state in ('valid', 'suspended', 'not_yet')", source="FIELD §2.4", actionable=False, use=Use.FACT,
    ),
    DerivedSpec(
        name="cert_unrenewed_n", zh="失效后未再取得的认证项目数", en="schemes lost and not regained",
        family=Family.CERTIFICATION, dimension=Dimension.FOUNDATION,
        expression="cert_schemes_held_n - cert_schemes_kept_n", unit=Unit.COUNT, direction=-1, actionable=True,
        source="FIELD §2.4",
    ),
    _COUNTED(
        name="cert_management_n", zh="有效管理体系证书数", en="valid management-system certificates",
        dimension=Dimension.MANAGEMENT, aggregate=Count(),
        where="state = 'valid' and scheme_class = 'management_system'", direction=+1,
        source="S3 质量管理体系认证“升级版”",
    ),
    _COUNTED(
        # The certificate names three organisations; the factory that only makes for others does not hold it.
        name="cert_ccc_n", zh="有效强制性产品认证(CCC)证书数", en="valid compulsory (CCC) certificates",
        dimension=Dimension.FOUNDATION, aggregate=Count(),
        where="state = 'valid' and scheme_class = 'ccc' and coalesce(role, 'client') <> 'factory'",
        direction=+1, source="FIELD §2.1 委托人/生产者",
    ),
    _COUNTED(
        name="cert_green_n", zh="有效绿色低碳证书数", en="valid green and low-carbon certificates",
        dimension=Dimension.FOUNDATION, aggregate=Count(), where="state = 'valid' and scheme_class = 'green'",
        direction=+1, source="S4 绿色产品认证",
    ),
    _COUNTED(
        name="cert_regional_brand_n", zh="有效区域品牌认证数(品字标、广东优质等)", en="valid regional brand certificates",
        dimension=Dimension.BRAND, aggregate=Count(), where="state = 'valid' and scheme_class = 'regional_brand'",
        direction=+1, source="S1 品字标",
    ),
    _CERTIFICATE(
        name="cert_nearest_expiry_days", zh="最近到期证书的剩余天数", en="days until the first valid certificate expires",
        dimension=Dimension.FOUNDATION, aggregate=Min("days_between(as_of, expires_on)"), where="state = 'valid'",
        unit=Unit.DAYS, direction=+1, source="FIELD §2.4",
    ),
    _CERTIFICATE(
        name="cert_first_issue_months", zh="最早获证距今月数",
        en="months since the oldest valid certificate was first issued",
        dimension=Dimension.MANAGEMENT,
        aggregate=Max("months_between(coalesce(first_issued_on, issued_on), as_of)"), where="state = 'valid'",
        order="coalesce(first_issued_on, issued_on)",
        unit=Unit.MONTHS, direction=+1, source="FIELD §2.1 初次获证日期", actionable=False,
    ),
    _COUNTED(
        name="cert_suspended_n", zh="暂停中的证书数", en="certificates under suspension",
        dimension=Dimension.FOUNDATION, aggregate=Count(), where="state = 'suspended'",
        direction=-1, source="FIELD §2.4",
    ),
    _CERTIFICATE(
        name="cert_headcount", zh="有效证书覆盖的最大人数", en="largest headcount covered by a valid certificate",
        dimension=Dimension.MANAGEMENT, aggregate=Max("headcount_covered"), where="state = 'valid'",
        unit=Unit.PERSONS, source="FIELD §2.1", use=Use.FACT,
    ),
    DerivedSpec(
        name="cert_headcount_share", zh="证书覆盖人数占从业人数比", en="share of staff covered by certification",
        family=Family.CERTIFICATION, dimension=Dimension.MANAGEMENT,
        expression="case when cert_headcount > ent_employees then 1 else ratio(cert_headcount, ent_employees) end", unit=Unit.SHARE, direction=+1, actionable=True,
        source="FIELD §2.1", use=Use.FACT,
    ),
    _EVENT(
        name="cert_suspensions_24m_n", zh="近24个月证书被暂停次数", en="suspensions in 24 months",
        dimension=Dimension.FOUNDATION, aggregate=Count(), where="event = 'suspended'", window=Window(24),
        unit=Unit.COUNT, direction=-1, source="FIELD §2.4",
    ),
    _EVENT(
        # An old certificate that is withdrawn because a new one replaced it says nothing bad.
        name="cert_withdrawn_36m_n", zh="近36个月证书被撤销次数", en="withdrawals in 36 months",
        dimension=Dimension.FOUNDATION, aggregate=Count(), where="event = 'withdrawn' and not coalesce(replaced, false)", window=Window(36),
        unit=Unit.COUNT, direction=-1, source="FIELD §2.6",
    ),
    _EVENT(
        name="cert_surveillance_24m_n", zh="近24个月监督审核通过次数", en="surveillance audits passed in 24 months",
        dimension=Dimension.MANAGEMENT, aggregate=Count(), where="event = 'surveillance_passed'", window=Window(24),
        unit=Unit.COUNT, direction=+1, actionable=True, source="FIELD §2.4",
    ),
)
# fmt: on
