"""The contract of the table of number formats."""

from __future__ import annotations

from certloan.reference.contract import Cell, Field, ReferenceTable

NUMBER_FORMATS = ReferenceTable(
    "number_formats",
    "证书编号的格式",
    "formats of certificate numbers",
    (
        Field("code", Cell.CODE, required=True),
        Field("scheme_class"),
        Field("scheme", Cell.CODE, refers="schemes.code"),
        Field("zh", required=True),
        Field("en", required=True),
        Field("pattern", required=True),
        Field("refused"),
        Field("example", Cell.CODE, required=True),
    ),
    ("code",),
)
