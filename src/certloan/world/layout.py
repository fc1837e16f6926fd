"""Which files a delivery has and what each looks like: names, headers, styles and encodings that differ on purpose."""

from __future__ import annotations

from dataclasses import dataclass, replace

from certloan.world.rendering import DateStyle, Field


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook, or one CSV.

    ``statements`` says which statements of a record it holds: the ``first``, ``later`` ones, or ``all``.
    """

    file: str
    sheet: str
    table: str
    fields: tuple[Field, ...]
    titles: tuple[str, ...] = ()
    dates: DateStyle = DateStyle.ISO
    encoding: str = "utf-8"
    alias: int = 0
    missing: str = ""
    statements: str = "all"


def _fields(text: str) -> tuple[Field, ...]:
    """Read ``column=header`` pairs; a header that says 万元 is in 万元."""
    pairs = (entry.split("=") for entry in text.split())
    return tuple(Field(column, header, wan="万元" in header) for column, header in pairs)


_ENTERPRISE = _fields(
    "uscc=统一社会信用代码 name=企业名称 registered_on=成立日期 status=登记状态 region_code=行政区划代码 "
    "industry_code=行业代码 ownership=经济类型 registered_capital=注册资本（万元） risk_class=企业信用风险分类"
)
_INSPECTION = _fields(
    "uscc=被检企业代码 inspection_no=抽样单编号 kind=抽查类型 level=检查级别 product=样品名称 batch_no=生产批号 "
    "inspected_on=抽样日期 verdict=检验结论 safety_item=涉及安全项目 recheck=复查结论 authority=抽查机关 "
    "testing_body=承检机构 product_category=产品类别代码 stage=抽样领域 failed_item=不合格项目类别 notified_on=送达日期 "
    "objection=异议处理 rectified_on=整改完成日期 "
    "known_on=公布日期 void_on=撤销公示日期"
)
_LIST_ENTRY = _fields(
    "uscc=信用代码 list=名录类型 listed_on=列入日期 removed_on=移出日期 reason=列入原因 known_on=公布日期 void_on=修复日期"
)

#: The first delivery. Where a file says nothing of ``known_on``, the contract's usual delay is the truth.
FIRST: tuple[Sheet, ...] = (
    # A status is a fact of the day on which it was stated: the register says that day, as real registers do.
    Sheet("01_主体登记.xlsx", "企业信息", "enterprise", (*_ENTERPRISE, Field("known_on", "更新日期")), ("企业登记信息汇总表", "单位：万元"),
          DateStyle.CHINESE, alias=0, missing="无", statements="first"),
    Sheet("01_主体登记.xlsx", "登记变更", "enterprise", (*_ENTERPRISE, Field("known_on", "更新日期")),
          ("企业登记变更汇总表", "单位：万元"), DateStyle.CHINESE, alias=1, missing="无", statements="later"),
    Sheet("02_年报.csv", "", "annual_report", _fields(
        "uscc=统一社会信用代码 year=报告年度 employees=从业人数 revenue=营业总收入（万元） assets=资产总额（万元） "
        "liabilities=负债总额（万元） profit=净利润（万元） tax_paid=纳税总额（万元） "
        "equity=所有者权益合计（万元） guarantees=对外担保（万元） known_on=公布日期"),
        encoding="gb18030", missing="—"),
    Sheet("03_名录.xlsx", "列入名录", "list_entry", _LIST_ENTRY, ("名录公示信息",), DateStyle.CELL, statements="first"),
    Sheet("03_名录.xlsx", "移出名录", "list_entry", _LIST_ENTRY, ("名录移出信息",), DateStyle.CELL, statements="later"),
    Sheet("04_认证证书.csv", "", "certificate", _fields(
        "uscc=获证组织代码 certificate_no=证书编号 scheme=认证项目代码 standard=认证依据 body_no=发证机构批准号 "
        "issued_on=发证日期 first_issued_on=初次获证日期 expires_on=证书到期日期 accreditation=认可标识 role=企业角色 "
        "assurance=证明方式 scope=认证覆盖范围 product_category=产品类别 grade=证书等级 "
        "headcount_covered=体系人数 audit_id=审核编号 state_stated=证书状态 surveillance_n=监督次数 "
        "recertification_n=再认证次数 known_on=数据日期"),
        dates=DateStyle.CHINESE, encoding="gb18030", alias=1, missing="无"),
    Sheet("05_证书变化.csv.gz", "", "certificate_event", _fields(
        "uscc=统一社会信用代码 certificate_no=证书号 event=变化类型 event_on=变化日期 reason_code=原因代码 team=审核组"),
        dates=DateStyle.COMPACT),
    Sheet("06_认证机构.xlsx", "认证机构", "certification_body", _fields(
        "body_no=批准号 name=机构名称 schemes=批准认证领域 licensed_from=批准日期 licensed_to=批准有效期至 "
        "sanctioned_on=处罚日期 sanction=处罚结果 sanction_article=处罚依据 known_on=数据日期"), ("认证机构名录",), DateStyle.SERIAL, missing="N/A"),
    Sheet("07_监督抽查.csv", "", "inspection", _INSPECTION, dates=DateStyle.SLASHES, encoding="gb18030", alias=1,
          statements="first"),
    Sheet("07_监督抽查复查.csv", "", "inspection", _INSPECTION, dates=DateStyle.SLASHES, encoding="utf-8-sig",
          statements="later"),
    Sheet("08_质量事件.xlsx", "质量事件", "incident", _fields(
        "uscc=统一代码 incident_no=文号 kind=事件类型 occurred_on=发生日期 category=违法行为类型 form=处罚种类 "
        "result=处理结果 ordered=召回方式 amount=涉及金额 severity=严重程度 "
        "known_on=公布日期 void_on=停止公示日期"), ("质量事件登记表", "单位：元"), DateStyle.CELL),
    Sheet("09_信贷账户.csv", "", "credit_account", _fields(
        "uscc=统一社会信用代码 account_no=账户编号 lender=授信机构 kind=业务种类 credit_limit=授信额度（元） opened_on=开户日期 "
        "matures_on=到期日 extended=是否展期 known_on=数据日期"), encoding="utf-8-sig", alias=1),
    Sheet("10_月度表现.csv.gz", "", "credit_month", _fields(
        "uscc=统一社会信用代码 account_no=账户编号 month=账期 balance=余额（元） credit_limit=当月额度（元） five_class=五级分类 "
        "days_past_due=逾期天数 overdue_amount=逾期总额（元）")),
    Sheet("11_征信查询.csv", "", "credit_inquiry", _fields(
        "uscc=统一社会信用代码 inquired_on=查询日期 lender=查询机构 purpose=查询原因"), dates=DateStyle.SLASHES,
        encoding="gb18030"),
    Sheet("12_纳税信用.csv", "", "tax_grade", _fields("uscc=社会信用代码 year=评价年度 grade=纳税信用级别"), alias=0),
    Sheet("13_荣誉与增信.xlsx", "荣誉资质", "honour", _fields(
        "uscc=统一社会信用代码 kind=荣誉名称 level=授予级别 granted_on=认定日期 valid_to=荣誉有效期至"), ("企业荣誉资质清单",),
        DateStyle.ISO, missing="—"),
    Sheet("13_荣誉与增信.xlsx", "增信", "mitigant", _fields(
        "uscc=统一社会信用代码 mitigant_no=保单号 kind=增信类型 insured_amount=保险金额（万元） starts_on=起保日期 ends_on=终保日期"),
        ("增信措施清单", "单位：万元"), DateStyle.SLASHES),
    Sheet("14_标准与知识产权.csv", "", "innovation", _fields(
        "uscc=统一社会信用代码 number=编号 kind=成果类型 role=参与方式 level=标准级别 granted_on=公告日期 ends_on=权利终止日期"),
        dates=DateStyle.COMPACT, encoding="gb18030"),
    Sheet("15_发票.csv.gz", "", "invoice", _fields(
        "uscc=统一社会信用代码 invoice_no=发票号码 direction=进销项 counterparty=对方单位 invoiced_on=开票日期 net=不含税金额（元） "
        "tax=税额（元） status=发票状态"), dates=DateStyle.SLASHES),
    Sheet("16_贷款申请.xlsx", "贷款申请", "application", _fields(
        "application_id=申请编号 uscc=统一社会信用代码 applied_on=申请日期 amount=申请金额（万元） term_months=期限月 purpose=贷款用途 "
        "product=贷款产品 status=申请状态 jobs_created=新增就业人数 employees_stated=申报人数 startup=是否初创 revolving=循环额度 area=城乡 "
        "lender_region_code=经办机构地区"), ("贷款申请台账", "单位：万元"), DateStyle.CELL),
    Sheet("17_贷款表现.xlsx", "贷款表现", "outcome", _fields(
        "application_id=业务编号 observed_to=观察期止 defaulted=是否违约 default_on=违约日期 exposure=违约敞口（元） recovered=回收金额（元）"),
        ("贷后表现台账", "单位：元"), DateStyle.ISO),
    Sheet("19_征信获证记录.csv", "", "reported_certificate", _fields(
        "uscc=统一社会信用代码 scheme=认证类型 certified_by=认证部门 certified_on=认证日期 ends_on=截止日期 content=认证内容"),
        dates=DateStyle.SLASHES, encoding="gb18030"),
    Sheet("20_公用事业缴费.csv.gz", "", "utility_bill", _fields(
        "uscc=统一社会信用代码 kind=缴费项目 month=费用所属月份 billed=应缴金额（元） arrears=欠缴金额（元）")),
    Sheet("21_主要产品.csv", "", "product", _fields(
        "uscc=统一社会信用代码 product_no=产品编号 name=主要产品名称 product_category=产品类别代码 since=投产日期 until=停产日期 "
        "output_share=产值占比 coded_share=赋码比例 same_quality=三同产品 known_on=更新日期"), encoding="utf-8-sig"),
    Sheet("22_质量提升活动.xlsx", "质量提升活动", "programme", _fields(
        "uscc=统一社会信用代码 programme=活动名称 joined_on=开始日期 ended_on=结束日期 problems_found=发现问题数 "
        "problems_closed=整改问题数 reports=报告份数 known_on=更新日期"), ("质量提升活动台账",), DateStyle.CHINESE, missing="—"),
    Sheet("18_授权.csv", "", "consent", _fields("uscc=统一社会信用代码 purpose=授权用途 granted_on=授权日期 expires_on=授权到期日"),
          dates=DateStyle.CHINESE, encoding="utf-8"),
)  # fmt: skip


def _second(sheet: Sheet) -> Sheet:
    """Say ``known_on`` in every file of the second delivery: what arrives late was not known before."""
    stated = sheet.fields if any(f.column == "known_on" for f in sheet.fields) else (
        *sheet.fields, Field("known_on", "获知日期"))  # fmt: skip
    return replace(sheet, fields=stated, statements="all")


#: The second delivery: new, late and corrected records, each table in one file.
SECOND: tuple[Sheet, ...] = tuple(_second(sheet) for sheet in FIRST if sheet.statements != "later")
