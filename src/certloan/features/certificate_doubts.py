"""What speaks against leaning on a certificate: its body, its number, its records; a CCC that is missing.

A certificate of a body that lost its licence since weighs nothing until another body has certified the firm again
(认证认可条例第六十一条); whoever chose the body in good faith is not blamed for it, so the model does not read it twice.
"""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import Count, CountDistinct, Max, Share
from certloan.features.spec import FeatureSpec, Missing, Unit, Use

_DOUBT = partial(
    FeatureSpec, family=Family.CERTIFICATION, dimension=Dimension.FOUNDATION, table="certificate_state",
    missing=Missing.ZERO_IF_DELIVERED, unit=Unit.COUNT, aggregate=CountDistinct("audit"), use=Use.FACT, actionable=True,
)  # fmt: skip
_PAPERS = partial(_DOUBT, aggregate=Count())
#: What only the register of bodies can tell is unknown until it has been delivered.
_BODY = partial(_DOUBT, unit=Unit.YES_NO, missing=Missing.UNKNOWN_IF_NO_COVERAGE)
_PRODUCT = partial(_PAPERS, table="ccc_product", dimension=Dimension.FOUNDATION)
_REPORTED = partial(_PAPERS, table="reported_certificate", actionable=False)
#: Where the register of certificates was never delivered, nothing agrees or disagrees with it.
_SHARE = partial(
    FeatureSpec, family=Family.CERTIFICATION, dimension=Dimension.FOUNDATION, table="reported_certificate",
    where="agreement is not null", unit=Unit.SHARE,
)  # fmt: skip


def _whether(doubt: str) -> Max:
    """Word whether a valid certificate gives rise to a doubt."""
    return Max(
        f"case when not certification_body_delivered then null when state = 'valid' and {doubt} then 1 else 0 end"
    )


# fmt: off
SPECS = (
    _DOUBT(
        name="cert_weightless_audits", zh="登记有效但不予采信的证书对应的审核数", en="audits behind certificates that are valid and weigh nothing",
        where="state = 'valid' and not trusted and coalesce(role, 'client') <> 'factory'", direction=-1, source="认证认可条例(2023)第六十一条",
    ),
    _BODY(
        name="cert_body_struck", zh="有效证书的认证机构在发证后被撤销或停业", en="the body of a valid certificate was revoked or suspended since",
        aggregate=_whether("body_struck"), direction=-1, source="认证认可条例(2023)第六十一条",
    ),
    _BODY(
        name="cert_body_fined", zh="有效证书的认证机构在发证后被罚款或警告", en="the body of a valid certificate was fined or warned since",
        aggregate=_whether("body_fined"), source="认证认可条例(2023)第五十九条",
    ),
    _BODY(
        name="cert_body_unlicensed", zh="有效证书的认证机构在颁证日未获批准", en="the body of a valid certificate was not licensed on the day of issue",
        aggregate=_whether("body_unlicensed"), direction=-1, source="认证认可条例(2023)第五十六条",
    ),
    _BODY(
        name="cert_body_unknown", zh="有效证书的认证机构不在批准名录", en="the register does not know the body of a valid certificate",
        aggregate=_whether("body_unknown"), direction=-1, source="认证认可条例(2023)第五十六条",
    ),
    _BODY(
        name="cert_body_unapproved", zh="有效证书的认证机构未获批准该领域", en="the body of a valid certificate is approved for other fields only",
        aggregate=_whether("body_unapproved"), direction=-1, source="认证认可条例(2023)第五十六条",
    ),
    _PAPERS(
        name="cert_contested_n", zh="与他人证书编号相同的证书数", en="certificates whose number somebody else holds too",
        where="coalesce(contested, false)", direction=-1, source="认证认可条例(2023)第七十条",
    ),
    _PAPERS(
        name="cert_factory_n", zh="仅作为生产企业列名的有效证书数", en="valid certificates that name the firm as factory only",
        where="state = 'valid' and role = 'factory'", source="认证信息平台 委托人、生产者、生产企业", actionable=False,
    ),
    _PAPERS(
        name="cert_contradictions_n", zh="记录自相矛盾的证书数", en="certificates whose records contradict each other",
        where="state_contradiction", direction=-1, source="认证认可条例(2023)第二十六条", actionable=False,
    ),
    _PRODUCT(
        name="cert_ccc_required_n", zh="在产的强制性认证目录产品数", en="products made that need a CCC",
        where="coalesce(ccc, 'unknown') <> 'not_required'", source="CCC目录(2023)",
    ),
    _PRODUCT(
        name="cert_ccc_missing_n", zh="应取得而未取得CCC的在产产品数", en="products made that need a CCC and have none",
        where="ccc = 'missing'", direction=-1, source="认证认可条例(2023)第六十六条",
    ),
    _PRODUCT(
        name="cert_ccc_by_another_n", zh="CCC由他人持有、本企业仅为生产企业的产品数", en="products whose CCC another firm holds",
        where="ccc = 'held_by_another'", source="认证信息平台 委托人、生产者、生产企业",
    ),
    _REPORTED(
        name="cert_reported_n", zh="征信报告中的获证记录数", en="certificates in the credit report",
        source="企业信用报告 EF07",
    ),
    _REPORTED(
        name="cert_reported_confirmed_n", zh="经认证登记证实的征信获证记录数", en="certificates in the credit report that the register confirms",
        where="agreement = 'confirmed'", direction=+1, source="企业信用报告 EF07",
    ),
    _REPORTED(
        name="cert_reported_unconfirmed_n", zh="认证登记未能证实的征信获证记录数", en="certificates in the credit report that the register neither confirms nor contradicts",
        where="agreement = 'unconfirmed'", source="企业信用报告 EF07",
    ),
    _REPORTED(
        name="cert_reported_contradicted_n", zh="与认证登记矛盾的征信获证记录数", en="certificates in the credit report that the register contradicts",
        where="agreement = 'contradicted'", direction=-1, source="企业信用报告 EF07",
    ),
    _SHARE(
        name="cert_reported_confirmed_share", zh="征信获证记录中经认证登记证实的比例", en="share of the credit report's certificates that the register confirms",
        aggregate=Share("agreement = 'confirmed'"), direction=+1, source="企业信用报告 EF07",
    ),
    _SHARE(
        name="cert_reported_contradicted_share", zh="征信获证记录中与认证登记矛盾的比例", en="share of the credit report's certificates that the register contradicts",
        aggregate=Share("agreement = 'contradicted'"), direction=-1, source="企业信用报告 EF07",
    ),
)
# fmt: on
