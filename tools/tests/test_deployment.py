import csv
import json
import shutil

import pytest

from lubdub_tools.deployment import deployed_scores, deployed_table

COLUMNS = ["record", "label", "verdict", "probability", "database", "markedUsable"]


@pytest.fixture
def run(tmp_path):
    """One fold whose runtime predictions are right but for one normal recording of each database."""
    (tmp_path / "fold-0").mkdir()
    contract = {"calibration": {"scale": 2.0, "offset": 0.5}, "verdict": {"abnormalAtLeast": 0.6}}
    (tmp_path / "fold-0" / "heart-sound.json").write_text(json.dumps(contract))
    (tmp_path / "node" / "fold-0").mkdir(parents=True)
    rows = []
    for database in "abcdef":
        rows += [
            [f"{database}1", "abnormal", "abnormal", 0.9, database, 1],
            [f"{database}2", "normal", "normal", 0.2, database, 1],
            [f"{database}3", "normal", "inconclusive", 0.7, database, 0],
            [f"{database}4", "normal", "inconclusive", "", database, 0],
        ]
    with open(tmp_path / "node" / "fold-0" / "predictions.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return tmp_path


def test_the_runtimes_predictions_are_scored_at_the_contracts_threshold(run):
    result = deployed_scores(run)
    assert result["meanAucInsideABCDF"] == 1
    assert result["pooled"]["sensitivity"] == 1
    assert result["pooled"]["specificity"] == pytest.approx(0.5)
    assert result["meanMaccABDF"] == pytest.approx(0.75)
    assert result["pooled"]["inconclusiveUsable"] == 0
    assert result["pooled"]["inconclusiveUnusable"] == 1
    assert "| a | 3 | 1.000 | 1.000 | 0.500 | 0.750 | 0.000 / 1.000 |" in deployed_table(result)


def test_databases_left_out_are_scored_by_the_networks_that_never_saw_them(run):
    for kind in (run, run / "node"):
        (kind / "fold-0").rename(kind / "without-b")
        shutil.copytree(kind / "without-b", kind / "fold-0")
    result = deployed_scores(run)
    assert result["leftOut"]["meanAuc"] == 1
    assert result["leftOut"]["perDatabase"]["b"]["specificity"] == pytest.approx(0.5)
    assert "one database left out" in deployed_table(result)


def test_a_missing_fold_means_no_figures(run):
    (run / "fold-1").mkdir()
    assert deployed_scores(run) is None
