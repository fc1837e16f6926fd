"""What the enterprise sells and buys, invoice by invoice."""

from certloan.contracts.contract import Column, Contract, Kind, uscc

_INVOICE = Contract(
    table="invoice",
    zh="发票",
    en="invoice",
    columns=(
        uscc("统一社会信用代码", "企业代号"),
        Column("invoice_no", Kind.CODE, "发票号码", "invoice number", ("发票号", "发票代码号码"), required=True),
        Column(
            "direction",
            Kind.CATEGORY,
            "发票方向",
            "direction",
            ("进销项", "进销"),
            required=True,
            levels={"sale": ("销项", "销售"), "purchase": ("进项", "采购")},
        ),
        Column(
            "counterparty",
            Kind.TEXT,
            "对方单位",
            "counterparty",
            ("购方", "销方", "购方单位代号", "销方单位代号", "交易对手"),
        ),
        Column("invoiced_on", Kind.DATE, "开票日期", "invoiced on", ("开票时间",), required=True),
        # A red-letter invoice carries a negative amount: it takes back an earlier one.
        Column("net", Kind.MONEY, "金额", "net amount", ("不含税金额",)),
        Column("tax", Kind.MONEY, "税额", "tax", ("税金",)),
        Column(
            "status",
            Kind.CATEGORY,
            "发票状态",
            "status",
            ("状态",),
            levels={
                "valid": ("有效发票", "有效", "正常"),
                "void": ("作废发票", "作废"),
                "red_letter": ("红字", "红冲", "负数发票"),
            },
        ),
    ),
    key=("uscc", "direction", "invoice_no"),
    happened_on="invoiced_on",
    file_names=("发票", "invoice"),
)

CONTRACTS = (_INVOICE,)
