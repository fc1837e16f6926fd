"""How debts were served, who asked, and what the tax authority thinks."""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import Count, CountDistinct, CountMonths, Exists, Latest, Max, PerMonth, Ratio, Sum
from certloan.features.spec import DerivedSpec, FeatureSpec, Missing, Unit, Use, Window

_FIVE_CLASS = (
    "case five_class when 'normal' then 1 when 'special_mention' then 2 when 'substandard' then 3"
    " when 'doubtful' then 4 when 'loss' then 5 end"
)
_OPEN = "matures_on is null or matures_on >= as_of"
# A term loan is drawn in full by its nature: only a line that may be drawn or not says anything by how far it is used.
_REVOLVING = "account_kind = 'credit_line'"
# A guarantee given is a debt of somebody else, until it is called.
_DEBT = "coalesce(account_kind, 'other') <> 'guarantee'"

_MONTH = partial(FeatureSpec, family=Family.CREDIT, dimension=Dimension.LENDING, table="credit_month")
_ACCOUNT = partial(FeatureSpec, family=Family.CREDIT, dimension=Dimension.LENDING, table="credit_account")
_DERIVED = partial(DerivedSpec, family=Family.CREDIT, dimension=Dimension.LENDING)
_TAX = partial(FeatureSpec, family=Family.CREDIT, dimension=Dimension.CREDIT, table="tax_grade")

# fmt: off
SPECS = (
    _MONTH(
        name="credit_known", zh="有信贷月度记录", en="has a credit history",
        aggregate=Exists(), unit=Unit.YES_NO, missing=Missing.ZERO_IF_DELIVERED, source="FIELD §4.1",
    ),
    _MONTH(
        name="credit_balance_3m", zh="近3个月月均借贷余额", en="mean monthly debt over 3 months",
        aggregate=PerMonth("balance"), where=_DEBT, window=Window(3), unit=Unit.YUAN, source="FIELD §4.1 EB01", use=Use.FACT,
    ),
    _MONTH(
        name="credit_balance_prior", zh="此前3至12个月月均借贷余额", en="mean monthly debt, 3 to 12 months ago",
        aggregate=PerMonth("balance"), where=_DEBT, window=Window(9, lag=3), unit=Unit.YUAN, source="FIELD §4.1 EB02",
        use=Use.FACT,
    ),
    _MONTH(
        name="credit_utilisation_3m", zh="近3个月循环授信使用率", en="utilisation of revolving credit lines over 3 months",
        aggregate=Ratio("balance", "credit_limit"), where=_REVOLVING, window=Window(3), unit=Unit.SHARE,
        direction=-1, actionable=True, source="FIELD §4.1 EB03",
    ),
    _MONTH(
        name="credit_utilisation_12m", zh="近12个月循环授信使用率", en="utilisation of revolving credit lines over 12 months",
        aggregate=Ratio("balance", "credit_limit"), where=_REVOLVING, window=Window(12), unit=Unit.SHARE,
        direction=-1, source="FIELD §4.1 EB03", use=Use.FACT,
    ),
    _DERIVED(
        name="credit_utilisation_trend", zh="循环授信使用率变化", en="change of the utilisation of revolving credit lines",
        expression="credit_utilisation_3m - credit_utilisation_12m", unit=Unit.RATIO, direction=-1,
        source="FIELD §4.1 EB03",
    ),
    _DERIVED(
        name="credit_balance_growth", zh="借贷余额增长率", en="growth of debt",
        expression="ratio(credit_balance_3m, credit_balance_prior) - 1", unit=Unit.RATIO, source="FIELD §4.1 EB02",
    ),
    _DERIVED(
        name="credit_debt_to_revenue", zh="借贷余额与营业收入比", en="debt to revenue",
        expression="ratio(credit_balance_3m, ent_revenue)", unit=Unit.RATIO, direction=-1, source="FIELD §4.1 EG",
    ),
    _MONTH(
        name="credit_dpd_max_6m", zh="近6个月最大逾期天数", en="worst days past due in 6 months",
        aggregate=Max("days_past_due"), window=Window(6), unit=Unit.DAYS, direction=-1, actionable=True,
        source="FIELD §4.2",
    ),
    _MONTH(
        name="credit_dpd_max_12m", zh="近12个月最大逾期天数", en="worst days past due in 12 months",
        aggregate=Max("days_past_due"), window=Window(12), unit=Unit.DAYS, direction=-1, source="FIELD §4.2",
    ),
    _MONTH(
        name="credit_dpd_max_24m", zh="近24个月最大逾期天数", en="worst days past due in 24 months",
        aggregate=Max("days_past_due"), window=Window(24), unit=Unit.DAYS, direction=-1, source="FIELD §4.2",
    ),
    _MONTH(
        name="credit_months_past_due_12m", zh="近12个月逾期月数", en="months past due in 12 months",
        aggregate=CountMonths(), where="days_past_due > 0", window=Window(12), unit=Unit.MONTHS, direction=-1,
        actionable=True, source="FIELD §4.1 ED01",
    ),
    _MONTH(
        name="credit_months_past_due_24m", zh="近24个月逾期月数", en="months past due in 24 months",
        aggregate=CountMonths(), where="days_past_due > 0", window=Window(24), unit=Unit.MONTHS, direction=-1,
        source="FIELD §4.1 ED01",
    ),
    _MONTH(
        name="credit_months_over_30_24m", zh="近24个月逾期超30天的月数", en="months over 30 days past due in 24 months",
        aggregate=CountMonths(), where="days_past_due > 30", window=Window(24), unit=Unit.MONTHS, direction=-1,
        source="FIELD §4.2",
    ),
    _MONTH(
        name="credit_worst_class_12m", zh="近12个月最差五级分类", en="worst five-class grade in 12 months",
        aggregate=Max(_FIVE_CLASS), window=Window(12), unit=Unit.LEVEL, direction=-1, source="FIELD §4.2 五级分类",
    ),
    _MONTH(
        name="credit_months_24m", zh="近24个月有信贷记录的月数", en="months with credit records in 24 months",
        aggregate=CountMonths(), window=Window(24), unit=Unit.MONTHS, direction=+1, source="FIELD §4.1 EB01",
    ),
    _ACCOUNT(
        name="credit_accounts_n", zh="未到期信贷账户数", en="credit accounts not yet matured",
        aggregate=Count(), where=_OPEN, unit=Unit.COUNT, source="FIELD §4.1 EB02",
    ),
    _ACCOUNT(
        name="credit_lenders_n", zh="未到期信贷机构数", en="lenders of open accounts",
        aggregate=CountDistinct("lender"), where=_OPEN, unit=Unit.COUNT, source="FIELD §4.1 EB01",
    ),
    _ACCOUNT(
        name="credit_limit_open", zh="未到期账户授信总额", en="limits of open accounts",
        aggregate=Sum("credit_limit"), where=f"coalesce(kind, 'other') <> 'guarantee' and ({_OPEN})", unit=Unit.YUAN, source="FIELD §4.1 EB03", use=Use.FACT,
    ),
    _ACCOUNT(
        name="credit_new_accounts_12m_n", zh="近12个月新开信贷账户数", en="accounts opened in 12 months",
        aggregate=Count(), window=Window(12), unit=Unit.COUNT, direction=-1, actionable=True,
        source="FIELD §4.1 ED01",
    ),
    _ACCOUNT(
        name="credit_guarantees_n", zh="未到期对外担保笔数", en="open guarantees given",
        aggregate=Count(), where=f"kind = 'guarantee' and ({_OPEN})", unit=Unit.COUNT, direction=-1,
        source="FIELD §4.1 EB05",
    ),
    _ACCOUNT(
        name="credit_history_months", zh="首次信贷距今月数", en="months since the first credit account",
        aggregate=Max("months_between(opened_on, as_of)"), order="opened_on", unit=Unit.MONTHS, direction=+1,
        source="FIELD §4.1 EB01 首次信贷年份",
    ),
    FeatureSpec(
        name="credit_inquiries_6m_n", zh="近6个月贷款审批查询次数", en="loan-approval inquiries in 6 months",
        family=Family.CREDIT, dimension=Dimension.LENDING, table="credit_inquiry", aggregate=Count(),
        where="purpose = 'loan_approval'", window=Window(6), missing=Missing.ZERO_IF_DELIVERED, unit=Unit.COUNT,
        direction=-1, actionable=True, source="FIELD §4.1 EA01 查询原因",
    ),
    _TAX(
        name="tax_a_years_60m_n", zh="近5年纳税信用A级年数", en="years of tax grade A in 5 years",
        aggregate=CountDistinct("year"), where="grade = 'A'", window=Window(60), unit=Unit.COUNT, direction=+1,
        actionable=True, source="FIELD §4.3",
    ),
    _TAX(
        name="tax_d_years_60m_n", zh="近5年纳税信用D级年数", en="years of tax grade D in 5 years",
        aggregate=CountDistinct("year"), where="grade = 'D'", window=Window(60), unit=Unit.COUNT, direction=-1,
        source="FIELD §4.3",
    ),
    _TAX(
        # M is a new firm or one without revenue: its own level, not a bad grade; so no direction can be claimed.
        name="tax_grade_now", zh="最近纳税信用等级", en="latest tax credit grade",
        aggregate=Latest("grade"), unit=Unit.CATEGORY, levels=("A", "B", "M", "C", "D"), actionable=True,
        source="FIELD §4.3",
    ),
)
# fmt: on
