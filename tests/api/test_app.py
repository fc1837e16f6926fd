"""The interface answers what the services say, and every mistake with a code and two sentences."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from certloan.api.app import create
from certloan.bootstrap import House, house

TYPED: dict[str, Any] = {
    "amount": "1000000",
    "registered_on": "2015-03-01",
    "certificates": [{"scheme": "A01", "issued_on": "2025-01-01", "expires_on": "2028-01-01"}],
    "tax_grade": "A",
    "as_of": "2026-06-01",
}


@pytest.fixture(scope="module")
def client(demo: House) -> Iterator[TestClient]:
    with TestClient(create(demo), base_url="http://127.0.0.1") as opened:
        yield opened


def refused(answer: Any, status: int, code: str) -> None:
    told = answer.json()
    assert (answer.status_code, told["error"]) == (status, code)
    assert set(told) == {"error", "message_zh", "message_en"}
    assert told["message_zh"] != told["message_en"]


def test_health_names_the_champion_and_the_policy(client: TestClient, demo: House) -> None:
    told = client.get("/health").json()
    assert told["champion"] == demo.bundle().fingerprint
    assert told["policy"] == demo.policy().id


def test_a_workspace_without_a_model_says_what_to_do(tmp_path: Path) -> None:
    with TestClient(create(house(tmp_path)), base_url="http://127.0.0.1") as empty:
        for address in ("/health", "/applications", "/applications/A", "/audit"):
            refused(empty.get(address), 503, "no-warehouse")
        refused(empty.post("/preview", json=TYPED), 503, "no-warehouse")
    assert list(tmp_path.iterdir()) == []


def test_a_search_finds_an_application_by_each_of_its_names(client: TestClient, demo: House) -> None:
    row = pq.read_table(demo.decisions / "decisions.parquet").to_pylist()[0]
    for words in (row["application_id"].lower(), row["uscc"], row["name"]):
        found = client.get("/applications", params={"words": words}).json()
        assert row["application_id"] in [entry["application_id"] for entry in found]
    assert client.get("/applications", params={"words": "没有这家"}).json() == []
    assert len(client.get("/applications", params={"limit": 3}).json()) == 3


def test_an_account_is_that_of_the_service_and_adds_up(client: TestClient, demo: House) -> None:
    from certloan.services.explain_case import explain

    application_id = pq.read_table(demo.decisions / "decisions.parquet").column("application_id")[0].as_py()
    told = client.get(f"/applications/{application_id}").json()
    with demo.warehouse(read_only=True) as warehouse:
        own = explain(warehouse, demo.bundle(), demo.policy(), demo.officer, application_id)
    assert told == own.as_json()
    assert told["base_points"] + sum(point["points"] for point in told["points"]) == told["score"]


def test_requests_at_the_same_time_get_their_own_answers(client: TestClient, demo: House) -> None:
    wanted = pq.read_table(demo.decisions / "decisions.parquet").column("application_id").to_pylist()[:6] * 2
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda application_id: client.get(f"/applications/{application_id}").json(), wanted))
    assert [answer["application_id"] for answer in told] == wanted
    assert told[:6] == told[6:]


def test_an_audit_counts_everybody_once_in_each_attribute(client: TestClient) -> None:
    told = client.get("/audit").json()
    assert told["people"] > 0
    for attribute in told["attributes"]:
        assert sum(group["n"] for group in attribute["groups"]) == told["people"]


def test_a_preview_gives_bands_and_no_probability(client: TestClient, demo: House) -> None:
    before = demo.warehouse_file.read_bytes()
    told = client.post("/preview", json=TYPED).json()
    bands = {band.code for band in demo.policy().bands}
    assert {told["grade_low"], told["grade_high"]} <= bands
    assert {"pd", "score"}.isdisjoint(told)
    assert told["unknown_zh"]
    assert demo.warehouse_file.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": "many"}, "request-invalid"),
        ({"amount": "0"}, "request-invalid"),
        ({"amount": None}, "request-invalid"),
        ({"inspections_passed": 10**9}, "request-invalid"),
        ({"registered_on": "0001-01-01"}, "request-invalid"),
        ({"as_of": "9999-12-31"}, "request-invalid"),
        ({"tax_grade": "'; drop table x"}, "request-invalid"),
        ({"colour": "red"}, "request-invalid"),
        ({"certificates": [{"scheme": "NONE", "issued_on": "2025-01-01"}]}, "unknown-scheme"),
        ({"certificates": [{"scheme": "A01", "issued_on": "2025-01-01", "expires_on": "2024-01-01"}]}, "preview-date"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(client: TestClient, change: dict[str, Any], code: str) -> None:
    answer = client.post("/preview", json={**TYPED, **change})
    refused(answer, 422, code)
    if code == "request-invalid":
        assert next(iter(change)) in answer.json()["message_en"]


def test_mistakes_in_the_address_are_told_in_the_same_form(client: TestClient) -> None:
    refused(client.get("/applications/NO-SUCH"), 404, "unknown-application")
    refused(client.get("/nowhere"), 404, "no-such-address")
    refused(client.get("/docs"), 404, "no-such-address")
    refused(client.delete("/health"), 405, "method-not-allowed")
    refused(client.get("/applications", params={"limit": 10**6}), 422, "request-invalid")
    refused(client.get("/applications", params={"words": "长" * 500}), 422, "request-invalid")
    refused(
        client.post("/preview", content=b"\xff{", headers={"content-type": "application/json"}), 400, "request-invalid"
    )
    broken = client.post("/preview", content=b'{"amount": 1,', headers={"content-type": "application/json"})
    refused(broken, 422, "json-malformed")
    assert "JSON" in broken.json()["message_zh"]


def test_a_page_whose_name_points_here_gets_nothing(demo: House) -> None:
    with TestClient(create(demo), base_url="http://shop.example") as foreign:
        refused(foreign.get("/applications"), 403, "foreign-host")


def test_a_fault_of_the_program_shows_nothing_of_the_inside(demo: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("inside")

    monkeypatch.setattr("certloan.api.app.find_applications", broken)
    with TestClient(create(demo), base_url="http://127.0.0.1", raise_server_exceptions=False) as opened:
        answer = opened.get("/applications")
    refused(answer, 500, "internal")
    assert "inside" not in answer.text


def test_the_description_says_that_it_is_a_demonstration_and_loads_nothing_from_elsewhere(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    assert "演示" in described["info"]["description"]
    assert "without sign-in" in described["info"]["description"]
    assert set(described["paths"]) == {
        "/health",
        "/applications",
        "/applications/{application_id}",
        "/audit",
        "/preview",
    }
    for path in described["paths"].values():
        for act in path.values():
            assert act["responses"]["200"]["content"]["application/json"]["schema"]
