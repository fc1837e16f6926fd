"""Certificates, what became of them, and the bodies that issue them."""

from certloan.contracts.contract import Column, Contract, Kind, Rule, uscc

_CERTIFICATE = Contract(
    table="certificate",
    zh="认证证书",
    en="certificate",
    columns=(
        uscc("统一社会信用代码", "获证组织代码", "委托人代码"),
        Column(
            "certificate_no", Kind.CODE, "证书编号", "certificate number", ("证书号", "认证证书编号"), required=True
        ),
        Column("scheme", Kind.CODE, "认证项目", "scheme", ("认证项目代码", "认证类别", "项目代码"), required=True),
        Column("standard", Kind.TEXT, "认证依据", "standard", ("认证标准", "依据标准")),
        Column("body_no", Kind.CODE, "认证机构批准号", "certification body", ("机构批准号", "发证机构批准号")),
        Column("issued_on", Kind.DATE, "颁证日期", "issued on", ("发证日期", "颁证时间", "有效期起"), required=True),
        Column("first_issued_on", Kind.DATE, "初次获证日期", "first issued on", ("首次颁证日期", "首次获证日期")),
        Column(
            "expires_on", Kind.DATE, "到期日期", "expires on", ("证书到期日期", "有效期至", "有效期止"), future=True
        ),
        Column(
            "accreditation",
            Kind.CATEGORY,
            "认可标识",
            "accreditation",
            ("认可标志",),
            levels={"cnas": ("CNAS", "有CNAS"), "other": ("其他", "其他认可"), "unaccredited": ("无认可", "未认可")},
        ),
        Column(
            "role",
            Kind.CATEGORY,
            "企业角色",
            "role",
            ("角色",),
            levels={
                "client": ("委托人", "认证委托人", "获证组织"),
                "producer": ("生产者", "制造商"),
                "factory": ("生产企业", "生产厂"),
            },
        ),
        Column(
            "assurance",
            Kind.CATEGORY,
            "证明方式",
            "assurance",
            ("评价方式",),
            levels={"third_party": ("第三方认证", "第三方"), "self_declared": ("自我声明", "自我声明公开")},
        ),
        Column("scope", Kind.TEXT, "认证覆盖范围", "scope", ("认证范围", "覆盖业务范围", "产品名称")),
        Column("headcount_covered", Kind.INTEGER, "覆盖人数", "headcount covered", ("体系人数", "组织人数"), low=0),
        Column("audit_id", Kind.CODE, "审核编号", "audit", ("审核任务号", "审核批次")),
    ),
    key=("uscc", "certificate_no"),
    happened_on="issued_on",
    known_lag_days=15,
    rules=(
        Rule("expiry-before-issue", "expires_on >= issued_on", ("expires_on", "issued_on")),
        Rule("first-issue-after-issue", "first_issued_on <= issued_on", ("first_issued_on", "issued_on"), warning=True),
    ),
    file_names=("认证证书", "证书", "certificate"),
)

_CERTIFICATE_EVENT = Contract(
    table="certificate_event",
    zh="证书变化轨迹",
    en="certificate event",
    columns=(
        uscc(),
        Column("certificate_no", Kind.CODE, "证书编号", "certificate number", ("证书号",), required=True),
        Column(
            "event",
            Kind.CATEGORY,
            "变化类型",
            "event",
            ("变更类型", "事件", "活动类型"),
            required=True,
            levels={
                "surveillance_passed": ("监督通过", "监督审核通过"),
                "suspended": ("暂停",),
                "restored": ("恢复",),
                "withdrawn": ("撤销",),
                "cancelled": ("注销",),
                "recertified": ("再认证", "再认证通过"),
            },
        ),
        Column("event_on", Kind.DATE, "变化日期", "event on", ("事件日期", "变更日期"), required=True),
        Column("reason_code", Kind.CODE, "原因代码", "reason code", ("原因",)),
    ),
    key=("uscc", "certificate_no", "event", "event_on"),
    happened_on="event_on",
    known_lag_days=15,
    file_names=("证书变化", "证书轨迹", "certificate_event"),
)

_CERTIFICATION_BODY = Contract(
    table="certification_body",
    zh="认证机构",
    en="certification body",
    columns=(
        Column("body_no", Kind.CODE, "机构批准号", "approval number", ("批准号", "认证机构批准号"), required=True),
        Column("name", Kind.TEXT, "机构名称", "name", ("认证机构名称",)),
        Column("schemes", Kind.TEXT, "批准认证领域", "approved schemes", ("批准范围", "业务范围")),
        Column("licensed_from", Kind.DATE, "批准日期", "licensed from", ("批准时间",), required=True),
        Column("licensed_to", Kind.DATE, "批准有效期至", "licensed to", ("批准书有效期",), future=True),
        Column("sanctioned_on", Kind.DATE, "处罚日期", "sanctioned on", ("行政处罚日期",)),
        Column(
            "sanction",
            Kind.CATEGORY,
            "处罚结果",
            "sanction",
            ("处罚类型",),
            levels={
                "warned": ("警告",),
                "fined": ("罚款",),
                "suspended": ("停业整顿", "责令停业"),
                "revoked": ("撤销批准", "撤销批准书"),
            },
        ),
    ),
    key=("body_no", "licensed_from"),
    happened_on="licensed_from",
    rules=(Rule("licence-ends-before-start", "licensed_to >= licensed_from", ("licensed_to", "licensed_from")),),
    later=("sanctioned_on", "sanction"),
    file_names=("认证机构", "certification_body"),
)

CONTRACTS = (_CERTIFICATE, _CERTIFICATE_EVENT, _CERTIFICATION_BODY)
