"""The certification schemes of the world: code, standard, validity, and what a body must be approved for to issue them.

Codes A01, A02, A03, A05 and A06 are those of the national platform; the others are readable names of our own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Scheme:
    """One scheme. ``years`` is the validity of a certificate."""

    code: str
    zh: str
    standard: str
    years: int
    accredited: float  # share of certificates that carry the CNAS mark

    @property
    def field(self) -> int:
        """The position in :data:`FIELDS` of what a body must be approved for."""
        if self.code in _SYSTEMS:
            return 0
        if self.code in _FOOD:
            return 3
        return 2 if self.code.startswith("SVC") or self.code in ("SERVICE", "MINSU", "CNAS-LAB", "CMA") else 1

    @property
    def system(self) -> bool:
        """Whether it certifies how a firm is run, not what it makes."""
        return self.code in _SYSTEMS or self.code in ("FSMS", "HACCP")


#: What bodies are approved for, as their register says it.
FIELDS = ("管理体系", "产品", "服务", "食品农产品")
_SYSTEMS = (
    "A01", "A02", "A03", "A05", "A06", "ENMS", "IPMS", "MMS", "IATF16949", "GBT50430", "TL9000", "COMPLIANCE", "INNOVMS",
    "BCMS", "IIMS", "CHAIN",
)  # fmt: skip
_FOOD = ("ORGANIC", "FSMS", "HACCP", "GREENFOOD", "GAP", "PZB-AGRI")


SCHEMES: tuple[Scheme, ...] = (
    Scheme("A01", "质量管理体系认证", "GB/T 19001-2016", 3, 0.75),
    Scheme("A02", "环境管理体系认证", "GB/T 24001-2016", 3, 0.75),
    Scheme("A03", "职业健康安全管理体系认证", "GB/T 45001-2020", 3, 0.75),
    Scheme("A05", "信息安全管理体系认证", "GB/T 22080-2016", 3, 0.6),
    Scheme("A06", "信息技术服务管理体系认证", "GB/T 24405.1-2009", 3, 0.6),
    Scheme("ENMS", "能源管理体系认证", "GB/T 23331-2020", 3, 0.6),
    Scheme("IPMS", "知识产权管理体系认证", "GB/T 29490-2013", 3, 0.3),
    Scheme("MMS", "测量管理体系认证", "GB/T 19022-2003", 5, 0.0),
    Scheme("FSMS", "食品安全管理体系认证", "GB/T 22000-2006", 3, 0.7),
    Scheme("HACCP", "危害分析与关键控制点体系认证", "GB/T 27341-2009", 3, 0.7),
    Scheme("CCC", "强制性产品认证", "CNCA-C", 5, 0.0),
    Scheme("VOL", "自愿性产品认证", "CQC-V", 5, 0.3),
    Scheme("GREEN", "绿色产品认证", "GB/T 33761-2017", 5, 0.3),
    Scheme("LOWCARBON", "低碳节能产品认证", "CNCA-LC-0101", 5, 0.2),
    Scheme("ORGANIC", "有机产品认证", "GB/T 19630-2019", 1, 0.4),
    Scheme("PZB", "品字标浙江制造认证", "ZJM", 3, 0.2),
    Scheme("GDYZ", "广东优质认证", "GDYZ", 3, 0.2),
    Scheme("SERVICE", "服务认证", "RB/T 301-2016", 3, 0.3),
    Scheme("MINSU", "民宿服务认证", "DB33/T 2048-2017", 3, 0.2),
    Scheme("SANTONG", "三同产品", "三同", 2, 0.0),
    Scheme("IATF16949", "汽车行业质量管理体系认证", "IATF 16949:2016", 3, 0.2),
    Scheme("GBT50430", "工程建设施工企业质量管理体系认证", "GB/T 50430-2017", 3, 0.8),
    Scheme("TL9000", "信息通信行业质量管理体系认证", "TL 9000 R6.2", 3, 0.3),
    Scheme("COMPLIANCE", "合规管理体系认证", "GB/T 35770-2022", 3, 0.3),
    Scheme("INNOVMS", "创新管理体系认证", "GB/T 33250-2016", 3, 0.2),
    Scheme("BCMS", "业务连续性管理体系认证", "GB/T 30146-2023", 3, 0.3),
    Scheme("IIMS", "两化融合管理体系评定", "GB/T 23001-2017", 3, 0.0),
    Scheme("CHAIN", "产业链质量管理体系认证", "CNCA-QMS-L", 3, 0.1),
    Scheme("HIGHEND", "高端品质认证", "CQC-HE", 3, 0.2),
    Scheme("CR", "中国机器人认证", "CNCA-CR", 5, 0.3),
    Scheme("ENERGY", "节能产品认证", "CQC31", 5, 0.2),
    Scheme("CARBON", "产品碳足迹标识认证", "GB/T 24067-2024", 3, 0.2),
    Scheme("GREENFOOD", "绿色食品", "NY/T 391-2021", 3, 0.0),
    Scheme("GAP", "良好农业规范认证", "GB/T 20014", 1, 0.4),
    Scheme("PZB-AGRI", "品字标农产认证", "ZJM-A", 3, 0.2),
    Scheme("SVC-LOGISTICS", "物流服务认证", "RB/T 301-2016", 3, 0.3),
    Scheme("SVC-ECOM", "电子商务服务认证", "RB/T 314-2017", 3, 0.3),
    Scheme("SVC-AFTERSALES", "售后服务认证", "GB/T 27922-2011", 3, 0.3),
    Scheme("CNAS-LAB", "实验室认可", "GB/T 27025-2019", 6, 0.0),
    Scheme("CMA", "检验检测机构资质认定", "RB/T 214-2017", 6, 0.0),
)

CODES: tuple[str, ...] = tuple(scheme.code for scheme in SCHEMES)


#: Which schemes certify how a firm is run.
SYSTEM = np.array([scheme.system for scheme in SCHEMES])


def position(code: str) -> int:
    """Give a scheme's place in :data:`SCHEMES`.

    >>> SCHEMES[position("CCC")].years
    5
    """
    return CODES.index(code)
