"""Every reference table with its contract."""

from __future__ import annotations

from collections.abc import Mapping

from certloan.reference.contract import Cell, Field, ReferenceTable, named
from certloan.reference.number_table import NUMBER_FORMATS
from certloan.reference.whole_tables import (
    ALIASES,
    CERTIFICATE_CODES,
    COUNTY_COUNTS,
    DIVISIONS,
    INDUSTRIES,
    SIZE_VECTORS,
)

_DIMENSIONS = (
    "quality_credit",
    "quality_management",
    "quality_brand",
    "quality_foundation",
    "quality_innovation",
)
_AXES = ("product_quality", "system_management", "technology", "people")
_LEVELS = ("national", "province", "city", "county", "")
_CLASSES = (
    *("management_system", "ccc", "licence", "product", "food", "green", "regional_brand", "service", "laboratory"),
    "evaluation",
)
_PLAUSIBLE_MONTHS = 240
_NAMES = (Field("zh", required=True), Field("en", required=True))


def _months(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name, Cell.INTEGER, low=0, high=_PLAUSIBLE_MONTHS) for name in names)


def _flags(*names: str, required: bool = False) -> tuple[Field, ...]:
    return tuple(Field(name, Cell.BOOLEAN, required=required) for name in names)


_SCHEMES = ReferenceTable(
    "schemes",
    "认证项目",
    "certification schemes",
    (
        Field("code", Cell.CODE, required=True),
        *_NAMES,
        Field("scheme_class", required=True, levels=_CLASSES),
        Field("dimension", required=True, levels=_DIMENSIONS),
        Field("assurance", required=True, levels=("third_party", "self_declared")),
        Field("strength", Cell.INTEGER, required=True, low=1, high=4),
        *_flags("advanced", required=True),
        Field("parent", Cell.CODE, refers="schemes.code"),
        Field("sectors", Cell.LIST, refers="gbt4754_2017.code"),
        Field("rule", Cell.CODE, required=True, refers="validity_rules.rule"),
        Field("standard"),
        Field("papers", Cell.LIST),
    ),
    ("code",),
)


_RULES = ReferenceTable(
    "validity_rules",
    "证书有效期与监督规则",
    "validity and surveillance rules",
    (
        Field("rule", Cell.CODE, required=True),
        Field("rule_version", required=True),
        *_months("validity_months", "first_gap_months", "gap_months"),
        Field("grace_days", Cell.INTEGER, low=0, high=366),
        Field("surveillances_per_cycle", Cell.INTEGER, low=0, high=20),
        *_flags("must_suspend"),
        *_months("suspension_months"),
        *_flags("must_withdraw"),
        *_months("recert_grace_months"),
        Field("renew_days", Cell.INTEGER, low=0, high=366),
        Field("special_audit_days", Cell.INTEGER, low=0, high=366),
        *_flags("keeps_number"),
    ),
    ("rule",),
)

_HONOURS = ReferenceTable(
    "honours",
    "荣誉及其级别",
    "honours and their levels",
    (
        Field("kind", Cell.CODE, required=True),
        Field("level", levels=_LEVELS),
        *_NAMES,
        Field("dimension", required=True, levels=_DIMENSIONS),
        Field("axis", required=True, levels=_AXES),
        Field("weight", Cell.NUMBER, required=True, low=0, high=1),
        Field("holder", required=True, levels=("enterprise", "person", "product")),
        *_flags("self_reported", required=True),
        Field("papers", Cell.LIST),
    ),
    ("kind", "level"),
)

_CCC = ReferenceTable(
    "ccc_catalogue",
    "强制性产品认证目录",
    "catalogue of compulsory product certification",
    (
        Field("code", Cell.CODE, required=True),
        *_NAMES,
        Field("section", required=True),
        Field("mark", levels=("", "*", "**")),
        *_flags("required", "self_declared", "priority", required=True),
    ),
    ("code",),
)

_SIZES = ReferenceTable(
    "size_thresholds",
    "大中小微型企业划分标准",
    "thresholds of enterprise size",
    (
        Field("industry", required=True),
        Field("codes", Cell.LIST, required=True, refers="gbt4754_2017.code", exclusive=True),
        *(
            Field(f"{metric}_{size}", Cell.NUMBER, low=0)
            for metric in ("staff", "revenue", "assets")
            for size in ("large", "medium", "small")
        ),
    ),
    ("industry",),
)

_MOUNTAIN = ReferenceTable(
    "zhejiang_mountain_counties",
    "浙江山区海岛县",
    "mountain and island counties of Zhejiang",
    (Field("code", Cell.CODE, required=True, refers="division_areas_2023.code"), Field("name", required=True)),
    ("code",),
)


_LISTS = ReferenceTable(
    "lists",
    "公示名录",
    "public lists",
    (
        Field("kind", Cell.CODE, required=True),
        *_NAMES,
        Field("standing", required=True, levels=("adverse", "favourable")),
        *_flags("veto", required=True),
        Field("keeper", required=True),
        *_months("months"),
        Field("papers", Cell.LIST),
    ),
    ("kind",),
)

_PROGRAMMES = ReferenceTable(
    "programmes",
    "质量提升活动",
    "quality programmes",
    (
        Field("kind", Cell.CODE, required=True),
        *_NAMES,
        Field("dimension", required=True, levels=_DIMENSIONS),
        Field("axis", required=True, levels=_AXES),
        *_flags("self_reported", required=True),
        Field("papers", Cell.LIST),
    ),
    ("kind",),
)

_PUBLICATION = ReferenceTable(
    "publication_rules",
    "不良信息公示期限",
    "how long adverse records are published",
    (
        Field("regime", Cell.CODE, required=True, levels=("penalty", "zhejiang", "abnormal_operation")),
        Field("severity", Cell.CODE, required=True, levels=("minor", "moderate", "serious", "any")),
        *_NAMES,
        *_flags("published", required=True),
        *_months("min_months", "max_months", "repair_months"),
    ),
    ("regime", "severity"),
)

_LPR = ReferenceTable(
    "lpr",
    "贷款市场报价利率",
    "loan prime rate",
    (
        Field("term", Cell.CODE, required=True, levels=("1Y", "5Y")),
        Field("percent", Cell.NUMBER, required=True, low=0, high=20),
    ),
    ("term",),
)

_CARBON = ReferenceTable(
    "carbon_catalogue",
    "产品碳足迹标识认证目录",
    "catalogue of carbon footprint labelling",
    (
        Field("code", Cell.CODE, required=True),
        *_NAMES,
        Field("industries", Cell.LIST, required=True, refers="gbt4754_2017.code"),
    ),
    ("code",),
)


#: Every table by its name, which is also the name of its file.
TABLES: Mapping[str, ReferenceTable] = named(
    (
        _SCHEMES,
        ALIASES,
        _RULES,
        _HONOURS,
        _LISTS,
        _PROGRAMMES,
        _PUBLICATION,
        _CCC,
        _CARBON,
        _LPR,
        _SIZES,
        SIZE_VECTORS,
        _MOUNTAIN,
        COUNTY_COUNTS,
        INDUSTRIES,
        *DIVISIONS,
        CERTIFICATE_CODES,
        NUMBER_FORMATS,
    )
)
