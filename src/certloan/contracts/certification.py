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
        # CCC and product schemes certify a kind of product: 0901 is one of the compulsory catalogue.
        Column(
            "product_category", Kind.CODE, "产品类别", "product category", ("产品类别代码", "CCC产品类别"), digits=4
        ),
        Column("grade", Kind.INTEGER, "证书等级", "grade of a graded certificate", ("认证等级", "星级"), low=1, high=9),
        Column("headcount_covered", Kind.INTEGER, "覆盖人数", "headcount covered", ("体系人数", "组织人数"), low=0),
        Column("audit_id", Kind.CODE, "审核编号", "audit", ("审核任务号", "审核批次")),
        # What the register itself says of the certificate; a change of state is told here or by an event, or by both.
        Column(
            "state_stated",
            Kind.CATEGORY,
            "证书状态",
            "state stated by the register",
            ("状态", "证书当前状态"),
            levels={
                "valid": ("有效", "正常"),
                "suspended": ("暂停", "已暂停", "证书暂停"),
                "withdrawn": ("撤销", "已撤销", "撤消", "证书撤销"),
                "cancelled": ("注销", "已注销", "证书注销"),
                "expired": ("过期失效", "过期", "失效", "到期", "已过期", "已失效", "已到期"),
            },
            unread_as="suspended",
        ),
        Column("surveillance_n", Kind.INTEGER, "监督次数", "surveillance audits so far", ("监督审核次数",), low=0),
        Column("recertification_n", Kind.INTEGER, "再认证次数", "recertifications so far", ("复评次数",), low=0),
    ),
    key=("uscc", "certificate_no"),
    happened_on="issued_on",
    known_lag_days=15,
    later=("state_stated", "surveillance_n", "recertification_n"),
    keeps_rows=True,
    # Without them it would look open-ended, the firm's own, proven by a third party, and known for longer than it is.
    decisive=("expires_on", "role", "accreditation", "assurance", "known_on", "void_on"),
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
                "suspended": ("暂停", "证书暂停"),
                "restored": ("恢复", "证书恢复"),
                "withdrawn": ("撤销", "撤消", "证书撤销"),
                "cancelled": ("注销", "证书注销"),
                "recertified": ("再认证", "再认证通过"),
                "special_audit_passed": ("特殊审核通过", "不通知审核通过", "提前较短时间通知审核通过"),
                "changed": ("变更", "证书变更"),
                "expired": ("过期失效", "过期"),
                "issued": ("颁证", "初次颁证"),
            },
        ),
        Column("event_on", Kind.DATE, "变化日期", "event on", ("事件日期", "变更日期"), required=True),
        Column("reason_code", Kind.CODE, "原因代码", "reason code", ("原因",)),
        Column("team", Kind.CODE, "审核组", "audit team", ("检查组", "审核组代号", "审核组长")),
    ),
    key=("uscc", "certificate_no", "event", "event_on"),
    happened_on="event_on",
    known_lag_days=15,
    keeps_rows=True,
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
        Column("sanction_article", Kind.TEXT, "处罚依据", "article of the sanction", ("处罚条款",)),
    ),
    key=("body_no", "licensed_from"),
    happened_on="licensed_from",
    rules=(Rule("licence-ends-before-start", "licensed_to >= licensed_from", ("licensed_to", "licensed_from")),),
    later=("sanctioned_on", "sanction", "sanction_article"),
    file_names=("认证机构", "certification_body"),
)

# The credit report's own unit on certificates (EF07). It names no certificate, so it is matched by scheme and time.
_REPORTED_CERTIFICATE = Contract(
    table="reported_certificate",
    zh="征信获证记录",
    en="certificate in the credit report",
    columns=(
        uscc(),
        Column("scheme", Kind.CODE, "认证类型", "scheme", ("认证项目", "认证种类"), required=True),
        Column("certified_by", Kind.TEXT, "认证部门", "certified by", ("认证单位",)),
        Column("certified_on", Kind.DATE, "认证日期", "certified on", ("获证日期",), required=True),
        Column("ends_on", Kind.DATE, "截止日期", "ends on", ("认证截止日期",), future=True),
        Column("content", Kind.TEXT, "认证内容", "content", ("获证内容",)),
    ),
    key=("uscc", "scheme", "certified_on"),
    happened_on="certified_on",
    known_lag_days=45,
    rules=(Rule("record-ends-before-start", "ends_on >= certified_on", ("ends_on", "certified_on")),),
    file_names=("征信获证", "获得认证记录", "reported_certificate"),
)

CONTRACTS = (_CERTIFICATE, _CERTIFICATE_EVENT, _CERTIFICATION_BODY, _REPORTED_CERTIFICATE)
