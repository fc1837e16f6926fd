"""What the enterprise sells and buys, out of its invoices. Void invoices never count as sales; red letters take back."""

from functools import partial

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import (
    Count,
    CountDistinct,
    CountMonths,
    Exists,
    Max,
    Min,
    Ratio,
    Share,
    Sum,
    TopShare,
    Variation,
)
from certloan.features.spec import DerivedSpec, FeatureSpec, Missing, Unit, Use, Window

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
SPECS = (
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
    _DERIVED(
        name="ops_sales_growth", zh="销售额增长率", en="growth of sales",
        expression="ratio(ops_sales_12m, ops_sales_prior_12m) - 1", unit=Unit.RATIO, direction=+1,
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
