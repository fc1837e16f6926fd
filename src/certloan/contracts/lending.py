"""The request, what became of the loan, and who may look."""

from certloan.contracts.contract import Column, Contract, Kind, Rule, uscc

_APPLICATION = Contract(
    table="application",
    zh="贷款申请",
    en="loan application",
    columns=(
        Column("application_id", Kind.CODE, "申请编号", "application", ("业务编号", "申请号"), required=True),
        uscc(),
        Column("applied_on", Kind.DATE, "申请日期", "applied on", ("申请时间",), required=True),
        Column("amount", Kind.MONEY, "申请金额", "amount", ("贷款金额", "申请额度"), low=0),
        Column(
            "term_months", Kind.INTEGER, "申请期限月", "term in months", ("期限", "贷款期限", "期限月"), low=0, high=600
        ),
        Column(
            "purpose",
            Kind.CATEGORY,
            "贷款用途",
            "purpose",
            ("用途",),
            levels={
                "working_capital": ("流动资金", "经营周转"),
                "quality_improvement": ("质量改进", "质量提升"),
                "equipment": ("设备更新", "技术改造"),
                "other": ("其他",),
            },
        ),
        Column("product", Kind.TEXT, "产品", "product", ("贷款产品", "产品代码")),
        Column(
            "status",
            Kind.CATEGORY,
            "申请状态",
            "status",
            ("审批状态", "办理状态"),
            levels={
                "pending": ("审批中", "待审批", "受理中"),
                "granted": ("已批准", "已放款", "通过"),
                "refused": ("已拒绝", "否决", "未通过"),
                "withdrawn": ("已撤回", "客户撤回"),
            },
        ),
        Column("jobs_created", Kind.INTEGER, "新增就业人数", "jobs created", ("带动就业人数",), low=0),
        Column("jobs_retained", Kind.INTEGER, "稳定就业人数", "jobs retained", ("稳岗人数",), low=0),
        Column("employees_stated", Kind.INTEGER, "申报人数", "employees stated", ("申报员工数",), low=0),
        Column("startup", Kind.BOOLEAN, "初创企业", "start-up", ("是否初创",)),
        Column("franchise", Kind.BOOLEAN, "加盟经营", "franchise", ("是否加盟",)),
        Column("revolving", Kind.BOOLEAN, "循环额度", "revolving", ("是否循环",)),
        Column("simplified", Kind.BOOLEAN, "简易程序", "simplified procedure", ("是否简易程序",)),
        Column("guaranteed_amount", Kind.MONEY, "担保金额", "guaranteed amount", ("政策担保金额",), low=0),
        Column("guaranteed_share", Kind.NUMBER, "担保比例", "guaranteed share", (), low=0, high=1),
        Column(
            "area",
            Kind.CATEGORY,
            "城乡",
            "urban or rural",
            ("城乡分类",),
            levels={"urban": ("城镇", "城市"), "rural": ("乡村", "农村")},
        ),
        Column("lender_region_code", Kind.CODE, "经办机构地区", "region of the lender's branch", ("经办行地区",)),
    ),
    key=("application_id",),
    happened_on="applied_on",
    newest_counts=True,
    file_names=("贷款申请", "申请", "application"),
)

_OUTCOME = Contract(
    table="outcome",
    zh="贷款表现",
    en="loan outcome",
    columns=(
        Column("application_id", Kind.CODE, "申请编号", "application", ("业务编号", "申请号"), required=True),
        Column("observed_to", Kind.DATE, "观察截止日", "observed to", ("观察期止",), required=True),
        Column("defaulted", Kind.BOOLEAN, "是否违约", "defaulted", ("违约", "违约标志"), required=True),
        Column("default_on", Kind.DATE, "违约日期", "default on", ("违约时间",)),
        Column("exposure", Kind.MONEY, "违约敞口", "exposure at default", ("敞口",), low=0),
        Column("recovered", Kind.MONEY, "回收金额", "recovered", ("收回金额",), low=0),
        Column("case_weight", Kind.NUMBER, "样本权重", "case weight", ("权重",), low=0),
    ),
    key=("application_id",),
    happened_on="observed_to",
    rules=(
        Rule("default-after-observation", "default_on <= observed_to", ("default_on", "observed_to")),
        Rule("default-date-without-default", "defaulted or default_on is null", ("default_on", "defaulted")),
    ),
    newest_counts=True,
    file_names=("贷款表现", "outcome"),
)

_CONSENT = Contract(
    table="consent",
    zh="授权",
    en="consent",
    columns=(
        uscc(),
        Column(
            "purpose",
            Kind.CATEGORY,
            "授权用途",
            "purpose",
            ("授权事项",),
            required=True,
            levels={
                "credit_check": ("征信查询", "查询征信"),
                "data_use": ("数据使用", "数据查询"),
                "post_loan": ("贷后管理",),
            },
        ),
        Column("granted_on", Kind.DATE, "授权日期", "granted on", ("授权时间",), required=True),
        Column("expires_on", Kind.DATE, "授权到期日", "expires on", ("授权有效期至",), future=True),
    ),
    key=("uscc", "purpose", "granted_on"),
    happened_on="granted_on",
    rules=(Rule("consent-ends-before-grant", "expires_on >= granted_on", ("expires_on", "granted_on")),),
    file_names=("授权", "consent"),
)

CONTRACTS = (_APPLICATION, _OUTCOME, _CONSENT)
