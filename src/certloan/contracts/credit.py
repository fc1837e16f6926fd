"""Debts and how they were served, inquiries, and the tax authority's grade."""

from certloan.contracts.contract import Column, Contract, Kind, Rule, uscc

_FIVE_CLASS = {
    "normal": ("正常", "1"),
    "special_mention": ("关注", "2"),
    "substandard": ("次级", "3"),
    "doubtful": ("可疑", "4"),
    "loss": ("损失", "5"),
}

_CREDIT_ACCOUNT = Contract(
    table="credit_account",
    zh="信贷账户",
    en="credit account",
    columns=(
        uscc(),
        Column("account_no", Kind.CODE, "账户编号", "account number", ("账号", "借据编号"), required=True),
        Column("lender", Kind.TEXT, "授信机构", "lender", ("贷款机构", "金融机构")),
        Column(
            "kind",
            Kind.CATEGORY,
            "业务种类",
            "kind",
            ("贷款种类", "信贷业务种类"),
            levels={
                "working_capital": ("流动资金贷款", "流贷"),
                "fixed_asset": ("固定资产贷款",),
                "credit_line": ("循环贷款", "循环授信", "授信额度"),
                "guarantee": ("担保", "对外担保"),
                "other": ("其他",),
            },
        ),
        Column("credit_limit", Kind.MONEY, "授信额度", "limit", ("额度", "借款金额"), low=0),
        Column("opened_on", Kind.DATE, "开户日期", "opened on", ("开立日期", "放款日期"), required=True),
        Column("matures_on", Kind.DATE, "到期日", "matures on", ("贷款到期日", "账户到期日"), future=True),
        Column("extended", Kind.BOOLEAN, "是否展期", "extended", ("展期",)),
    ),
    key=("uscc", "account_no"),
    happened_on="opened_on",
    known_lag_days=10,
    later=("extended",),
    keeps_rows=True,
    rules=(Rule("maturity-before-opening", "matures_on >= opened_on", ("matures_on", "opened_on")),),
    file_names=("信贷账户", "credit_account"),
)

_CREDIT_MONTH = Contract(
    table="credit_month",
    zh="信贷月度表现",
    en="credit month",
    columns=(
        uscc(),
        Column("account_no", Kind.CODE, "账户编号", "account number", ("账号", "借据编号"), required=True),
        Column("month", Kind.MONTH, "月份", "month", ("账期", "统计月份"), required=True),
        Column("balance", Kind.MONEY, "余额", "balance", ("月末余额", "贷款余额"), low=0),
        Column("credit_limit", Kind.MONEY, "当月额度", "limit of the month", ("月度额度",), low=0),
        Column("five_class", Kind.CATEGORY, "五级分类", "five-class grade", ("风险分类",), levels=_FIVE_CLASS),
        Column("days_past_due", Kind.INTEGER, "逾期天数", "days past due", ("当前逾期天数",), low=0, high=20000),
        Column("overdue_amount", Kind.MONEY, "逾期总额", "amount past due", ("逾期金额",), low=0),
    ),
    key=("uscc", "account_no", "month"),
    happened_on="month_end(month)",
    known_lag_days=10,
    keeps_rows=True,
    rules=(
        Rule(
            "overdue-but-normal",
            "not (days_past_due > 90 and five_class in ('normal', 'special_mention'))",
            ("days_past_due", "five_class"),
            warning=True,
        ),
    ),
    file_names=("月度表现", "信贷月", "credit_month"),
)

_CREDIT_INQUIRY = Contract(
    table="credit_inquiry",
    zh="征信查询",
    en="credit inquiry",
    columns=(
        uscc(),
        Column("inquired_on", Kind.DATE, "查询日期", "inquired on", ("查询时间",), required=True),
        Column("lender", Kind.TEXT, "查询机构", "inquirer", ("机构",)),
        Column(
            "purpose",
            Kind.CATEGORY,
            "查询原因",
            "purpose",
            ("查询目的",),
            levels={
                "loan_approval": ("贷款审批", "贷前审批"),
                "post_loan": ("贷后管理",),
                "guarantee": ("担保资格审查",),
                "own": ("本人查询", "自查"),
            },
        ),
    ),
    key=("uscc", "inquired_on", "lender", "purpose"),
    happened_on="inquired_on",
    file_names=("征信查询", "查询记录", "credit_inquiry"),
)

_TAX_GRADE = Contract(
    table="tax_grade",
    zh="纳税信用",
    en="tax credit grade",
    columns=(
        uscc(),
        Column("year", Kind.INTEGER, "评价年度", "year", ("纳税年度", "年度"), required=True, low=1990, high=2100),
        Column(
            "grade",
            Kind.CATEGORY,
            "纳税信用等级",
            "grade",
            ("纳税信用级别", "等级", "信用等级"),
            required=True,
            levels={"A": ("A级", "A"), "B": ("B级", "B"), "M": ("M级", "M"), "C": ("C级", "C"), "D": ("D级", "D")},
        ),
    ),
    key=("uscc", "year"),
    happened_on="make_date(year, 12, 31)",
    known_lag_days=120,  # the grade of a year is published in April of the next
    file_names=("纳税信用", "tax_grade"),
)

_UTILITY_BILL = Contract(
    table="utility_bill",
    zh="公用事业缴费",
    en="utility bill",
    columns=(
        uscc(),
        Column(
            "kind",
            Kind.CATEGORY,
            "缴费类型",
            "kind",
            ("费用类型", "缴费项目"),
            required=True,
            levels={
                "electricity": ("电费", "电"),
                "water": ("水费", "水"),
                "gas": ("燃气费", "燃气"),
                "telecom": ("通信费", "电信"),
                "social_insurance": ("社会保险费", "社保"),
                "housing_fund": ("住房公积金", "公积金"),
            },
        ),
        Column("month", Kind.MONTH, "费用所属月份", "month", ("缴费月份", "账期"), required=True),
        Column("billed", Kind.MONEY, "应缴金额", "billed", ("应缴费用",), low=0),
        Column("arrears", Kind.MONEY, "欠费金额", "in arrears", ("累计欠费", "欠缴金额"), low=0),
    ),
    key=("uscc", "kind", "month"),
    happened_on="month_end(month)",
    known_lag_days=25,
    keeps_rows=True,
    file_names=("公用事业", "缴费", "utility_bill"),
)

CONTRACTS = (_CREDIT_ACCOUNT, _CREDIT_MONTH, _CREDIT_INQUIRY, _TAX_GRADE, _UTILITY_BILL)
