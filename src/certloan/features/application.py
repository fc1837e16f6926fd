"""What is asked for, and whether anybody may look."""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import Exists, Latest
from certloan.features.spec import DerivedSpec, FeatureSpec, Missing, Unit, Use, Withheld
from certloan.features.withheld import measured

_ASKED = partial(FeatureSpec, family=Family.APPLICATION, dimension=Dimension.LENDING, table="application")
_DERIVED = partial(DerivedSpec, family=Family.APPLICATION, dimension=Dimension.LENDING)
_SBA = "SBA-7(a)"


def _flag(column: str) -> Latest:
    return Latest(f"case when {column} then 1 when not {column} then 0 end")


# fmt: off
SPECS = (
    _ASKED(
        name="app_known", zh="有申请记录", en="has an application record",
        aggregate=Exists(), unit=Unit.YES_NO, missing=Missing.ZERO_IF_DELIVERED, source="S2 获证企业授信", use=Use.FACT,
    ),
    _ASKED(
        # An amount by itself is neither good nor bad: what the model reads is what it is measured against.
        name="app_amount", zh="申请金额", en="amount asked for",
        aggregate=Latest("amount"), unit=Unit.YUAN, source="金华质量贷(2022) 额度", use=Use.FACT,
    ),
    _ASKED(
        name="app_term_months", zh="申请期限", en="term in months",
        aggregate=Latest("term_months"), unit=Unit.MONTHS, source="流动资金贷款管理办法(2024) 期限",
    ),
    _DERIVED(
        name="app_amount_to_revenue", zh="申请金额与营业收入比",
        en="amount asked for to revenue",
        expression=measured("app_amount", "ent_revenue", 2), unit=Unit.RATIO, direction=-1, actionable=True,
        source="流动资金贷款管理办法(2024) 测算借款需求",
        withheld_as=Withheld(("ent_revenue",), 2),
    ),
    _DERIVED(
        name="app_amount_to_sales", zh="申请金额与近12个月销售额比", en="amount asked for to sales of 12 months",
        expression="case when ops_sales_12m > 0 then ratio(app_amount, ops_sales_12m) end", unit=Unit.RATIO, direction=-1, actionable=True,
        source="流动资金贷款管理办法(2024) 测算借款需求",
    ),
    _DERIVED(
        name="app_amount_to_assets", zh="申请金额与资产总额比",
        en="amount asked for to assets",
        expression=measured("app_amount", "ent_assets", 1.5), unit=Unit.RATIO, direction=-1, actionable=True,
        source="本项目推导 申请额与经营规模",
        withheld_as=Withheld(("ent_assets",), 1.5),
    ),
    _DERIVED(
        # A first loan has no debt to be compared with, and to owe more is no merit: a fact. The next feature takes it in.
        name="app_amount_to_debt", zh="申请金额与现有借贷余额比", en="amount asked for to existing debt",
        expression="ratio(app_amount, credit_balance_3m)", unit=Unit.RATIO, source="企业信用报告 EB01", use=Use.FACT,
    ),
    _DERIVED(
        name="app_debt_after_to_revenue", zh="授信后借贷余额与营业收入比",
        en="debt with the amount asked for to revenue",
        expression=measured("(app_amount + coalesce(credit_balance_3m, 0))", "ent_revenue", 3),
        unit=Unit.RATIO, direction=-1, actionable=True, source="企业信用报告 EG",
        withheld_as=Withheld(("ent_revenue",), 3),
    ),
    _DERIVED(
        # Interest apart: the repayment of the principal in equal parts, in months of sales.
        name="app_repayment_to_sales", zh="月均还本与月均销售额比", en="monthly repayment of principal to monthly sales",
        expression="case when app_term_months > 0 and ops_sales_12m > 0"
        " then ratio(12 * app_amount, app_term_months * ops_sales_12m) end",
        unit=Unit.RATIO, direction=-1, actionable=True, source="流动资金贷款管理办法(2024) 期限",
    ),
    _ASKED(
        # 质量融资增信 means money for 质量改进、技术改造、设备更新: for the choice of a product, never a sign of less risk.
        name="app_quality_purpose", zh="用于质量改进或设备更新", en="for quality improvement or equipment",
        aggregate=Latest("case when purpose in ('quality_improvement', 'equipment') then 1 when purpose is not null then 0 end"),
        unit=Unit.YES_NO, actionable=True, source="质量融资增信通知(2024) 贷款用途", use=Use.FACT,
    ),
    _ASKED(
        name="app_purpose", zh="贷款用途", en="purpose of the loan",
        aggregate=Latest("purpose"), unit=Unit.CATEGORY, actionable=True,
        levels=("working_capital", "quality_improvement", "equipment", "other"), source="质量融资增信通知(2024) 贷款用途",
    ),
    _ASKED(
        name="app_product", zh="申请产品", en="product asked for",
        aggregate=Latest("product"), unit=Unit.CATEGORY, source="金华质量贷(2022) 分档", use=Use.FACT,
    ),
    _ASKED(
        name="app_guaranteed_amount", zh="担保金额", en="guaranteed amount",
        aggregate=Latest("guaranteed_amount"), unit=Unit.YUAN, source=_SBA, use=Use.FACT,
    ),
    _ASKED(
        # Who guarantees more also picks the riskier borrower: no direction is claimed.
        name="app_guaranteed_share", zh="担保比例", en="guaranteed share",
        aggregate=Latest("coalesce(guaranteed_share, ratio(guaranteed_amount, amount))"), unit=Unit.SHARE,
        source=_SBA,
    ),
    _ASKED(
        name="app_jobs_created", zh="新增就业人数", en="jobs created",
        aggregate=Latest("jobs_created"), unit=Unit.PERSONS, source=_SBA,
    ),
    _ASKED(
        name="app_jobs_retained", zh="稳定就业人数", en="jobs retained",
        aggregate=Latest("jobs_retained"), unit=Unit.PERSONS, source=_SBA,
    ),
    _ASKED(
        name="app_employees_stated", zh="申报人数", en="employees stated",
        aggregate=Latest("employees_stated"), unit=Unit.PERSONS, source=_SBA,
    ),
    _ASKED(
        name="app_startup", zh="初创企业", en="start-up",
        aggregate=_flag("startup"), unit=Unit.YES_NO, source=_SBA,
    ),
    _ASKED(
        name="app_franchise", zh="加盟经营", en="franchise",
        aggregate=_flag("franchise"), unit=Unit.YES_NO, source=_SBA,
    ),
    _ASKED(
        name="app_revolving", zh="循环额度", en="revolving line",
        aggregate=_flag("revolving"), unit=Unit.YES_NO, source=_SBA,
    ),
    _ASKED(
        name="app_simplified", zh="简易程序", en="simplified procedure",
        aggregate=_flag("simplified"), unit=Unit.YES_NO, source=_SBA,
    ),
    _ASKED(
        name="app_area", zh="城乡", en="urban or rural",
        aggregate=Latest("area"), unit=Unit.CATEGORY, levels=("urban", "rural"), source=_SBA,
        use=Use.AUDIT,
    ),
    _ASKED(
        name="app_lender_province", zh="经办机构省份", en="province of the lender's branch",
        aggregate=Latest("substring(lender_region_code, 1, 2)"), unit=Unit.CATEGORY, source="统计用区划代码(2023)",
        use=Use.AUDIT,
    ),
    _DERIVED(
        # It compares two places, and where one branch stands it tells the province: no region enters a model.
        name="app_local_lender", zh="本省机构经办", en="lender in the borrower's province",
        expression="case when province = app_lender_province then 1 when province <> app_lender_province then 0 end",
        unit=Unit.YES_NO, source="统计用区划代码(2023)", use=Use.AUDIT,
    ),
    FeatureSpec(
        name="consent_valid", zh="征信查询授权有效", en="consent to a credit check is valid",
        family=Family.APPLICATION, dimension=Dimension.LENDING, table="consent", aggregate=Exists(),
        where="purpose = 'credit_check' and granted_on <= as_of and (expires_on is null or expires_on >= as_of)",
        missing=Missing.ZERO_IF_DELIVERED, unit=Unit.YES_NO, direction=+1, actionable=True,
        source="征信业管理条例(2013)第四十条第三项", use=Use.FACT,
    ),
)
# fmt: on
