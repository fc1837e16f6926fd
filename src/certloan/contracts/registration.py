"""Who the enterprise is: registration, annual figures, public lists."""

from certloan.contracts.contract import Column, Contract, Kind, Rule, uscc

_ENTERPRISE = Contract(
    table="enterprise",
    zh="主体登记",
    en="registration",
    columns=(
        uscc(),
        Column("name", Kind.TEXT, "企业名称", "name", ("名称", "单位名称", "主体名称"), required=True),
        Column("registered_on", Kind.DATE, "成立日期", "registered on", ("注册日期", "登记日期", "成立时间")),
        Column(
            "status",
            Kind.CATEGORY,
            "登记状态",
            "status",
            ("经营状态", "存续状态", "企业状态"),
            levels={
                "operating": ("存续", "在业", "开业", "在营", "正常"),
                "revoked": ("吊销", "吊销未注销", "已吊销"),
                "deregistered": ("注销", "已注销"),
                "moved": ("迁出", "迁出外地"),
            },
        ),
        Column(
            "region_code",
            Kind.CODE,
            "行政区划代码",
            "division code (GB/T 2260)",
            ("区划代码", "所在地代码", "地区代码"),
        ),
        Column(
            "industry_code",
            Kind.CODE,
            "行业代码",
            "industry code (GB/T 4754-2017)",
            ("国民经济行业代码", "所属行业代码"),
        ),
        Column(
            "ownership",
            Kind.CATEGORY,
            # 企业类型 tells the legal form: a limited company may belong to anybody, the state included.
            "经济类型",
            "ownership",
            ("所有制", "所有制形式", "所有制类型", "经济成分", "控股类型", "企业控股类型"),
            levels={
                "private": ("民营", "私营", "私营企业", "民营企业", "自然人独资", "私人控股"),
                "state": ("国有", "国有控股", "国有企业", "集体", "集体控股"),
                "foreign": ("外资", "外商投资", "港澳台", "港澳台投资"),
                "sole_trader": ("个体", "个体工商户", "个体户"),
                "cooperative": ("合作社", "农民专业合作社"),
            },
        ),
        Column("registered_capital", Kind.MONEY, "注册资本", "registered capital", ("注册资金",), low=0),
        # The supervisors' own class steers how often a firm is checked; it reaches a lender only by authorisation.
        Column(
            "risk_class",
            Kind.CATEGORY,
            "企业信用风险分类",
            "supervisory credit-risk class",
            ("信用风险分类", "监管信用等级"),
            levels={"A": ("A类", "A"), "B": ("B类", "B"), "C": ("C类", "C"), "D": ("D类", "D")},
        ),
    ),
    key=("uscc",),
    happened_on="registered_on",
    later=("status", "risk_class"),
    file_names=("主体", "登记", "企业信息", "enterprise"),
)

_ANNUAL_REPORT = Contract(
    table="annual_report",
    zh="年报",
    en="annual report",
    columns=(
        uscc(),
        Column("year", Kind.INTEGER, "报告年度", "year", ("年度", "年报年度"), required=True, low=1990, high=2100),
        Column("employees", Kind.INTEGER, "从业人数", "employees", ("员工人数", "职工人数"), low=0),
        Column("revenue", Kind.MONEY, "营业总收入", "revenue", ("营业收入", "销售收入"), low=0),
        Column("assets", Kind.MONEY, "资产总额", "total assets", ("总资产",), low=0),
        Column("liabilities", Kind.MONEY, "负债总额", "total liabilities", ("总负债",), low=0),
        Column("profit", Kind.MONEY, "净利润", "net profit", ("净利",)),
        Column("tax_paid", Kind.MONEY, "纳税总额", "tax paid", ("纳税额", "缴税总额"), low=0),
        Column("equity", Kind.MONEY, "所有者权益合计", "equity", ("所有者权益", "净资产")),
        Column("guarantees", Kind.MONEY, "对外担保", "guarantees given", ("对外提供保证担保", "担保总额"), low=0),
    ),
    key=("uscc", "year"),
    happened_on="make_date(year, 12, 31)",
    known_lag_days=181,  # published until 30 June of the next year
    file_names=("年报", "annual"),
)

_LIST_ENTRY = Contract(
    table="list_entry",
    zh="名录",
    en="public list entry",
    columns=(
        uscc(),
        Column(
            "list",
            Kind.CATEGORY,
            "名录类型",
            "list",
            ("名单类型", "列入名录", "名单"),
            required=True,
            levels={
                "abnormal_operation": ("经营异常名录", "经营异常"),
                "serious_violation": ("严重违法失信名单", "严重违法失信"),
                "enforcement": ("被执行人",),
                "dishonest_debtor": ("失信被执行人",),
                "tax_arrears": ("欠税公告", "欠税"),
                "key_supervision": ("重点监管名单", "重点监管"),
                "quality_whitelist": ("质量融资增信白名单", "质量增信白名单"),
            },
        ),
        Column("listed_on", Kind.DATE, "列入日期", "listed on", ("立案日期", "列入时间"), required=True),
        Column("removed_on", Kind.DATE, "移出日期", "removed on", ("移出时间",)),
        Column("reason", Kind.TEXT, "列入原因", "reason", ("原因",)),
    ),
    key=("uscc", "list", "listed_on"),
    happened_on="listed_on",
    keeps_rows=True,
    rules=(Rule("removed-before-listed", "removed_on >= listed_on", ("removed_on", "listed_on")),),
    file_names=("名录", "名单", "list"),
)

CONTRACTS = (_ENTERPRISE, _ANNUAL_REPORT, _LIST_ENTRY)
