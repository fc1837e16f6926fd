"""An account of one decision, made up by hand, for pictures and pieces of pages."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from certloan.services.explain_case import Explanation, GateTold, Point, Reason, Record, TimelineItem

_POINTS = (
    (
        "cert_valid_audits",
        "有效认证审核数（一审多证计一次）",
        "valid certification audits (several certificates of one audit count once)",
        "3",
        24,
    ),
    ("credit_max_days_past_due_12m", "近12个月最长逾期天数", "most days past due, last 12 months", "42", -31),
    ("inspection_failed_24m", "近24个月监督抽查不合格次数", "failed inspections, last 24 months", "1", -14),
    ("cert_days_to_expiry", "主要证书距到期天数", "days to expiry of the main certificate", "610", 9),
    ("years_registered", "成立年限", "years since registration", "12", 8),
    ("invoice_net_12m", "近12个月开票净额", "net invoiced, last 12 months", "¥ 23,400,000", 7),
    ("tax_grade", "纳税信用等级", "tax credit grade", "A", 6),
    ("honour_valid", "有效荣誉资质数", "valid honours", "1", 5),
    ("utilisation", "授信使用率", "credit utilisation", "83%", -5),
    ("inquiries_6m", "近6个月征信查询次数", "credit inquiries, last 6 months", "5", -4),
    ("standards_led", "主导制定标准数", "standards led", "1", 3),
    ("patents", "有效专利数", "patents in force", "4", 2),
    ("amount_to_revenue", "申请金额与营业收入之比", "amount asked over revenue", "0.13", -1),
)

_CERTIFICATE = Record(
    "certificate",
    (
        ("证书编号", "certificate number", "01626Q10234R2M", "01626Q10234R2M"),
        ("到期日期", "expires on", "2027年11月20日", "20 Nov 2027"),
    ),
)


def explanation(**changes: object) -> Explanation:
    """Give an account whose base and points add up to its score."""
    told = tuple(
        Point(name, zh, en, "credit", 1.0, value, value, moved, float(moved)) for name, zh, en, value, moved in _POINTS
    )
    ordered = tuple(sorted(told, key=lambda point: -abs(point.points)))
    day = dt.date
    values: dict[str, object] = {
        "application_id": "L2026000123",
        "uscc": "91330782MA2E4X7P9Q",
        "name": "义乌市启明机电有限公司",
        "as_of": day(2026, 3, 18),
        "amount": Decimal("3000000"),
        "outcome": "refer",
        "score": 603 + sum(point.points for point in told),
        "grade": "B",
        "pd": 0.0312,
        "limit": Decimal("2400000"),
        "base_points": 603,
        "points": ordered,
        "reasons_for": (
            Reason(
                "cert_valid_audits",
                24,
                "有效认证审核 3 次：证书编号 01626Q10234R2M",
                "3 valid certification audits: certificate number 01626Q10234R2M",
                (_CERTIFICATE,),
            ),
            Reason("years_registered", 8, "成立 12 年", "registered for 12 years", ()),
        ),
        "reasons_against": (
            Reason(
                "credit_max_days_past_due_12m",
                -31,
                "近12个月最长逾期 42 天",
                "42 days past due at most in the last 12 months",
                (),
            ),
            Reason(
                "inspection_failed_24m",
                -14,
                "近24个月监督抽查不合格 1 次",
                "1 failed inspection in the last 24 months",
                (),
            ),
        ),
        "gates": (
            GateTold(
                "recent-past-due",
                "refer",
                "近12个月逾期超过30天，需人工复核",
                "More than 30 days past due within 12 months: a person must look",
                ("S2-4.2",),
            ),
        ),
        "gates_without_facts": ("ccc-missing",),
        "timeline": (
            TimelineItem(
                "certificate",
                "质量管理体系认证 01626Q10234R2M",
                "Quality management system 01626Q10234R2M",
                day(2024, 11, 21),
                day(2027, 11, 20),
                "good",
            ),
            TimelineItem(
                "certificate",
                "环境管理体系认证 01626E10235R0M",
                "Environmental management system 01626E10235R0M",
                day(2022, 5, 3),
                day(2025, 5, 2),
                "neutral",
            ),
            TimelineItem(
                "certificate",
                "强制性产品认证 2023010905661234",
                "Compulsory product certification 2023010905661234",
                day(2023, 8, 9),
                day(2028, 8, 8),
                "good",
            ),
            TimelineItem("surveillance", "监督审核通过", "surveillance audit passed", day(2025, 10, 14), None, "good"),
            TimelineItem("surveillance", "证书暂停", "certificate suspended", day(2024, 4, 2), None, "bad"),
            TimelineItem(
                "inspection",
                "省级监督抽查：未发现不合格",
                "provincial inspection: no nonconformity found",
                day(2024, 9, 1),
                None,
                "good",
            ),
            TimelineItem(
                "inspection",
                "国家监督抽查：不合格",
                "national inspection: nonconforming",
                day(2025, 6, 11),
                None,
                "bad",
            ),
            TimelineItem("incident", "责令召回", "ordered recall", day(2025, 7, 20), None, "bad"),
            TimelineItem(
                "list", "经营异常名录", "list of abnormal operations", day(2023, 7, 6), day(2023, 9, 10), "bad"
            ),
            TimelineItem("credit", "逾期 42 天", "42 days past due", day(2025, 9, 1), None, "bad"),
            TimelineItem("credit", "逾期 12 天", "12 days past due", day(2025, 8, 1), None, "bad"),
            TimelineItem(
                "honour", "市政府质量奖", "city government quality award", day(2023, 12, 1), day(2026, 12, 1), "good"
            ),
        ),
        "fingerprint": "3f9c1ab2d4e5",
        "policy_id": "2026-01",
        "policy_hash": "a1b2c3d4",
        "decided_by": ("gate",),
    }
    return Explanation(**(values | changes))  # type: ignore[arg-type]
