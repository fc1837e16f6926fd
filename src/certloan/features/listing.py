"""Public lists. An entry that was repaired is void and leaves no trace; one that was only taken off stays as history.

被执行人 is somebody whose debt a court enforces; 失信被执行人 is one who could pay and would not. They are never added up
into one number that stands for both.
"""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import Count, Max
from certloan.features.spec import FeatureSpec, Missing, Unit, Use, Window

_ENTRY = partial(
    FeatureSpec,
    family=Family.ENTERPRISE,
    dimension=Dimension.CREDIT,
    table="list_entry",
    missing=Missing.ZERO_IF_DELIVERED,
    direction=-1,
    actionable=True,
)
_LIST = partial(_ENTRY, aggregate=Count(), unit=Unit.COUNT)
_ON = "list = '{}' and listed"
_HISTORY = partial(_LIST, window=Window(60), actionable=False)

# fmt: off
SPECS = (
    _LIST(
        name="list_serious_violation_n", zh="严重违法失信名单(未移出)", en="on the list of serious violations",
        where=_ON.format("serious_violation"), source="鲁质贷(2025) 质量信用", use=Use.FACT,
    ),
    _LIST(
        name="list_dishonest_debtor_n", zh="失信被执行人(未移出)", en="on the list of dishonest debtors",
        where=_ON.format("dishonest_debtor"), source="失信被执行人名单规定(2013)", use=Use.FACT,
    ),
    _LIST(
        name="list_abnormal_operation_n", zh="经营异常名录(未移出)", en="on the list of abnormal operation",
        where=_ON.format("abnormal_operation"), source="企业信息公示暂行条例第十七条", use=Use.FACT,
    ),
    _LIST(
        name="list_enforcement_n", zh="被执行人(未移出)", en="debts under court enforcement",
        where=_ON.format("enforcement"), source="失信被执行人名单规定(2013)",
    ),
    _LIST(
        name="list_tax_arrears_n", zh="欠税公告(未移出)", en="announced tax arrears",
        where=_ON.format("tax_arrears"), source="企业信用报告 EF01",
    ),
    _LIST(
        # Supervisors watch whole trades, and whom they watch they sample more: no fault of the enterprise alone.
        name="list_key_supervision_n", zh="重点监管名单(在列)", en="on the list of key supervision",
        where=_ON.format("key_supervision"), source="S1 重点监管", direction=0, use=Use.FACT,
    ),
    _LIST(
        # The white list is made of the same evidence: to score it again would count all of it twice.
        name="list_quality_whitelist_n", zh="质量融资增信白名单(在列)", en="on the white list for quality financing",
        where=_ON.format("quality_whitelist"), source="厦门鹭质贷(2025) 白名单", direction=+1, use=Use.FACT,
    ),
    _HISTORY(
        name="list_entries_60m_n", zh="近5年列入各类不良名录次数", en="entries on adverse lists in 5 years",
        where="adverse", source="浙江省公共信用信息管理条例第十六条",
    ),
    _HISTORY(
        name="list_enforcement_60m_n", zh="近5年被执行次数", en="debts brought to court enforcement in 5 years",
        where="list = 'enforcement'", source="失信被执行人名单规定(2013)",
    ),
    _HISTORY(
        name="list_dishonest_debtor_60m_n", zh="近5年列入失信被执行人次数", en="entries on the list of dishonest debtors in 5 years",
        where="list = 'dishonest_debtor'", source="失信被执行人名单规定(2013)",
    ),
    _HISTORY(
        name="list_abnormal_operation_60m_n", zh="近5年列入经营异常名录次数", en="entries on the list of abnormal operation in 5 years",
        where="list = 'abnormal_operation'", source="企业信息公示暂行条例第十七条",
    ),
    _ENTRY(
        name="list_longest_days_60m", zh="近5年在不良名录上最长天数", en="longest stay on an adverse list in 5 years",
        aggregate=Max("days_between(listed_on, least(coalesce(removed_on, as_of), as_of))"), where="adverse",
        window=Window(60), unit=Unit.DAYS, source="企业信息公示暂行条例第十七条",
    ),
)
# fmt: on
