"""Who lends and asks: open accounts, when they fall due, new debt, extensions, guarantees given, inquiries."""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import Count, CountDistinct, Exists, FirstSeen, Latest, Max, Share, Sum, TopShare
from certloan.features.spec import DerivedSpec, FeatureSpec, Missing, Spec, Unit, Use, Window, Withheld
from certloan.features.withheld import measured

_OPEN_DEBT = "borrowed and unmatured"
_OPEN_GUARANTEE = "kind = 'guarantee' and unmatured"
_MATURES_IN = "year(matures_on) * 12 + month(matures_on)"
_SPANS = (3, 6, 12)

_ACCOUNT = partial(FeatureSpec, family=Family.CREDIT, dimension=Dimension.LENDING, table="credit_account")
_ASKED = partial(
    FeatureSpec,
    family=Family.CREDIT,
    dimension=Dimension.LENDING,
    table="credit_inquiry",
    where="purpose = 'loan_approval'",
    missing=Missing.ZERO_IF_DELIVERED,
    unit=Unit.COUNT,
    direction=-1,
    actionable=True,
    source="企业信用报告 EA01 查询原因",
)
_DERIVED = partial(DerivedSpec, family=Family.CREDIT, dimension=Dimension.LENDING)

# fmt: off
SPECS: tuple[Spec, ...] = (
    _ACCOUNT(
        name="credit_accounts_n", zh="未到期信贷账户数", en="credit accounts not yet matured",
        aggregate=Count(), where="unmatured", unit=Unit.COUNT, source="企业信用报告 EB02",
    ),
    _ACCOUNT(
        # Who never did is a first borrower (首贷户), which supervisors count and no product may hold against it.
        name="credit_borrowed_before", zh="曾经借款", en="has borrowed before",
        aggregate=Exists(), where="borrowed", missing=Missing.ZERO_IF_DELIVERED, unit=Unit.YES_NO,
        source="小微金融监管评价办法 首贷", use=Use.FACT,
    ),
    _ACCOUNT(
        name="credit_lenders_n", zh="未到期信贷机构数", en="lenders of open accounts",
        aggregate=CountDistinct("lender"), where="unmatured", unit=Unit.COUNT, source="企业信用报告 EB01",
    ),
    _ACCOUNT(
        name="credit_limit_open", zh="未到期账户授信总额", en="limits of open accounts",
        aggregate=Sum("credit_limit"), where=_OPEN_DEBT, unit=Unit.YUAN, source="企业信用报告 EB03", use=Use.FACT,
    ),
    _DERIVED(
        # Limits beyond what the business turns over are over-granted (过度授信), however many lenders agreed.
        name="credit_limit_to_revenue", zh="授信总额与营业收入比",
        en="limits to revenue",
        expression=measured("credit_limit_open", "ent_revenue", 2), unit=Unit.RATIO, direction=-1,
        source="企业信用报告 EB03",
        withheld_as=Withheld(("ent_revenue",), 2),
    ),
    _ACCOUNT(
        name="credit_top_lender_share", zh="最大信贷机构授信占比", en="share of the largest lender in open limits",
        aggregate=TopShare("credit_limit", by="lender"), where=_OPEN_DEBT, unit=Unit.SHARE, source="企业信用报告 EB01",
    ),
    _ACCOUNT(
        name="credit_maturity_peak_share", zh="最集中一个月到期的授信占比",
        en="largest share of open limits that falls due in one month",
        aggregate=TopShare("credit_limit", by=_MATURES_IN), where=_OPEN_DEBT, unit=Unit.SHARE, direction=-1,
        actionable=True, source="企业信用报告 ED01 到期",
    ),
    *(
        _ACCOUNT(
            name=f"credit_maturing_{span}m", zh=f"{span}个月内到期的授信", en=f"limits that fall due within {span} months",
            aggregate=Sum("credit_limit"), where=f"{_OPEN_DEBT} and matures_on < add_months(as_of, {span})",
            unit=Unit.YUAN, source="企业信用报告 ED01 到期", use=Use.FACT,
        )
        for span in (6, 12)
    ),
    *(
        _DERIVED(
            name=f"credit_maturing_share_{span}m", zh=f"{span}个月内到期的授信占比",
            en=f"share of open limits that falls due within {span} months",
            expression=f"ratio(credit_maturing_{span}m, credit_limit_open)", unit=Unit.SHARE, direction=-1,
            source="企业信用报告 ED01 到期",
        )
        for span in (6, 12)
    ),
    *(
        _ACCOUNT(
            name=f"credit_new_accounts_{span}m_n", zh=f"近{span}个月新增借款账户数",
            en=f"borrowing accounts opened in {span} months",
            aggregate=Count(), where="borrowed", window=Window(span), unit=Unit.COUNT, direction=-1, actionable=True,
            source="企业信用报告 ED01",
        )
        for span in _SPANS
    ),
    _ACCOUNT(
        name="credit_new_limit_12m", zh="近12个月新增授信", en="limits granted in 12 months",
        aggregate=Sum("credit_limit"), where="borrowed", window=Window(12), unit=Unit.YUAN, source="企业信用报告 ED01",
        use=Use.FACT,
    ),
    _DERIVED(
        name="credit_new_limit_to_revenue", zh="近12个月新增授信与营业收入比",
        en="limits granted in 12 months to revenue",
        expression=measured("credit_new_limit_12m", "ent_revenue", 2), unit=Unit.RATIO, direction=-1,
        source="企业信用报告 ED01",
        withheld_as=Withheld(("ent_revenue",), 2),
    ),
    _ACCOUNT(
        name="credit_new_lenders_12m_n", zh="近12个月首次合作的信贷机构数", en="lenders who lent for the first time in 12 months",
        aggregate=FirstSeen("lender"), where="borrowed", window=Window(12), unit=Unit.COUNT, direction=-1,
        source="企业信用报告 EB01 机构数",
    ),
    _ACCOUNT(
        # 展期 puts a payment off; the renewal of a small firm's loan (续贷) is a new account and is not held against it.
        name="credit_extended_n", zh="未到期账户中展期的账户数", en="open accounts that were extended",
        aggregate=Count(), where=f"{_OPEN_DEBT} and extended", unit=Unit.COUNT, direction=-1,
        source="企业信用报告 ED01 展期",
    ),
    _ACCOUNT(
        name="credit_extended_share_60m", zh="近5年借款账户展期占比", en="share of accounts opened in 5 years that were extended",
        aggregate=Share("extended"), where="borrowed", window=Window(60), unit=Unit.SHARE, direction=-1,
        source="企业信用报告 ED01 展期",
    ),
    _ACCOUNT(
        name="credit_guarantees_n", zh="未到期对外担保笔数", en="open guarantees given",
        aggregate=Count(), where=_OPEN_GUARANTEE, unit=Unit.COUNT, direction=-1, source="企业信用报告 EB05",
    ),
    _ACCOUNT(
        name="credit_guarantee_amount", zh="未到期对外担保责任金额", en="amount of open guarantees given",
        aggregate=Sum("credit_limit"), where=_OPEN_GUARANTEE, unit=Unit.YUAN, direction=-1,
        source="企业信用报告 EB05 责任金额", use=Use.FACT,
    ),
    FeatureSpec(
        name="credit_guarantees_reported", zh="最近年报所列对外担保", en="guarantees told in the latest annual report",
        family=Family.CREDIT, dimension=Dimension.LENDING, table="annual_report", aggregate=Latest("guarantees"),
        unit=Unit.YUAN, direction=-1, source="企业信息公示暂行条例第九条", use=Use.FACT,
    ),
    _DERIVED(
        name="credit_guaranteed_to_revenue", zh="信贷记录所示对外担保与营业收入比",
        en="guarantees in the credit record to revenue",
        expression=measured("credit_guarantee_amount", "ent_revenue", 2), unit=Unit.RATIO, direction=-1,
        source="企业信用报告 EB05 相关还款责任",
        withheld_as=Withheld(("ent_revenue",), 2),
    ),
    _DERIVED(
        # Two sources may tell of the same guarantees; the larger of both counts, never their sum. A figure of the annual
        # report may be withheld: a model that read it would reward those who hide it.
        name="credit_contingent_to_revenue", zh="或有负债与营业收入比", en="contingent debt to revenue",
        expression="ratio(greatest(credit_guarantee_amount, credit_guarantees_reported), ent_revenue)",
        unit=Unit.RATIO, direction=-1, source="企业信用报告 EB05 相关还款责任", use=Use.FACT,
    ),
    _ACCOUNT(
        name="credit_history_months", zh="首次信贷距今月数", en="months since the first credit account",
        aggregate=Max("months_between(opened_on, as_of)"), order="opened_on", unit=Unit.MONTHS, direction=+1,
        source="企业信用报告 EB01 首次信贷年份",
    ),
    *(
        _ASKED(
            name=f"credit_inquiries_{span}m_n", zh=f"近{span}个月贷款审批查询次数",
            en=f"loan-approval inquiries in {span} months", aggregate=Count(), window=Window(span),
        )
        for span in _SPANS
    ),
    *(
        _ASKED(
            name=f"credit_inquirers_{span}m_n", zh=f"近{span}个月贷款审批查询机构数",
            en=f"lenders who inquired for loan approval in {span} months", aggregate=CountDistinct("lender"),
            window=Window(span),
        )
        for span in (6, 12)
    ),
    _DERIVED(
        # Most of those who asked and did not lend were not persuaded; who lends again is no new lender.
        name="credit_asked_not_lent_12m_n", zh="近12个月查询而未新增合作的机构数",
        en="lenders who inquired in 12 months less those who lent for the first time",
        expression="case when credit_inquirers_12m_n < credit_new_lenders_12m_n then 0"
        " else credit_inquirers_12m_n - credit_new_lenders_12m_n end", unit=Unit.COUNT,
        source="企业信用报告 EA01 查询原因",
    ),
)
# fmt: on
