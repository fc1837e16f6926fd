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
    ),
    key=("uscc", "inspection_no"),
    happened_on="inspected_on",
    known_lag_days=45,
    later=("recheck",),
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
                "accident": ("质量事故", "事故"),
            },
        ),
        Column("occurred_on", Kind.DATE, "发生日期", "occurred on", ("事件日期", "处罚日期"), required=True),
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
    rules=(Rule("order-without-recall", "kind = 'recall' or ordered is null", ("ordered", "kind"), warning=True),),
    file_names=("质量事件", "incident"),
)

CONTRACTS = (_INSPECTION, _INCIDENT)
