"""The engine and the direct reading agree on what real-looking deliveries hold, not only on drawn histories."""

from __future__ import annotations

from certloan.bootstrap import House
from certloan.features.catalog import CATALOG
from certloan.services.build_features import build_matrix
from certloan.services.dossier import Dossier

_APPLICATIONS = 60


def test_every_feature_of_some_applications_of_the_demo_is_the_same_bit_by_bit(demo: House) -> None:
    with demo.warehouse(read_only=True) as warehouse:
        subjects = warehouse.query(
            "select application_id, uscc, applied_on as as_of from application"
            f" qualify row_number() over (order by md5(application_id)) <= {_APPLICATIONS}"
        )
        engine = build_matrix(warehouse, subjects, CATALOG)
        here = Dossier(warehouse).matrix(subjects, CATALOG)
    assert engine.num_rows == _APPLICATIONS
    differing = [name for name in engine.column_names if not engine[name].equals(here[name])]
    assert differing == []
