"""Measured against a figure of the annual report that its enterprise may withhold: hiding the figure must never pay."""

from certloan.features.spec import Spec
from certloan.i18n import Lang, text


def measured(value: str, figure: str, worst: float) -> str:
    """Word ``value`` over an annual ``figure``, the more the worse: ``worst`` at most, and where the figure is withheld.

    Nothing owed or asked for is nothing, however large the enterprise. Without any annual report nobody knows what the
    value is to be measured against: unknown.
    """
    # Whether the newest report is overdue is known of whoever has one, however old.
    known = f"{value} is not null and ent_report_overdue is not null"
    return f"case when {value} = 0 then 0 when {known} then least(ratio({value}, {figure}), {worst:g}) end"


def stand_in(spec: Spec, lang: Lang | str = Lang.ZH) -> str:
    """Say what counts where the newest annual report withholds a figure; nothing where the feature needs none.

    >>> from certloan.features.catalog import by_name
    >>> stand_in(by_name("ent_profit_margin"), "en")
    ' Where the latest annual report withholds what it needs (`ent_profit`, `ent_revenue`) it counts as -0.5.'
    """
    if spec.withheld_as is None:
        return ""
    figures = ", ".join(f"`{figure}`" for figure in spec.withheld_as.figures)
    return text("feature.stand_in", lang, figures=figures, value=f"{spec.withheld_as.value:g}")
