"""Honours, standards and intellectual property, and what softens a loss."""

from certloan.contracts.contract import Column, Contract, Kind, Rule, uscc

_LEVELS = {
    "national": ("国家级", "国家"),
    "province": ("省级", "省"),
    "city": ("市级", "市"),
    "county": ("县级", "县", "区县级"),
}

_HONOUR = Contract(
    table="honour",
    zh="荣誉资质",
    en="honour",
    columns=(
        uscc(),
        Column(
            "kind",
            Kind.CATEGORY,
            "荣誉类型",
            "kind",
            ("荣誉名称", "资质名称", "称号"),
            required=True,
            levels={
                "quality_award": ("政府质量奖", "质量奖"),
                "quality_brand": ("品字标", "品字标浙江制造", "广东优质"),
                "little_giant": ("专精特新小巨人", "小巨人"),
                "specialised": ("专精特新", "专精特新中小企业"),
                "high_tech": ("高新技术企业",),
                "chief_quality_officer": ("首席质量官",),
                "standard_award": ("标准创新贡献奖",),
            },
        ),
        Column("level", Kind.CATEGORY, "荣誉级别", "level", ("级别", "授予级别"), levels=_LEVELS),
        Column("granted_on", Kind.DATE, "授予日期", "granted on", ("认定日期", "获奖日期"), required=True),
        Column("valid_to", Kind.DATE, "荣誉有效期至", "valid to", ("有效期至", "有效期止"), future=True),
    ),
    key=("uscc", "kind", "level", "granted_on"),
    happened_on="granted_on",
    rules=(Rule("honour-ends-before-grant", "valid_to >= granted_on", ("valid_to", "granted_on")),),
    file_names=("荣誉", "honour"),
)

_INNOVATION = Contract(
    table="innovation",
    zh="标准与知识产权",
    en="standards and intellectual property",
    columns=(
        uscc(),
        Column("number", Kind.CODE, "编号", "number", ("专利号", "标准号", "注册号"), required=True),
        Column(
            "kind",
            Kind.CATEGORY,
            "成果类型",
            "kind",
            ("类型",),
            required=True,
            levels={
                "standard": ("标准",),
                "invention_patent": ("发明专利",),
                "utility_patent": ("实用新型", "实用新型专利", "外观设计"),
                "trademark": ("商标", "注册商标"),
            },
        ),
        Column("role", Kind.CATEGORY, "参与方式", "role", ("角色",), levels={"lead": ("主导",), "join": ("参与",)}),
        Column(
            "level",
            Kind.CATEGORY,
            "标准级别",
            "level",
            ("级别",),
            levels={**_LEVELS, "international": ("国际",), "industry": ("行业", "行标"), "group": ("团体", "团标")},
        ),
        Column("granted_on", Kind.DATE, "授权日期", "granted on", ("公告日期", "发布日期"), required=True),
        Column("ends_on", Kind.DATE, "权利终止日期", "ends on", ("终止日期", "有效期至"), future=True),
    ),
    key=("uscc", "kind", "number"),
    happened_on="granted_on",
    file_names=("标准与知识产权", "知识产权", "innovation"),
)

_MITIGANT = Contract(
    table="mitigant",
    zh="增信",
    en="mitigant",
    columns=(
        uscc(),
        Column("mitigant_no", Kind.CODE, "增信编号", "mitigant number", ("保单号", "合同号"), required=True),
        Column(
            "kind",
            Kind.CATEGORY,
            "增信类型",
            "kind",
            ("类型", "险种"),
            required=True,
            levels={
                "certification_insurance": ("质量认证责任保险",),
                "quality_deposit": ("质量保证金",),
                "guarantee_fund": ("政策性担保", "风险补偿基金", "政府性融资担保"),
                "commercial_guarantee": ("其他担保", "担保", "商业担保", "商业性担保"),
                "safety_insurance": ("质量安全责任保险", "产品责任险"),
            },
        ),
        Column("insured_amount", Kind.MONEY, "保额", "insured amount", ("担保金额", "保险金额"), low=0),
        Column("starts_on", Kind.DATE, "生效日期", "starts on", ("起保日期", "起始日期"), required=True),
        Column("ends_on", Kind.DATE, "增信到期日", "ends on", ("终保日期", "有效期至"), future=True),
    ),
    key=("uscc", "mitigant_no"),
    happened_on="starts_on",
    rules=(Rule("mitigant-ends-before-start", "ends_on >= starts_on", ("ends_on", "starts_on")),),
    file_names=("增信", "保险", "mitigant"),
)

CONTRACTS = (_HONOUR, _INNOVATION, _MITIGANT)
