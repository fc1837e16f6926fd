"""The tables that were taken over whole, or are the house's own words and known answers: their source is said once."""

from __future__ import annotations

from certloan.reference.contract import Cell, Field, ReferenceTable

ALIASES = ReferenceTable(
    "scheme_aliases",
    "认证项目的别名",
    "other words for schemes",
    (Field("code", Cell.CODE, required=True, refers="schemes.code"), Field("alias", required=True)),
    ("alias",),
    source="证书文件中常见的写法",
)

SIZE_VECTORS = ReferenceTable(
    "size_vectors",
    "企业规模划分的检验样例",
    "known answers of enterprise size",
    (
        Field("code", Cell.CODE, required=True, refers="gbt4754_2017.code"),
        Field("on", Cell.DATE, required=True),
        *(Field(name, Cell.NUMBER, low=0) for name in ("staff", "revenue", "assets")),
        Field("expected", required=True, levels=("large", "medium", "small", "micro", "none")),
    ),
    ("code", "on", "staff", "revenue", "assets"),
    source="统计上大中小微型企业划分办法(2017)推算",
)

COUNTY_COUNTS = ReferenceTable(
    "mountain_county_counts",
    "山区海岛县数的检验样例",
    "known numbers of mountain and island counties",
    (
        Field("on", Cell.DATE, required=True),
        Field("counties", Cell.INTEGER, required=True, low=0, high=90),
    ),
    ("on",),
    source="中新网2025-01-07、2025-05-28",
)

INDUSTRIES = ReferenceTable(
    "gbt4754_2017",
    "国民经济行业分类",
    "classification of economic activities (GB/T 4754-2017)",
    (
        Field("code", Cell.CODE, required=True),
        Field("name", required=True),
        Field("level", Cell.INTEGER, required=True, low=1, high=4),
        Field("parent", Cell.CODE, refers="gbt4754_2017.code"),
        Field("section", Cell.CODE),
    ),
    ("code",),
    source="GB/T 4754-2017",
    valid_from="2017-10-01",
)

DIVISIONS = tuple(
    ReferenceTable(
        f"division_{name}_2023",
        zh,
        en,
        (Field("code", Cell.CODE, required=True), Field("name", required=True), *parents),
        ("code",),
        source="国家统计局统计用区划代码(2023-06-30)",
        valid_from="2023-06-30",
    )
    for name, zh, en, parents in (
        ("provinces", "省级行政区划", "provinces", ()),
        ("cities", "地级行政区划", "cities", (Field("provinceCode", refers="division_provinces_2023.code"),)),
        (
            "areas",
            "县级行政区划",
            "counties",
            (
                Field("cityCode", refers="division_cities_2023.code"),
                Field("provinceCode", refers="division_provinces_2023.code"),
            ),
        ),
    )
)

CERTIFICATE_CODES = ReferenceTable(
    "certificate_codes",
    "证书登记所用代码",
    "code lists of the certificate register",
    (Field("table", Cell.CODE, required=True), Field("code", Cell.CODE, required=True), Field("name", required=True)),
    ("table", "code"),
    source="认证信息上报所用代码表",
)
