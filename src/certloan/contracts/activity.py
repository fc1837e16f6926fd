"""What the enterprise makes, and the programmes for better quality that it takes part in."""

from certloan.contracts.contract import Column, Contract, Kind, Rule, uscc

_PRODUCT = Contract(
    table="product",
    zh="主要产品",
    en="product",
    columns=(
        uscc(),
        Column("product_no", Kind.CODE, "产品编号", "product number", ("产品序号", "产品条码"), required=True),
        Column("name", Kind.TEXT, "产品名称", "name", ("品名", "主要产品名称"), required=True),
        Column(
            "product_category", Kind.CODE, "产品类别", "product category", ("产品类别代码", "CCC产品类别"), digits=4
        ),
        Column("since", Kind.DATE, "投产日期", "made since", ("投产时间",), required=True),
        Column("until", Kind.DATE, "停产日期", "made until", ("停产时间",), future=True),
        Column("output_share", Kind.NUMBER, "产值占比", "share of output", ("占总产值比例",), low=0, high=1),
        # 赋码: a code on every piece by which its certificate can be checked (CCC), or its way traced (浙食链).
        Column("coded_share", Kind.NUMBER, "赋码比例", "share of pieces coded", ("追溯赋码比例",), low=0, high=1),
        Column("same_quality", Kind.BOOLEAN, "三同产品", "same line, standard and quality", ("同线同标同质",)),
    ),
    key=("uscc", "product_no"),
    happened_on="since",
    known_lag_days=30,
    later=("until", "output_share", "coded_share", "same_quality"),
    keeps_rows=True,
    rules=(Rule("product-ends-before-start", "until >= since", ("until", "since")),),
    file_names=("主要产品", "产品目录", "product"),
)

_PROGRAMME = Contract(
    table="programme",
    zh="质量提升活动",
    en="quality programme",
    columns=(
        uscc(),
        Column(
            "programme",
            Kind.CATEGORY,
            "活动类型",
            "programme",
            ("活动名称", "项目名称"),
            required=True,
            levels={
                "sme_certification": ("小微企业质量管理体系认证提升行动", "小微企业认证提升"),
                "diagnosis": ("质量诊断", "质量义诊", "质量管家", "质量诊断修复"),
                "training": ("质量培训", "首席质量官培训", "第一课"),
                "comparison": ("质量比对", "比对研究提升工程"),
                "reliability": ("质量可靠性提升计划", "阶梯攀登工程", "质量攻关"),
                "voluntary_test": ("委托检验", "浙里检"),
                "one_stop_service": ("质量基础设施一站式服务", "一站式服务"),
                "chain": ("产业链质量提升", "链式认证", "全产业链质量提升"),
            },
        ),
        Column("joined_on", Kind.DATE, "参加日期", "joined on", ("开始日期", "参与日期"), required=True),
        Column("ended_on", Kind.DATE, "结束日期", "ended on", ("完成日期",)),
        Column("problems_found", Kind.INTEGER, "发现问题数", "problems found", ("问题数",), low=0),
        Column("problems_closed", Kind.INTEGER, "整改问题数", "problems closed", ("已整改问题数", "闭环问题数"), low=0),
        Column("reports", Kind.INTEGER, "报告份数", "test reports", ("检验报告数",), low=0),
    ),
    key=("uscc", "programme", "joined_on"),
    happened_on="joined_on",
    known_lag_days=30,
    later=("ended_on", "problems_found", "problems_closed", "reports"),
    rules=(
        Rule("programme-ends-before-start", "ended_on >= joined_on", ("ended_on", "joined_on")),
        Rule(
            "more-closed-than-found",
            "problems_closed <= problems_found",
            ("problems_closed", "problems_found"),
            warning=True,
        ),
    ),
    file_names=("质量提升活动", "质量服务", "programme"),
)

CONTRACTS = (_PRODUCT, _PROGRAMME)
