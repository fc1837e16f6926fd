"""Questions about single certificates that an officer should ask. No model and no gate may read any of them.

A flag is a question, not a verdict: a certificate body may have moved its serial numbers, a group may be certified as
one. What takes several firms to see stands in :mod:`certloan.features.integrity_teams` and ``integrity_rings``.
"""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import Count, CountDistinct
from certloan.features.spec import FeatureSpec, Missing, Unit, Use

_FLAG = partial(
    FeatureSpec, family=Family.INTEGRITY, dimension=Dimension.FOUNDATION, table="certificate_doubt", aggregate=Count(),
    missing=Missing.ZERO_IF_DELIVERED, unit=Unit.COUNT, use=Use.FLAG,
)  # fmt: skip

# fmt: off
SPECS = (
    _FLAG(
        name="flag_number_malformed_n", zh="编号不合格式的证书数", en="certificates whose number is malformed for its scheme",
        where="standing and number_wrong", source="证书编号说明",
    ),
    _FLAG(
        name="flag_body_unapproved_n", zh="发证机构未获准从事该领域的证书数", en="certificates of a body not approved for the scheme",
        where="standing and (body_unapproved or body_unknown)", source="认证认可条例(2023)第五十六条",
    ),
    _FLAG(
        name="flag_body_unlicensed_n", zh="颁证日机构无有效批准的证书数", en="certificates of a body not licensed on the day of issue",
        where="standing and body_unlicensed", source="认证认可条例(2023)第五十六条",
    ),
    _FLAG(
        # One audit may print several papers, so schemes are counted, and only those that the firm never held before.
        name="flag_bought_90d_n", zh="申请前90天内新取得的认证项目数", en="schemes first certified in the 90 days before applying",
        aggregate=CountDistinct("scheme_root"), where="standing and bought_lately and coalesce(role, 'client') <> 'factory'",
        source="本项目推导 申请前集中取证",
    ),
    _FLAG(
        name="flag_headcount_far_n", zh="覆盖人数与年报相差悬殊的证书数", en="certificates whose head-count is far from the annual report's",
        where="standing and headcount_far", source="认证信息平台 场所、人数",
    ),
    _FLAG(
        name="flag_scope_unfit_n", zh="覆盖范围与主营行业不符的证书数", en="certificates whose scope does not fit the business",
        where="standing and unfit", source="认证信息平台 认证覆盖业务范围",
    ),
)
# fmt: on
