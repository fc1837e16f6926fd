"""The peer: the same columns by merge and groupby in pandas, as an analyst would write them in a notebook."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

STRENGTH = {"A01": 3, "A02": 3, "A03": 3, "CCC": 4, "GREEN": 4, "PZB": 4}
REPLACED = ("0101", "0102", "0103", "0104", "0120")
CLASSES = {"A01": "management_system", "A02": "management_system", "A03": "management_system"} | {
    "CCC": "ccc",
    "GREEN": "green",
    "PZB": "regional_brand",
}


def run(folder: Path, out: Path) -> None:
    """Read the tables from Parquet, build the matrix, write it."""
    day = pd.read_parquet(folder / "application.parquet", columns=["application_id", "uscc", "applied_on"])
    day = day.rename(columns={"applied_on": "d"})
    day["d"] = pd.to_datetime(day["d"])
    for months in (3, 6, 12, 24, 36):
        day[f"d{months}"] = day["d"] - pd.DateOffset(months=months)
    parts = [_certificates(folder, day), _events(folder, day), _inspections(folder, day), _credit(folder, day)]
    matrix = day[["application_id", "uscc", "d"]].set_index("application_id")
    for part in parts:
        matrix = matrix.join(part)
    matrix.reset_index().to_parquet(out)


def _known(folder: Path, day: pd.DataFrame, table: str) -> pd.DataFrame:
    rows = pd.read_parquet(folder / f"{table}.parquet")
    for column in ("known_on", "void_on", "happened_on"):
        rows[column] = pd.to_datetime(rows[column])
    found = day.merge(rows, on="uscc")
    return found[(found["known_on"] <= found["d"]) & (found["void_on"].isna() | (found["d"] < found["void_on"]))]


def _counts(frame: pd.DataFrame, flags: dict[str, pd.Series]) -> pd.DataFrame:
    return pd.DataFrame(flags).groupby(frame["application_id"]).sum()


def _months(later: pd.Series, earlier: pd.Series) -> pd.Series:
    months: pd.Series = (later.dt.year - earlier.dt.year) * 12 + later.dt.month - earlier.dt.month
    return months


def _certificates(folder: Path, day: pd.DataFrame) -> pd.DataFrame:
    c, e = _known(folder, day, "certificate"), _known(folder, day, "certificate_event")
    e = e[e["event"].isin(["suspended", "restored", "withdrawn", "cancelled", "recertified"])]
    e.loc[e["event"].isin(["withdrawn", "cancelled"]) & e["reason_code"].isin(REPLACED), "event"] = "replaced"
    last = (
        e.sort_values("happened_on").groupby(["application_id", "certificate_no"])["event"].last().rename("last_event")
    )
    c = c.merge(last.reset_index(), on=["application_id", "certificate_no"], how="left")
    expires, issued = pd.to_datetime(c["expires_on"]), pd.to_datetime(c["issued_on"])
    state = np.select(
        [
            c["last_event"].eq("withdrawn"),
            c["last_event"].eq("cancelled"),
            c["last_event"].eq("replaced"),
            expires < c["d"],
            c["last_event"].eq("suspended"),
        ],
        ["withdrawn", "cancelled", "replaced", "expired", "suspended"],
        "valid",
    )
    valid = pd.Series(state == "valid", index=c.index)
    base = c["scheme"].map(STRENGTH)
    strength = np.select(
        [
            c["assurance"].eq("self_declared"),
            c["accreditation"].eq("cnas"),
            c["accreditation"].eq("unaccredited") & (base < 4),
        ],
        [1, 4, 2],
        base,
    )
    kind = c["scheme"].map(CLASSES)
    out = _counts(
        c,
        {
            "cert_valid_n": valid,
            "cert_accredited_n": valid & c["accreditation"].eq("cnas"),
            "cert_third_party_n": valid & c["assurance"].eq("third_party"),
            "cert_self_declared_n": valid & c["assurance"].eq("self_declared"),
            "cert_management_n": valid & kind.eq("management_system"),
            "cert_ccc_n": valid & kind.eq("ccc"),
            "cert_green_n": valid & kind.eq("green"),
            "cert_regional_brand_n": valid & kind.eq("regional_brand"),
            "cert_suspended_n": pd.Series(state == "suspended", index=c.index),
        },
    )
    by = c[valid].groupby("application_id")
    out["cert_valid_audits"] = c[valid & (strength >= 3)].groupby("application_id")["audit_id"].nunique()
    out["cert_schemes_n"] = by["scheme"].nunique()
    out["cert_schemes_held_n"] = c[state != "replaced"].groupby("application_id")["scheme"].nunique()
    kept = c[valid | (state == "suspended")].groupby("application_id")["scheme"].nunique()
    for name in ("cert_valid_audits", "cert_schemes_n", "cert_schemes_held_n"):
        out[name] = out[name].fillna(0)
    out["cert_unrenewed_n"] = out["cert_schemes_held_n"] - kept.reindex(out.index).fillna(0)
    c["left"] = (expires - c["d"]).dt.days
    first = pd.to_datetime(c["first_issued_on"]).fillna(issued)
    c["age"] = _months(c["d"], first)
    by = c[valid].groupby("application_id")
    out["cert_nearest_expiry_days"] = by["left"].min()
    out["cert_first_issue_months"] = by["age"].max()
    out["cert_headcount"] = by["headcount_covered"].max()
    return out


def _events(folder: Path, day: pd.DataFrame) -> pd.DataFrame:
    e = _known(folder, day, "certificate_event")
    past = e["happened_on"] <= e["d"]
    in24, in36 = past & (e["happened_on"] > e["d24"]), past & (e["happened_on"] > e["d36"])
    return _counts(
        e,
        {
            "cert_suspensions_24m_n": in24 & e["event"].eq("suspended"),
            "cert_withdrawn_36m_n": in36 & e["event"].eq("withdrawn") & ~e["reason_code"].isin(REPLACED),
            "cert_surveillance_24m_n": in24 & e["event"].eq("surveillance_passed"),
        },
    )


def _inspections(folder: Path, day: pd.DataFrame) -> pd.DataFrame:
    i = _known(folder, day, "inspection")
    past = i["happened_on"] <= i["d"]
    in36, in12 = past & (i["happened_on"] > i["d36"]), past & (i["happened_on"] > i["d12"])
    bad = i["verdict"].eq("nonconforming")
    out = _counts(
        i,
        {
            "insp_36m_n": in36,
            "insp_failed_36m_n": in36 & bad,
            "insp_failed_12m_n": in12 & bad,
            "insp_safety_failed_36m_n": in36 & bad & i["safety_item"].astype(bool),
            "insp_upper_failed_36m_n": in36 & bad & i["level"].isin(["national", "province"]),
            "insp_refused_36m_n": in36 & i["verdict"].eq("refused"),
            "insp_recheck_passed_36m_n": in36 & i["recheck"].eq("passed"),
            "insp_recheck_failed_36m_n": in36 & i["recheck"].eq("failed"),
        },
    )
    out["insp_fail_share_36m"] = (out["insp_failed_36m_n"] + 0.5) / (out["insp_36m_n"] + 5)
    out["insp_failed_products_36m_n"] = i[in36 & bad].groupby("application_id")["product"].nunique()
    out["insp_failed_products_36m_n"] = out["insp_failed_products_36m_n"].fillna(0)
    i["since"] = _months(i["d"], pd.to_datetime(i["inspected_on"]))
    i["since"] = i["since"].clip(upper=36).where(bad, np.where(i["verdict"].eq("no_nonconformity"), 36, np.nan))
    out["insp_months_since_failure"] = i.groupby("application_id")["since"].min()
    return out


def _credit(folder: Path, day: pd.DataFrame) -> pd.DataFrame:
    m = _known(folder, day, "credit_month")
    m["balance"], m["credit_limit"] = m["balance"].astype(float), m["credit_limit"].astype(float)
    accounts = _known(folder, day, "credit_account").sort_values("happened_on")
    kinds = accounts.groupby(["application_id", "account_no"])["kind"].last().reset_index()
    m = m.merge(kinds, on=["application_id", "account_no"], how="left")
    past = m["happened_on"] <= m["d"]
    inside = {
        months: m[past & (m["happened_on"] > m[f"d{months}"])].groupby("application_id") for months in (3, 6, 12, 24)
    }
    debt, line = m["kind"].ne("guarantee"), m["kind"].eq("credit_line")
    prior = m[debt & (m["happened_on"] > m["d12"]) & (m["happened_on"] <= m["d3"])].groupby("application_id")
    recent = m[debt & past & (m["happened_on"] > m["d3"])].groupby("application_id")
    out = pd.DataFrame(index=pd.Index(m["application_id"].unique(), name="application_id"))
    out["credit_balance_3m"] = recent["balance"].sum() / recent["month"].nunique()
    out["credit_balance_prior"] = prior["balance"].sum() / prior["month"].nunique()
    for months in (3, 12):
        used = m[line & past & (m["happened_on"] > m[f"d{months}"])].groupby("application_id")
        out[f"credit_utilisation_{months}m"] = used["balance"].sum() / used["credit_limit"].sum()
    out["credit_utilisation_trend"] = out["credit_utilisation_3m"] - out["credit_utilisation_12m"]
    out["credit_balance_growth"] = out["credit_balance_3m"] / out["credit_balance_prior"] - 1
    for months in (6, 12, 24):
        out[f"credit_dpd_max_{months}m"] = inside[months]["days_past_due"].max()
    for name, over, months in (("past_due_12m", 0, 12), ("past_due_24m", 0, 24), ("over_30_24m", 30, 24)):
        late = m[past & (m["happened_on"] > m[f"d{months}"]) & (m["days_past_due"] > over)]
        out[f"credit_months_{name}"] = late.groupby("application_id")["month"].nunique()
        out[f"credit_months_{name}"] = out[f"credit_months_{name}"].fillna(0)
    grades = {"normal": 1, "special_mention": 2, "substandard": 3, "doubtful": 4, "loss": 5}
    by_days = np.searchsorted([7, 90, 270, 360], m["days_past_due"].fillna(0)) + 1.0
    m["class"] = np.fmax(m["five_class"].map(grades), np.where(m["days_past_due"].notna(), by_days, np.nan))
    out["credit_worst_class_12m"] = m[past & (m["happened_on"] > m["d12"])].groupby("application_id")["class"].max()
    out["credit_months_24m"] = inside[24]["month"].nunique()
    return out
