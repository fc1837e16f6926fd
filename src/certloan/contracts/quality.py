"""What inspectors found, and what went wrong."""

from certloan.contracts.contract import Column, Contract, Kind, Rule, uscc

_INSPECTION = Contract(
    table="inspection",
    zh="监督检查",
    en="inspection",
    columns=(
        uscc("统一社会信用代码", "被检企业代码", "标称生产企业代码"),
        Column("inspection_no", Kind.CODE, "检查编号", "inspection number", ("抽查编号", "抽样单编号"), required=True),
        Column(
            "kind",
            Kind.CATEGORY,
            "检查类型",
            "kind",
            ("检查方式", "抽查类型"),
            levels={
                "spot_check": ("监督抽查",),
                "random": ("双随机", "双随机抽查"),
                "special": ("专项", "专项检查"),
                "risk_monitoring": ("风险监测",),
            },
        ),
        Column(
            "level",
            Kind.CATEGORY,
            "检查级别",
            "level",
            ("级别",),
            levels={
                "national": ("国家", "国抽", "国家级"),
                "province": ("省", "省抽", "省级"),
                "city": ("市", "市级"),
                "county": ("县", "县级", "区县"),
            },
        ),
        Column("product", Kind.TEXT, "产品名称", "product", ("样品名称",)),
        Column("batch_no", Kind.TEXT, "批次", "batch", ("生产批号", "批号")),
        Column("inspected_on", Kind.DATE, "检查日期", "inspected on", ("抽样日期", "检查时间"), required=True),
        Column(
            "verdict",
            Kind.CATEGORY,
            "检查结论",
            "verdict",
            ("检验结论", "结论", "检查结果"),
            required=True,
            levels={
                "no_nonconformity": ("未发现不合格", "合格", "未发现问题"),
                "nonconforming": ("不合格", "发现不合格"),
                "refused": ("拒检", "拒绝检查"),
                "unlicensed": ("无证", "无证生产", "未取得认证"),
            },
        ),
        Column("safety_item", Kind.BOOLEAN, "涉及安全项目", "safety item", ("安全项目", "安全项不合格")),
        # 复检 is another act: the objector's retained sample is tested again, and nothing was put right.
        Column(
            "recheck",
            Kind.CATEGORY,
            "复查结论",
            "re-check",
            ("整改复查", "整改复查结论"),
            levels={"passed": ("复查合格", "已整改", "合格"), "failed": ("复查不合格", "整改不合格", "不合格")},
        ),
        Column("authority", Kind.TEXT, "实施机关", "authority", ("检查机关", "抽查机关")),
        Column("testing_body", Kind.TEXT, "检验机构", "testing body", ("承检机构",)),
        Column("product_category", Kind.CODE, "产品类别", "product category", ("产品类别代码", "CCC产品类别")),
        Column(
            "stage",
            Kind.CATEGORY,
            "抽样环节",
            "where the sample was taken",
            ("抽样领域",),
            levels={
                "production": ("生产", "生产领域", "生产环节"),
                "circulation": ("流通", "流通领域", "流通环节"),
                "online": ("电商", "网络交易", "电商平台"),
            },
        ),
        # There is no official grade of severity: it is derived from the kind of item that failed.
        Column(
            "failed_item",
            Kind.CATEGORY,
            "不合格项目类别",
            "kind of the item that failed",
            ("不合格项目类型",),
            levels={
                "safety": ("安全项目", "安全"),
                "mandatory": ("强制性标准", "强制性项目"),
                "declared": ("明示质量", "明示指标", "推荐性项目"),
                "labelling": ("标识标签", "标识", "标签"),
            },
        ),
        # The 15 days in which a firm may object run from here (产品质量法第十五条).
        Column("notified_on", Kind.DATE, "结果送达日期", "result received on", ("告知日期", "送达日期")),
        Column(
            "objection",
            Kind.CATEGORY,
            "异议状态",
            "objection",
            ("异议", "异议处理", "复检结论"),
            levels={
                "none": ("无异议",),
                "pending": ("异议处理中", "复检中", "已受理"),
                "upheld": ("异议成立", "复检合格"),
                "rejected": ("异议不成立", "复检不合格", "维持原结论"),
            },
        ),
        Column("rectified_on", Kind.DATE, "整改完成日期", "rectified on", ("整改日期",)),
    ),
    key=("uscc", "inspection_no"),
    happened_on="inspected_on",
    known_lag_days=45,
    later=("recheck", "objection", "rectified_on"),
    rules=(
        Rule(
            "objection-without-failure",
            "verdict = 'nonconforming' or objection is null or objection = 'none'",
            ("objection", "verdict"),
            warning=True,
        ),
    ),
    file_names=("监督检查", "监督抽查", "inspection"),
)

_INCIDENT = Contract(
    table="incident",
    zh="质量事件",
    en="quality incident",
    columns=(
        uscc(),
        Column("incident_no", Kind.CODE, "事件编号", "incident number", ("文号", "处罚文号"), required=True),
        Column(
            "kind",
            Kind.CATEGORY,
            "事件类型",
            "kind",
            ("类型",),
            required=True,
            levels={
                "recall": ("召回", "缺陷产品召回"),
                "penalty": ("行政处罚", "处罚"),
                "complaint": ("投诉", "投诉属实"),
                # A tip-off is handled apart from a dispute, and proves nothing (投诉举报处理暂行办法第三条).
                "report": ("举报",),
                "accident": ("质量事故", "事故"),
            },
        ),
        Column("occurred_on", Kind.DATE, "发生日期", "occurred on", ("事件日期", "处罚日期")),
        Column(
            "category",
            Kind.CATEGORY,
            "违法行为类型",
            "kind of violation",
            ("案由类别", "违法类型"),
            levels={
                "product_quality": ("产品质量", "质量违法", "不合格产品"),
                "certification_fraud": ("伪造冒用认证", "伪造认证证书", "冒用认证标志", "买卖认证证书"),
                "compulsory_certification": ("强制性认证", "CCC违法", "未经认证擅自出厂"),
                "food_safety": ("食品安全",),
                "measurement": ("计量", "计量违法"),
                "licence": ("许可", "无证生产", "生产许可"),
                "advertising": ("广告", "虚假宣传"),
                "other": ("其他", "其他违法"),
            },
        ),
        Column(
            "form",
            Kind.CATEGORY,
            "处罚种类",
            "form of the penalty",
            ("处罚方式",),
            levels={
                "criticism": ("通报批评",),
                "fine": ("罚款",),
                "confiscation": ("没收", "没收违法所得"),
                "suspension": ("责令停产停业", "停业整顿"),
                "revocation": ("吊销许可证", "吊销"),
            },
        ),
        # A complaint counts only once it was found true; many are not.
        Column(
            "result",
            Kind.CATEGORY,
            "处理结果",
            "result",
            ("投诉处理结果", "办理结果"),
            levels={
                "upheld": ("属实", "调解成功", "成立"),
                "rejected": ("不属实", "不予受理", "终止调解"),
                "pending": ("办理中", "处理中"),
            },
        ),
        Column(
            "ordered",
            Kind.CATEGORY,
            "启动方式",
            "ordered or voluntary",
            ("召回方式",),
            levels={"ordered": ("责令",), "voluntary": ("主动",)},
        ),
        Column("amount", Kind.MONEY, "涉及金额", "amount", ("罚款金额", "金额"), low=0),
        Column(
            "severity",
            Kind.CATEGORY,
            "严重程度",
            "severity",
            ("程度",),
            levels={"minor": ("轻微",), "moderate": ("一般",), "serious": ("严重",)},
        ),
    ),
    key=("uscc", "incident_no"),
    happened_on="occurred_on",
    known_lag_days=28,
    later=("result",),
    rules=(
        Rule("order-without-recall", "kind = 'recall' or ordered is null", ("ordered", "kind"), warning=True),
        Rule("incident-without-date", "occurred_on is not null", ("occurred_on",), warning=True),
    ),
    undated_counts=True,
    file_names=("质量事件", "incident"),
)

CONTRACTS = (_INSPECTION, _INCIDENT)
