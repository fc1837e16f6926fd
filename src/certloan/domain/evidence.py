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
    HONOUR = "honour"
    MITIGANT = "mitigant"
    INTEGRITY = "integrity"
    APPLICATION = "application"


class Dimension(StrEnum):
    """The five dimensions of 质量融资增信 (Shandong 鲁质贷, Xiamen 鹭质贷), and the lender's own view beside them."""

    CREDIT = "quality_credit"  # 质量信用
    MANAGEMENT = "quality_management"  # 质量管理
    BRAND = "quality_brand"  # 质量品牌
    FOUNDATION = "quality_foundation"  # 质量基础
    INNOVATION = "quality_innovation"  # 质量创新
    LENDING = "lending"  # 信贷与经营: what the lender knows beside quality: debts, sales, the request itself


class Axis(StrEnum):
    """The four axes of 小微企业“全生命发展周期评价” (Deqing), the second way to look at the same evidence."""

    PRODUCT = "product_quality"  # 产品质量
    SYSTEM = "system_management"  # 体系管理
    TECHNOLOGY = "technology"  # 技术工艺
    PEOPLE = "people"  # 人才团队
