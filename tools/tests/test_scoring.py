import json
from pathlib import Path

import numpy as np

from lubdub_tools.configuration import Configuration
from lubdub_tools.contract import round_figures, write_contract
from lubdub_tools.pipeline import run_configuration
from lubdub_tools.scoring import bootstrap_intervals, score_everywhere

RNG = np.random.default_rng(3)
COUNT = 400
ABNORMAL = RNG.random(COUNT) < 0.5
DATABASES = RNG.choice(list("abcdf"), COUNT)
LOGITS = ABNORMAL + RNG.standard_normal(COUNT)
COLUMNS = (ABNORMAL, np.ones(COUNT, bool), LOGITS, LOGITS > 0.5, np.where(LOGITS > 0.5, 1, -1))


def test_means_are_those_of_the_databases_they_name():
    scores = score_everywhere(DATABASES, *COLUMNS)
    assert np.isclose(scores["meanInside"]["auc"], np.mean([scores[d]["auc"] for d in "abcdf"]))
    assert np.isclose(scores["meanThresholdDatabases"]["macc"], np.mean([scores[d]["macc"] for d in "abdf"]))


def test_intervals_widen_where_recordings_share_few_people():
    many = np.array([f"p{i}" for i in range(COUNT)])
    few = np.array([f"p{i % 8}{a}" for i, a in zip(range(COUNT), ABNORMAL, strict=True)])
    shifted = LOGITS + 2 * np.array([hash_of(group) for group in few])
    columns = (ABNORMAL, COLUMNS[1], shifted, shifted > 0.5, np.where(shifted > 0.5, 1, -1))
    widths = []
    for groups in (many, few):
        low, high = bootstrap_intervals(groups, np.full(COUNT, "a"), columns, 100)["pooled"]["auc"]
        assert low < high
        widths.append(high - low)
    assert widths[1] > 1.5 * widths[0]


def hash_of(group):
    return np.random.default_rng(sum(map(ord, group))).standard_normal()


def test_a_configuration_survives_its_file_and_refuses_unknown_names(tmp_path):
    changed = Configuration().override(["network.channels=[8,8]", "training.steps=7"])
    changed.write(tmp_path / "configuration.json")
    assert Configuration.read(tmp_path / "configuration.json") == changed
    for wrong in ("training.stepz=7", "steps=7"):
        try:
            Configuration().override([wrong])
        except ValueError as error:
            assert "part.field=value" in str(error)
        else:
            raise AssertionError(f"{wrong} must be refused")


def test_a_file_without_chances_for_the_curves_draws_them_as_it_draws_the_patterns(tmp_path):
    (tmp_path / "configuration.json").write_text('{"training": {"database_power": 0.25, "confounded_share": 0.3}}')
    training = Configuration.read(tmp_path / "configuration.json").training
    assert (training.curves_database_power, training.curves_confounded_share) == (0.25, 0.3)


def test_a_new_run_begins_with_the_shipped_models_settings_and_one_that_has_begun_keeps_its_own(tmp_path):
    project = Path(__file__).parents[2]
    shipped = Configuration.read(project / "tools" / "configuration.json")
    assert run_configuration(project, tmp_path) == shipped != Configuration()
    own = shipped.override(["training.steps=7"])
    own.write(tmp_path / "configuration.json")
    assert run_configuration(project, tmp_path) == own


def test_a_contract_keeps_its_records_on_one_line_and_unknown_figures_null(tmp_path):
    records = [f"a{i:04d}" for i in range(2000)]
    contract = round_figures({"training": {"records": records}, "evaluation": {"auc": float("nan"), "x": 0.123456}})
    write_contract(tmp_path / "c.json", contract)
    text = (tmp_path / "c.json").read_text()
    assert len(text.splitlines()) < 12
    assert json.loads(text) == {"training": {"records": records}, "evaluation": {"auc": None, "x": 0.1235}}
