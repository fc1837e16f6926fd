"""What kinds of evidence there are, and which side of quality each speaks for."""

from __future__ import annotations

from enum import StrEnum


class Family(StrEnum):
    """Where a feature's evidence comes from: one family, one module of specs."""

    CERTIFICATION = "certification"
    QUALITY = "quality"
    CREDIT = "credit"
    ENTERPRISE = "enterprise"
    OPERATIONS = "operations"
    INNOVATION = "innovation"
    APPLICATION = "application"


class Dimension(StrEnum):
    """The five dimensions of 质量融资增信 (Shandong 鲁质贷, Xiamen 鹭质贷), and the lender's own view beside them."""

    CREDIT = "quality_credit"  # 质量信用
    MANAGEMENT = "quality_management"  # 质量管理
    BRAND = "quality_brand"  # 质量品牌
    FOUNDATION = "quality_foundation"  # 质量基础
    INNOVATION = "quality_innovation"  # 质量创新
    LENDING = "lending"  # what the lender knows beside quality: debts, sales, the request itself
