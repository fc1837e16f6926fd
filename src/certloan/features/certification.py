"""What certificates a firm holds: how many independent audits, of what kind, and how strong the proof is.

A certificate counts while it is valid, its body may be trusted, and no later one of its kind has taken its place
(:mod:`certloan.features.relations.certificate_state`). Numbers that the model reads count audits: one audit that prints
five certificates is one piece of evidence (一审多证). Numbers of papers are facts for the officer.
"""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import Count, CountDistinct, Exists, Max
from certloan.features.spec import DerivedSpec, FeatureSpec, Missing, Unit, Use

_CERTIFICATE = partial(FeatureSpec, family=Family.CERTIFICATION, table="certificate_state", actionable=True)
#: The certificate register is complete: once delivered, no row means no certificate, of any kind.
_COUNTED = partial(_CERTIFICATE, missing=Missing.ZERO_IF_DELIVERED, unit=Unit.COUNT)
_AUDITS = partial(
    _COUNTED, aggregate=CountDistinct("audit"), direction=+1, dimension=Dimension.FOUNDATION, order="issued_on"
)
_HELD = partial(
    _CERTIFICATE, aggregate=Exists(), unit=Unit.YES_NO, missing=Missing.ZERO_IF_DELIVERED, direction=+1,
    dimension=Dimension.MANAGEMENT,
)  # fmt: skip

_INDEPENDENT = "counts and strength >= 3"


def _of(condition: str) -> str:
    return f"{_INDEPENDENT} and {condition}"


def _scheme(root: str) -> str:
    """Word that a certificate is of a scheme, or of one that rests on it (IATF 16949 on ISO 9001)."""
    return _of(f"(scheme_root = '{root}' or scheme_parent = '{root}')")


# fmt: off
SPECS = (
    _CERTIFICATE(
        name="cert_known", zh="有认证记录", en="has certificate records",
        dimension=Dimension.FOUNDATION, aggregate=Exists(), unit=Unit.YES_NO, missing=Missing.ZERO_IF_DELIVERED,
        source="认证信息平台 证书信息", actionable=False,
    ),
    _COUNTED(
        name="cert_valid_n", zh="有效证书数", en="valid certificates",
        dimension=Dimension.FOUNDATION, aggregate=Count(), where="weighs",
        direction=+1, source="S3 获证企业授信", use=Use.FACT,
    ),
    _AUDITS(
        name="cert_valid_audits", zh="有效证书对应的独立审核数", en="distinct audits behind valid certificates",
        where=_INDEPENDENT, source="S4 一审多证",
    ),
    _AUDITS(
        name="cert_accredited_audits", zh="带CNAS认可标识的有效证书对应的审核数", en="audits under CNAS accreditation behind valid certificates",
        where=_of("accreditation = 'cnas'"), source="本项目推导 证据强度; S3 认证采信",
    ),
    _AUDITS(
        name="cert_third_party_audits", zh="第三方认证的有效证书对应的审核数(含未认可)", en="third-party audits behind valid certificates, unaccredited ones included",
        where="counts and strength >= 2 and proof = 'third_party'", source="本项目推导 证据强度; S3 认证采信",
    ),
    _COUNTED(
        name="cert_self_declared_schemes", zh="自我声明的有效项目数", en="schemes with a valid self-declaration",
        dimension=Dimension.FOUNDATION, aggregate=CountDistinct("scheme"), where="counts and proof = 'self_declared'",
        direction=+1, source="S0 “标准＋自我声明”", use=Use.FACT,
    ),
    _HELD(
        # A self-declaration is no audit: neither its papers nor the schemes that it names add up.
        name="cert_self_declared", zh="有有效的自我声明", en="holds a valid self-declaration",
        dimension=Dimension.FOUNDATION, where="counts and proof = 'self_declared'", source="S0 “标准＋自我声明”",
    ),
    _CERTIFICATE(
        name="cert_strength_max", zh="有效证书的最高证明强度(1自我声明,2无认可,3第三方,4认可或强制)",
        en="strongest proof among valid certificates (1 own word, 2 unaccredited, 3 third party, 4 accredited or compulsory)",
        dimension=Dimension.FOUNDATION, aggregate=Max("strength"), where="weighs", unit=Unit.LEVEL,
        direction=+1, source="本项目推导 证据强度; S3 认证采信",
    ),
    _COUNTED(
        name="cert_schemes_n", zh="有效认证项目数", en="schemes with a valid certificate",
        dimension=Dimension.FOUNDATION, aggregate=CountDistinct("scheme"), where="weighs",
        direction=+1, source="S4 “1+N”认证", use=Use.FACT,
    ),
    _AUDITS(
        name="cert_management_audits", zh="有效管理体系认证对应的审核数", en="audits behind valid management-system certificates",
        dimension=Dimension.MANAGEMENT, where=_of("scheme_class = 'management_system'"),
        source="S3 质量管理体系认证“升级版”",
    ),
    _AUDITS(
        # The certificate names three organisations; the factory that only makes for others does not hold it.
        name="cert_ccc_audits", zh="有效强制性产品认证(CCC)对应的审核数", en="audits behind valid compulsory (CCC) certificates",
        where=_of("scheme_class = 'ccc'"), source="认证信息平台 委托人、生产者、生产企业",
    ),
    _COUNTED(
        name="cert_ccc_n", zh="有效强制性产品认证(CCC)证书数", en="valid compulsory (CCC) certificates",
        dimension=Dimension.FOUNDATION, aggregate=Count(), where="weighs and scheme_class = 'ccc'",
        direction=+1, source="认证信息平台 委托人、生产者、生产企业", use=Use.FACT,
    ),
    _AUDITS(
        name="cert_product_audits", zh="有效自愿性产品认证对应的审核数", en="audits behind valid voluntary product certificates",
        where=_of("scheme_class = 'product'"), source="S3 自愿性产品认证",
    ),
    _AUDITS(
        name="cert_food_audits", zh="有效食品农产品认证对应的审核数", en="audits behind valid food and farm-product certificates",
        where=_of("scheme_class = 'food'"), source="S2 食品农产品认证",
    ),
    _AUDITS(
        name="cert_green_audits", zh="有效绿色低碳认证对应的审核数", en="audits behind valid green and low-carbon certificates",
        where=_of("scheme_class = 'green'"), source="S4 绿色产品认证",
    ),
    _AUDITS(
        name="cert_brand_audits", zh="有效区域品牌认证对应的审核数(品字标、广东优质等)", en="audits behind valid regional brand certificates",
        dimension=Dimension.BRAND, where=_of("scheme_class = 'regional_brand'"), source="S1 品字标",
    ),
    _AUDITS(
        name="cert_service_audits", zh="有效服务认证对应的审核数", en="audits behind valid service certificates",
        where=_of("scheme_class = 'service'"), source="S3 服务认证",
    ),
    _AUDITS(
        name="cert_laboratory_audits", zh="有效实验室认可与资质认定对应的评审数", en="assessments behind valid laboratory accreditations",
        where=_of("scheme_class = 'laboratory'"), source="S0 检验检测机构",
    ),
    _AUDITS(
        name="cert_advanced_audits", zh="创新、资产、业务连续性管理体系认证对应的审核数", en="audits of advanced systems (innovation, assets, continuity)",
        dimension=Dimension.MANAGEMENT, where=_of("coalesce(scheme_advanced, false)"), source="S3 创新管理体系",
    ),
    _AUDITS(
        name="cert_depth_audits", zh="测量、合规、反贿赂管理体系认证对应的审核数", en="audits of measurement, compliance and anti-bribery systems",
        dimension=Dimension.MANAGEMENT, where=_of("scheme in ('MMS', 'COMPLIANCE', 'ANTIBRIBERY')"), source="S2 测量管理体系",
    ),
    _AUDITS(
        # A sector's own scheme asks more than ISO 9001 does; one of another sector proves nothing here.
        name="cert_sector_audits", zh="与本行业相符的行业特色体系认证对应的审核数", en="audits of sector systems that fit the firm's industry",
        dimension=Dimension.MANAGEMENT,
        where=_of("scheme_class = 'management_system' and scheme_sector_specific and coalesce(fits, true)"), source="S3 行业特色认证",
    ),
    _AUDITS(
        name="cert_innovation_audits", zh="知识产权、两化融合、机器人等创新类认证对应的审核数", en="audits of innovation schemes (IP, integration, robots)",
        dimension=Dimension.INNOVATION, where=_of("scheme_dimension = 'quality_innovation'"), source="S2 知识产权管理体系认证",
    ),
    _AUDITS(
        name="cert_highend_audits", zh="高端品质认证对应的审核数", en="audits of high-end quality certification",
        dimension=Dimension.BRAND, where=_of("starts_with(scheme, 'HIGHEND')"), source="S3 高端品质认证",
    ),
    _CERTIFICATE(
        name="cert_grade_max", zh="有效分级证书的最高等级", en="highest grade among valid graded certificates",
        dimension=Dimension.MANAGEMENT, aggregate=Max("grade"), where="weighs and strength >= 3", unit=Unit.LEVEL,
        direction=+1, source="S3 分级认证",
    ),
    _HELD(
        name="cert_qms_held", zh="质量管理体系认证有效", en="holds a quality management system",
        where=_scheme("A01"), source="S3 质量管理体系认证",
    ),
    _HELD(
        name="cert_ems_held", zh="环境管理体系认证有效", en="holds an environmental management system",
        where=_scheme("A02"), source="S2 环境管理体系",
    ),
    _HELD(
        name="cert_enms_held", zh="能源管理体系认证有效", en="holds an energy management system",
        where=_scheme("ENMS"), source="S2 能源管理体系",
    ),
    _HELD(
        name="cert_ohsms_held", zh="职业健康安全管理体系认证有效", en="holds an occupational health and safety management system",
        where=_scheme("A03"), source="S2 职业健康安全",
    ),
    _HELD(
        name="cert_isms_held", zh="信息安全或信息技术服务管理体系认证有效", en="holds an information security or IT service management system",
        where=_of("scheme_root in ('A05', 'A06')"), source="S2 信息安全",
    ),
    _HELD(
        name="cert_carbon_held", zh="低碳产品、碳足迹或碳管理认证有效", en="holds a low-carbon, carbon footprint or carbon management certificate",
        dimension=Dimension.FOUNDATION, where=_of("(scheme_root in ('LOWCARBON', 'CARBON', 'CARBONMS') or scheme_parent = 'CARBON')"),
        source="S4 碳标识",
    ),
    _HELD(
        name="cert_chain_held", zh="产业链质量管理体系认证有效", en="holds a supply-chain group certificate",
        where=_of("scheme = 'CHAIN'"), source="S4 跨区域产业链认证", use=Use.FACT,
    ),
    _AUDITS(
        name="cert_fit_audits", zh="项目与范围均与本行业相符的审核数", en="audits whose scheme and scope fit the firm's industry",
        where=_of("not unfit"), source="本项目推导 证书范围与行业相符",
    ),
    _COUNTED(
        name="cert_unfit_audits", zh="项目或范围与本行业不符的审核数", en="audits whose scheme or scope does not fit the firm's industry",
        dimension=Dimension.FOUNDATION, aggregate=CountDistinct("audit"), where="counts and unfit",
        source="本项目推导 证书范围与行业相符", use=Use.FACT,
    ),
    _CERTIFICATE(
        name="cert_headcount", zh="有效证书覆盖的最大人数", en="largest headcount covered by a valid certificate",
        dimension=Dimension.MANAGEMENT, aggregate=Max("headcount_covered"), where="weighs",
        unit=Unit.PERSONS, source="认证信息平台 证书信息", use=Use.FACT,
    ),
    DerivedSpec(
        name="cert_headcount_share", zh="证书覆盖人数占从业人数比", en="share of staff covered by certification",
        family=Family.CERTIFICATION, dimension=Dimension.MANAGEMENT,
        expression="case when cert_headcount > ent_employees then 1 else ratio(cert_headcount, ent_employees) end",
        unit=Unit.SHARE, direction=+1, actionable=True, source="认证信息平台 证书信息", use=Use.FACT,
    ),
)
# fmt: on
