"""How certificates are kept: expiry, surveillance, suspension, withdrawal, renewal, and for how long without a break.

What only events can tell is unknown until the events of certificates have been delivered.
"""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import CountDistinct, Max, Min
from certloan.features.spec import FeatureSpec, Missing, Unit, Use, Window

_CERTIFICATE = partial(FeatureSpec, family=Family.CERTIFICATION, table="certificate_state", actionable=True)
_COUNTED = partial(
    _CERTIFICATE, missing=Missing.ZERO_IF_DELIVERED, unit=Unit.COUNT, dimension=Dimension.FOUNDATION,
    aggregate=CountDistinct("audit"),
)  # fmt: skip
_EVENT = partial(
    FeatureSpec, family=Family.CERTIFICATION, table="certificate_event", missing=Missing.ZERO_IF_DELIVERED,
    aggregate=CountDistinct("occasion"), unit=Unit.COUNT,
)  # fmt: skip


def _told(holds: str, delivered: str) -> str:
    """Word yes (1) or no (0), unknown where the source that would tell was never delivered."""
    return f"case when not {delivered} then null when {holds} then 1 else 0 end"


# fmt: off
SPECS = (
    _CERTIFICATE(
        # What is held for longest: a further certificate that ends sooner takes nothing from a firm.
        name="cert_days_left", zh="独立审核支撑的最长有效证书剩余天数(一年以上按365天计)",
        en="days until the last independently audited certificate expires, at most 365",
        dimension=Dimension.FOUNDATION, aggregate=Max("least(days_between(as_of, ends_on), 365)"),
        where="weighs and strength >= 3 and ends_on is not null", order="ends_on",
        unit=Unit.DAYS, direction=+1, source="CNCA-QMS-01:2025 监督与再认证",
    ),
    _CERTIFICATE(
        # For the officer, who sees what is due next. A firm that holds more has something due sooner, and is no worse.
        name="cert_nearest_expiry_days", zh="最近到期证书的剩余天数(一年以上按365天计)",
        en="days until the first valid certificate expires, at most 365",
        dimension=Dimension.FOUNDATION, aggregate=Min("least(days_between(as_of, ends_on), 365)"),
        where="counts and ends_on is not null", order="ends_on",
        unit=Unit.DAYS, source="CNCA-QMS-01:2025 再认证", use=Use.FACT,
    ),
    _COUNTED(
        name="cert_due_90d_schemes", zh="90天内到期且尚未换证的项目数", en="schemes that expire within 90 days and are not renewed yet",
        aggregate=CountDistinct("scheme"), where="counts and days_between(as_of, ends_on) <= 90",
        direction=-1, source="CNCA-QMS-01:2025 再认证; 认监委2009年第42号", use=Use.FACT,
    ),
    _CERTIFICATE(
        # The newest look that an outside auditor took: a further certificate, however old its audit, takes nothing from a
        # firm. What is neglected beside it stands in the overdue and the suspended.
        name="cert_audit_age_days", zh="有效证书距最近一次审核的天数(取最近者)", en="days since the newest audit behind a valid certificate",
        dimension=Dimension.MANAGEMENT, aggregate=Min("gap_days"), where="weighs and next_audit_on is not null",
        unit=Unit.DAYS, direction=-1, source="CNCA-QMS-01:2025 监督间隔",
    ),
    _CERTIFICATE(
        name="cert_gap_used", zh="监督间隔已用去的比例(取最小者,按当日规则版本)", en="used-up share of the allowed time between audits, of the certificate with most of it left",
        dimension=Dimension.MANAGEMENT, aggregate=Min("gap_used"), where="trusted and state in ('valid', 'overdue')",
        unit=Unit.SHARE, direction=-1, source="CNCA-QMS-01:2025 监督间隔",
    ),
    _CERTIFICATE(
        name="cert_overdue", zh="有证书超过监督期限未审核", en="a certificate is overdue for surveillance",
        dimension=Dimension.MANAGEMENT, where="tracked and trusted",
        aggregate=Max("case when late then 1 else 0 end"),
        unit=Unit.YES_NO, direction=-1, source="CNCA-QMS-01:2025 监督间隔",
    ),
    _COUNTED(
        name="cert_overdue_audits", zh="超过监督期限的证书对应的审核数", en="audits behind certificates overdue for surveillance",
        where="late", direction=-1, source="CNCA-QMS-01:2025 监督间隔", use=Use.FACT,
    ),
    _COUNTED(
        name="cert_transition_audits", zh="按新规则超期、按上次审核时的规则尚未到期的证书对应的审核数",
        en="audits overdue by the new rule that the rule of their day still allowed",
        where="late and in_transition", source="CNCA-QMS-01:2025 监督间隔", use=Use.FACT,
    ),
    _CERTIFICATE(
        name="cert_special_audit_missed", zh="国家监督抽查不合格后未按期接受特殊审核", en="no short-notice audit in time after failing a national spot check",
        dimension=Dimension.MANAGEMENT, where="register_state = 'valid' and trusted and (scheme_root = 'A01' or scheme_parent = 'A01')",
        aggregate=Max(_told("coalesce(special_audit_missed, false)", "(certificate_event_delivered and inspection_delivered)")),
        unit=Unit.YES_NO, direction=-1, source="CNCA-QMS-01:2025 提前较短时间通知的审核",
    ),
    _CERTIFICATE(
        name="cert_first_issue_months", zh="最早获证距今月数(换证、升级连续计算)", en="months since the oldest valid certificate, or the one it renewed, was first issued",
        dimension=Dimension.MANAGEMENT, aggregate=Max("months_between(least(held_from, held_since), as_of)"),
        where="weighs", order="least(held_from, held_since)",
        unit=Unit.MONTHS, direction=+1, source="认证信息平台 初次获证日期", actionable=False,
    ),
    _CERTIFICATE(
        name="cert_continuous_months", zh="连续持证最长月数(中断后重新起算)", en="longest unbroken holding of a valid certificate, in months",
        dimension=Dimension.MANAGEMENT, aggregate=Max("months_between(held_since, as_of)"), where="weighs and strength >= 3",
        order="held_since", unit=Unit.MONTHS, direction=+1, source="认证信息平台 初次获证日期",
    ),
    _COUNTED(
        name="cert_recertified_n", zh="按期再认证次数", en="recertifications finished in time",
        dimension=Dimension.MANAGEMENT, where="recertified_in_time and trusted", direction=+1,
        source="S3 质量管理体系认证“升级版”",
    ),
    _COUNTED(
        name="cert_restarted_n", zh="中断后重新取证次数", en="certifications started anew after a gap",
        dimension=Dimension.MANAGEMENT, where="restarted", source="CNCA-QMS-01:2025 再认证", actionable=False, use=Use.FACT,
    ),
    _CERTIFICATE(
        name="cert_recertifications_max", zh="单张证书的最多再认证次数(登记或轨迹)", en="most recertifications of one certificate, as registered or told by events",
        dimension=Dimension.MANAGEMENT, aggregate=Max("greatest(recertification_n, case when certificate_event_delivered then recertified_n end)"), where="trusted",
        unit=Unit.COUNT, direction=+1, source="认证信息平台 再认证次数",
    ),
    _CERTIFICATE(
        name="cert_surveillances_max", zh="单张证书登记的最多监督次数", en="most surveillance audits registered for one valid certificate",
        dimension=Dimension.MANAGEMENT, aggregate=Max("surveillance_n"), where="weighs",
        unit=Unit.COUNT, direction=+1, source="认证信息平台 监督次数", use=Use.FACT,
    ),
    _COUNTED(
        name="cert_suspended_audits", zh="暂停中的证书对应的审核数", en="audits behind certificates under suspension",
        where="state = 'suspended' and own", direction=-1, source="CNCA-QMS-01:2025 暂停",
    ),
    _COUNTED(
        name="cert_lapsed_audits", zh="暂停期满仍未恢复的证书对应的审核数", en="audits behind certificates whose suspension ran out",
        where="state = 'lapsed' and own", direction=-1, source="CNCA-QMS-01:2025 再认证",
    ),
    _COUNTED(
        name="cert_schemes_held_n", zh="曾持证的认证项目数(升级与换版算同一项目,不计被换发的旧证)",
        en="schemes ever certified, with all their editions and upgrades as one, replaced certificates aside",
        aggregate=CountDistinct("family"), where="state <> 'replaced' and trusted",
        source="本项目推导 证书持续性", actionable=False, use=Use.FACT,
    ),
    _COUNTED(
        # A suspension may still be lifted and a late audit made up for: the scheme is not lost by them.
        name="cert_schemes_kept_n", zh="未丧失的认证项目数(含暂停中和超期未审)", en="schemes not lost, those under suspension or overdue included",
        aggregate=CountDistinct("family"), where="held",
        source="CNCA-QMS-01:2025 再认证", actionable=False, use=Use.FACT,
    ),
    _COUNTED(
        # One audit lost is one loss, however many papers it printed; so is a scheme, however often it was certified.
        name="cert_unrenewed_n", zh="近36个月失效且未再取得同类认证的审核数", en="audits lost in 36 months whose scheme was not regained",
        where="lost", order="lost_on", direction=-1, source="CNCA-QMS-01:2025 再认证",
    ),
    _EVENT(
        name="cert_suspensions_24m_n", zh="近24个月证书被暂停次数", en="suspensions in 24 months",
        dimension=Dimension.FOUNDATION, where="event = 'suspended'", window=Window(24), direction=-1, source="CNCA-QMS-01:2025 暂停",
    ),
    _EVENT(
        name="cert_suspensions_60m_n", zh="近60个月证书被暂停次数", en="suspensions in 60 months",
        dimension=Dimension.FOUNDATION, where="event = 'suspended'", window=Window(60), direction=-1, source="CNCA-QMS-01:2025 暂停",
    ),
    _EVENT(
        # An old certificate that is withdrawn because a new one replaced it says nothing bad.
        name="cert_withdrawn_36m_n", zh="近36个月证书被撤销次数", en="withdrawals in 36 months",
        dimension=Dimension.FOUNDATION, where="event = 'withdrawn' and not coalesce(replaced, false)", window=Window(36),
        direction=-1, source="认证认可条例(2023)第二十六条",
    ),
    _EVENT(
        name="cert_surveillance_24m_n", zh="近24个月监督审核通过次数", en="surveillance audits passed in 24 months",
        dimension=Dimension.MANAGEMENT, where="event in ('surveillance_passed', 'special_audit_passed') and possible",
        window=Window(24), direction=+1, actionable=True, source="CNCA-QMS-01:2025 监督间隔",
    ),
)
# fmt: on
