"""Measured against a figure of the annual report that its enterprise may withhold: hiding the figure must never pay."""


def measured(value: str, figure: str, worst: float) -> str:
    """Word ``value`` over an annual ``figure``, the more the worse: ``worst`` at most, and where the figure is withheld.

    Nothing owed or asked for is nothing, however large the enterprise. Without any annual report nobody knows what the
    value is to be measured against: unknown.
    """
    # Whether the newest report is overdue is known of whoever has one, however old.
    known = f"{value} is not null and ent_report_overdue is not null"
    return f"case when {value} = 0 then 0 when {known} then least(ratio({value}, {figure}), {worst:g}) end"
