"""What the enterprise sells and buys, out of its invoices. Void invoices never count as sales; red letters take back."""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import (
    BothWays,
    Count,
    CountDistinct,
    CountMonths,
    Exists,
    FirstSeen,
    Herfindahl,
    LastSeen,
    Max,
    Min,
    Ratio,
    Share,
    Sum,
    TopShare,
    Variation,
)
from certloan.features.spec import DerivedSpec, FeatureSpec, Missing, Spec, Unit, Use, Window

_YEAR = Window(12)
# Sums take red letters in, because they take sales back; nothing that counts invoices, parties, months or days does.
_SALES = "direction = 'sale' and coalesce(status, 'valid') <> 'void'"
_PURCHASES = "direction = 'purchase' and coalesce(status, 'valid') <> 'void'"
_RED_LETTER = "coalesce(status, 'valid') = 'red_letter' or coalesce(net, 0) < 0"
_SALE = f"{_SALES} and not ({_RED_LETTER})"
_PURCHASE = f"{_PURCHASES} and not ({_RED_LETTER})"

_INVOICE = partial(FeatureSpec, family=Family.OPERATIONS, dimension=Dimension.LENDING, table="invoice")
_DERIVED = partial(DerivedSpec, family=Family.OPERATIONS, dimension=Dimension.LENDING)

# fmt: off
SPECS: tuple[Spec, ...] = (
    _INVOICE(
        name="ops_known", zh="有发票记录", en="has invoices",
        aggregate=Exists(), unit=Unit.YES_NO, missing=Missing.ZERO_IF_DELIVERED, source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_sales_12m", zh="近12个月销售额", en="sales of 12 months",
        aggregate=Sum("net"), where=_SALES, window=_YEAR, unit=Unit.YUAN, direction=+1, source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_sales_prior_12m", zh="此前12个月销售额", en="sales of the 12 months before",
        aggregate=Sum("net"), where=_SALES, window=Window(12, lag=12), unit=Unit.YUAN, direction=+1,
        source="CUMCM2020-C", use=Use.FACT,
    ),
    *(
        _INVOICE(
            name=f"ops_sales_{span}m", zh=f"近{span}个月销售额", en=f"sales of {span} months",
            aggregate=Sum("net"), where=_SALES, window=Window(span), unit=Unit.YUAN, direction=+1,
            source="CUMCM2020-C", use=Use.FACT,
        )
        for span in (3, 6)
    ),
    *(
        _INVOICE(
            name=f"ops_sales_{span}m_year_before", zh=f"上年同期{span}个月销售额",
            en=f"sales of the same {span} months a year before",
            aggregate=Sum("net"), where=_SALES, window=Window(span, lag=12), unit=Unit.YUAN, source="CUMCM2020-C",
            use=Use.FACT,
        )
        for span in (3, 6)
    ),
    *(
        _DERIVED(
            # The same months of the year before: a trend that no season can feign. Nothing to compare with where
            # nothing was sold then.
            name=f"ops_sales_trend_{span}m", zh=f"近{span}个月销售额同比变化",
            en=f"sales of {span} months against the same months a year before",
            expression=f"case when ops_sales_{span}m_year_before > 0"
            f" then ratio(ops_sales_{span}m, ops_sales_{span}m_year_before) - 1 end",
            unit=Unit.RATIO, direction=+1, source="CUMCM2020-C",
        )
        for span in (3, 6)
    ),
    _DERIVED(
        name="ops_sales_to_revenue", zh="近12个月销售额与申报营业收入比", en="sales of 12 months to the revenue reported",
        expression="ratio(ops_sales_12m, ent_revenue)", unit=Unit.RATIO, source="CUMCM2020-C", use=Use.FACT,
    ),
    _DERIVED(
        name="ops_sales_growth", zh="销售额增长率", en="growth of sales",
        expression="case when ops_sales_prior_12m > 0 then ratio(ops_sales_12m, ops_sales_prior_12m) - 1 end", unit=Unit.RATIO, direction=+1,
        source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_sales_36m", zh="近36个月销售额", en="sales of 36 months",
        aggregate=Sum("net"), where=_SALES, window=Window(36), unit=Unit.YUAN, direction=+1,
        source="CUMCM2020-C", use=Use.FACT,
    ),
    _INVOICE(
        name="ops_purchases_36m", zh="近36个月采购额", en="purchases of 36 months",
        aggregate=Sum("net"), where=_PURCHASES, window=Window(36), unit=Unit.YUAN, source="CUMCM2020-C",
        use=Use.FACT,
    ),
    _DERIVED(
        name="ops_purchases_to_sales_36m", zh="近36个月采购销售比", en="purchases to sales over 36 months",
        expression="ratio(ops_purchases_36m, ops_sales_36m)", unit=Unit.RATIO, source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_sales_invoices_12m_n", zh="近12个月销项发票数", en="sales invoices of 12 months",
        aggregate=Count(), where=_SALE, window=_YEAR, unit=Unit.COUNT, direction=+1, source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_sales_invoices_36m_n", zh="近36个月销项发票数", en="sales invoices of 36 months",
        aggregate=Count(), where=_SALE, window=Window(36), unit=Unit.COUNT, direction=+1, source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_purchase_invoices_36m_n", zh="近36个月进项发票数", en="purchase invoices of 36 months",
        aggregate=Count(), where=_PURCHASE, window=Window(36), unit=Unit.COUNT, direction=+1,
        source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_sales_variation_12m", zh="近12个月销售额波动", en="variation of monthly sales in 12 months",
        aggregate=Variation("net"), where=_SALES, window=_YEAR, unit=Unit.RATIO, direction=-1,
        source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_sales_months_24m", zh="近24个月有销售的月数", en="months with sales in 24 months",
        aggregate=CountMonths(), where=_SALE, window=Window(24), unit=Unit.MONTHS, direction=+1,
        source="CUMCM2020-C", use=Use.FACT,
    ),
    _DERIVED(
        # A window that begins in mid-month touches one calendar month more than it is long.
        name="ops_months_without_sales_24m", zh="近24个月无销售的月数", en="months without sales in 24 months",
        expression="case when ops_sales_months_24m > 24 then 0 else 24 - ops_sales_months_24m end", unit=Unit.MONTHS, direction=-1,
        source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_sales_months_12m", zh="近12个月有销售的月数", en="months with sales in 12 months",
        aggregate=CountMonths(), where=_SALE, window=_YEAR, unit=Unit.MONTHS, direction=+1,
        source="CUMCM2020-C", use=Use.FACT,
    ),
    _DERIVED(
        name="ops_months_without_sales_12m", zh="近12个月无销售的月数", en="months without sales in 12 months",
        expression="case when ops_sales_months_12m > 12 then 0 else 12 - ops_sales_months_12m end", unit=Unit.MONTHS, direction=-1, source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_void_share_12m", zh="近12个月销项作废发票占比", en="share of sales invoices voided in 12 months",
        aggregate=Share("status = 'void'"), where="direction = 'sale'", window=_YEAR, unit=Unit.SHARE,
        direction=-1, source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_void_share_36m", zh="近36个月销项作废发票占比", en="share of sales invoices voided in 36 months",
        aggregate=Share("status = 'void'"), where="direction = 'sale'", window=Window(36), unit=Unit.SHARE,
        direction=-1, source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_red_letter_share_36m", zh="近36个月销项红字发票占比", en="share of sales invoices taken back in 36 months",
        aggregate=Share(_RED_LETTER), where=_SALES, window=Window(36), unit=Unit.SHARE,
        direction=-1, source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_buyers_36m_n", zh="近36个月客户数", en="buyers in 36 months",
        aggregate=CountDistinct("counterparty"), where=_SALE, window=Window(36), unit=Unit.COUNT, direction=+1,
        source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_suppliers_36m_n", zh="近36个月供应商数", en="suppliers in 36 months",
        aggregate=CountDistinct("counterparty"), where=_PURCHASE, window=Window(36), unit=Unit.COUNT, direction=+1,
        source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_top_buyer_share_36m", zh="近36个月第一大客户销售占比", en="share of sales to the largest buyer in 36 months",
        aggregate=TopShare("net", by="counterparty"), where=_SALES, window=Window(36), unit=Unit.SHARE, direction=-1,
        source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_top_supplier_share_36m", zh="近36个月第一大供应商采购占比",
        en="share of purchases from the largest supplier in 36 months",
        aggregate=TopShare("net", by="counterparty"), where=_PURCHASES, window=Window(36), unit=Unit.SHARE,
        source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_buyer_concentration_12m", zh="近12个月客户集中度(赫芬达尔指数)",
        en="concentration of sales by buyer in 12 months (Herfindahl)",
        aggregate=Herfindahl("net", by="counterparty"), where=_SALES, window=_YEAR, unit=Unit.SHARE, direction=-1,
        source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_supplier_concentration_12m", zh="近12个月供应商集中度(赫芬达尔指数)",
        en="concentration of purchases by supplier in 12 months (Herfindahl)",
        aggregate=Herfindahl("net", by="counterparty"), where=_PURCHASES, window=_YEAR, unit=Unit.SHARE,
        source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_buyers_12m_n", zh="近12个月客户数", en="buyers in 12 months",
        aggregate=CountDistinct("counterparty"), where=_SALE, window=_YEAR, unit=Unit.COUNT, direction=+1,
        source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_buyers_prior_12m_n", zh="此前12个月客户数", en="buyers in the 12 months before",
        aggregate=CountDistinct("counterparty"), where=_SALE, window=Window(12, lag=12), unit=Unit.COUNT,
        source="CUMCM2020-C", use=Use.FACT,
    ),
    _INVOICE(
        name="ops_new_buyers_12m_n", zh="近12个月新客户数", en="buyers whose first invoice lies within 12 months",
        aggregate=FirstSeen("counterparty"), where=_SALE, window=_YEAR, unit=Unit.COUNT, source="CUMCM2020-C",
        use=Use.FACT,
    ),
    _DERIVED(
        # Whoever has shown invoices for less than two years would have nothing but new buyers.
        name="ops_new_buyer_share_12m", zh="近12个月新客户占比", en="share of new buyers among those of 12 months",
        expression="case when ops_history_months >= 24 then ratio(ops_new_buyers_12m_n, ops_buyers_12m_n) end",
        unit=Unit.SHARE, source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_lost_buyers_12m_n", zh="近12个月流失客户数", en="buyers of the 12 months before who bought no more",
        aggregate=LastSeen("counterparty"), where=_SALE, window=Window(12, lag=12), unit=Unit.COUNT,
        source="CUMCM2020-C", use=Use.FACT,
    ),
    _DERIVED(
        name="ops_lost_buyer_share_12m", zh="近12个月客户流失率", en="share of the buyers of the 12 months before who bought no more",
        expression="ratio(ops_lost_buyers_12m_n, ops_buyers_prior_12m_n)", unit=Unit.SHARE, direction=-1,
        source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_both_ways_36m_n", zh="近36个月既买又卖的对方单位数", en="counterparties of 36 months that both buy and supply",
        aggregate=BothWays("counterparty", other=_PURCHASE), where=_SALE, window=Window(36), unit=Unit.COUNT,
        source="CUMCM2020-C", use=Use.FACT,
    ),
    _INVOICE(
        name="ops_purchases_12m", zh="近12个月采购额", en="purchases of 12 months",
        aggregate=Sum("net"), where=_PURCHASES, window=_YEAR, unit=Unit.YUAN, source="CUMCM2020-C", use=Use.FACT,
    ),
    _DERIVED(
        name="ops_purchases_to_sales_12m", zh="近12个月采购销售比", en="purchases to sales over 12 months",
        expression="case when ops_sales_12m > 0 then ratio(ops_purchases_12m, ops_sales_12m) end", unit=Unit.RATIO,
        source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_days_since_sale", zh="距最近一次销售天数", en="days since the last sale",
        aggregate=Min("days_between(invoiced_on, as_of)"), where=_SALE, unit=Unit.DAYS, direction=-1,
        source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_history_months", zh="首张发票距今月数", en="months since the first invoice",
        aggregate=Max("months_between(invoiced_on, as_of)"), order="invoiced_on", unit=Unit.MONTHS, direction=+1,
        source="CUMCM2020-C",
    ),
    _INVOICE(
        name="ops_output_tax_rate_36m", zh="近36个月销项平均税率", en="mean output tax rate in 36 months",
        aggregate=Ratio("tax", "net"), where=_SALES, window=Window(36), unit=Unit.SHARE, source="CUMCM2020-C",
    ),
)
# fmt: on
