"""The certification schemes of the world: code, standard, validity, and what a body must be approved for to issue them.

Codes A01, A02, A03, A05 and A06 are those of the national platform; the others are readable names of our own.
"""

from __future__ import annotations

from dataclasses import dataclass


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
        return 2 if self.code in ("SERVICE", "MINSU") else 3 if self.code in ("ORGANIC", "FSMS", "HACCP") else 1


#: What bodies are approved for, as their register says it.
FIELDS = ("管理体系", "产品", "服务", "食品农产品")
_SYSTEMS = ("A01", "A02", "A03", "A05", "A06", "ENMS", "IPMS", "MMS")


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
)

CODES: tuple[str, ...] = tuple(scheme.code for scheme in SCHEMES)


def position(code: str) -> int:
    """Give a scheme's place in :data:`SCHEMES`.

    >>> SCHEMES[position("CCC")].years
    5
    """
    return CODES.index(code)
