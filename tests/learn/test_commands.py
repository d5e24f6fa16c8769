"""dualnet train, predict and tune, as the command line calls them."""

import argparse
import csv
import json
from importlib import resources

import numpy as np
import pytest

from dualnet.errors import ArgumentError
from dualnet.learn.commands import add_commands
from dualnet.learn.tables import Encoder, read_csv, read_target

HEART = str(resources.files("dualnet") / "data" / "heart.csv")


def dualnet(*argv):
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers(dest="command"))
    args = parser.parse_args([str(a) for a in argv])
    return args.run(args)


def test_train_then_predict(tmp_path, capsys):
    dualnet("train", HEART, "--target", "AHD", "--hidden", "4", "--gradient", "forward", "--epochs", 5, "--categorical", "Slope",
            "--out", tmp_path)
    said = capsys.readouterr().out
    assert "Ca: 4 missing" in said and "Thal: categorical, 3 levels" in said and "297 of 303 rows" in said and "Slope: categorical" in said
    assert {p.name for p in tmp_path.iterdir()} == {"model.npz", "history.csv", "trace.png", "report.json"}
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["epochs"] == 5 and report["options"]["gradient"] == "forward" and report["scores"]["training"]["accuracy"] > 0.6
    assert len(list(csv.DictReader((tmp_path / "history.csv").open()))) == 5
    dualnet("predict", tmp_path, HEART, "--out", tmp_path / "p.csv")
    rows = list(csv.DictReader((tmp_path / "p.csv").open()))
    assert len(rows) == 303 and sum(r["prediction"] == "" for r in rows) == 6
    assert all(r["prediction"] in ("Yes", "No", "") for r in rows)
    assert float(rows[0]["p_No"]) + float(rows[0]["p_Yes"]) == pytest.approx(1, abs=1e-5)
    assert "6 of 303" in capsys.readouterr().err


def test_missing_values_can_be_filled_and_runs_resumed(tmp_path, capsys):
    for epochs in (2, 4):
        dualnet("train", HEART, "--target", "AHD", "--hidden", "0", "--epochs", epochs, "--missing", "fill", "--checkpoint",
                "--out", tmp_path)
    assert "303 of 303 rows" in capsys.readouterr().out
    assert json.loads((tmp_path / "report.json").read_text())["epochs"] == 4
    dualnet("predict", tmp_path, HEART)
    assert capsys.readouterr().out.count("\n") == 304


def test_regression(tmp_path, capsys):
    dualnet("train", HEART, "--target", "MaxHR", "--epochs", 3, "--drop", "AHD", "--out", tmp_path)
    assert "target: numbers" in capsys.readouterr().out
    dualnet("predict", tmp_path, HEART)
    assert capsys.readouterr().out.startswith("row,prediction\n1,")


def test_tune(tmp_path, capsys):
    dualnet("tune", HEART, "--target", "AHD", "--hidden", "0", "--steps", 20, "--iterations", 3, "--out", tmp_path / "t.json")
    assert "--learning-rate" in capsys.readouterr().out
    assert json.loads((tmp_path / "t.json").read_text())["learning_rate"] > 0


@pytest.mark.parametrize(("table", "options", "words"), [
    ("a,b\n1,2\n", ["--target", "c"], "no column 'c'"),
    ("a,b\n1,x\n2,y\n3\n", ["--target", "b"], "line 4"),
    ("a,b\n", ["--target", "b"], "no rows"),
    ("a,b\n1,x\nq,y\n3,x\n4,y\n", ["--target", "b"], "numbers and text, such as 'q'"),
    ("a,b\n1,x\n2,x\n", ["--target", "b"], "one value only"),
    ("a,b\nu,1\nv,0\nw,1\n", ["--target", "b"], "--drop a"),
    ("a,a\n1,2\n", ["--target", "a"], "one name"),
    ("a,b\n1,x\n2,y\n", ["--target", "b", "--hidden", "x"], "whole numbers"),
    ("a,b\n1,x\n2,y\n", ["--target", "b", "--likelihood", "poisson"], "text"),
    ("a,b\n1,x\n2,y\n3,x\n4,y\n", ["--target", "b", "--seed", "-1"], "seed=-1"),
    ("a,b\n1,x\n2,y\n3,x\n4,y\n", ["--target", "b", "--learning-rate", "-1"], "learning rate=-1"),
    ("a,b\n1,x\n2,y\n3,x\n4,y\n", ["--target", "b", "--patience", "0"], "patience=0"),
    ("a,b\n1,x\n2,y\n3,x\n4,y\n", ["--target", "b", "--epochs", "0"], "epochs=0"),
    ("a,b\n1,x\n2,y\n3,x\n4,y\n", ["--target", "b", "--dropout", "1"], "rate=1"),
    ("a,b\n1,x\n2,y\n3,x\n4,y\n", ["--target", "b", "--validation", "2"], "validation=2"),
    ("a,b\n1,x\n2,y\n3,x\n4,y\n", ["--target", "b", "--optimizer", "lbfgs", "--patience", "3"], "runs in SciPy"),
    ("a,b\n1,0.5\n2,1\n3,7\n4,2\n", ["--target", "b", "--likelihood", "poisson"], "0.5 in row"),
    ("a,b\n\n1,\"x\ny\"\n2,y\n  \n3\n", ["--target", "b"], "line 7"),
    ("a;b\n1;2\n", ["--target", "b"], "commas"),
    (" \n,\n", ["--target", "b"], "no rows"),
    ("a,b\n1,\n2,?\n", ["--target", "b"], "the target b is missing in every row"),
    ("a,b\n1,2\n1.0,3\n", ["--target", "b"], "no column is left"),
    ("a,b\n1,2\n3,5\n4,7\n", ["--target", "b", "--validation", "0.9"], "none to learn from"),
])
def test_bad_tables_are_explained(tmp_path, table, options, words):
    (tmp_path / "t.csv").write_text(table)
    with pytest.raises(ArgumentError, match=words):
        dualnet("train", tmp_path / "t.csv", *options, "--out", tmp_path / "run")


@pytest.mark.parametrize(("options", "words"), [
    (["--steps", "0"], "steps=0"), (["--iterations", "0"], "iterations=0"), (["--batch-size", "0"], "batch_size=0"),
    (["--optimizer", "lbfgs"], "no learning rate"), (["--validation", "0"], "--validation"), (["--seed", "-1"], "seed"),
])
def test_bad_options_of_tune_are_explained(options, words):
    with pytest.raises(ArgumentError, match=words):
        dualnet("tune", HEART, "--target", "AHD", "--hidden", "0", *options)


def test_what_is_no_text_is_named(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"\xff\xfe\x00bad")
    with pytest.raises(ArgumentError, match=r"t\.csv is no table of text in UTF-8"):
        dualnet("train", tmp_path / "t.csv", "--target", "a")


def test_predict_names_what_does_not_fit(tmp_path, capsys):
    dualnet("train", HEART, "--target", "AHD", "--hidden", "0", "--epochs", 1, "--out", tmp_path / "run")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ArgumentError, match="no column 'Age'"):
        dualnet("predict", tmp_path / "run", tmp_path / "other.csv")
    (tmp_path / "level.csv").write_text("\n".join(open(HEART).read().splitlines()[:2]).replace("typical", "odd"))
    with pytest.raises(ArgumentError, match="row 1, column 'ChestPain': the level 'odd'"):
        dualnet("predict", tmp_path / "run", tmp_path / "level.csv")
    (tmp_path / "torn.npz").write_bytes((tmp_path / "run" / "model.npz").read_bytes()[:1000])
    with pytest.raises(ValueError, match=r"torn\.npz cannot be read"):
        dualnet("predict", tmp_path / "torn.npz", HEART)


def test_encoding():
    names, rows = ["n", "c", "one"], [["1", "x", "5"], ["3", "y", "5"], ["", "x", "5"]]
    encoder, remarks = Encoder.learn(names, rows, policy="fill")
    X, keep = encoder.encode(names, rows)
    np.testing.assert_allclose(X, [[-1, 0], [1, 1], [0, 0]])
    assert keep.all() and encoder.features == ["n", "c_y"] and "one: constant, left out" in remarks
    with pytest.raises(ArgumentError, match="row 1, column 'c': the level 'z'"):
        encoder.encode(names, [["1", "z", "5"]])
    with pytest.raises(ArgumentError, match="not a number"):
        encoder.encode(names, [["k", "x", "5"]])
    assert read_target(["b", "a", "b"])[2] == ["a", "b"]
    y, likelihood, labels, _ = read_target(["1", "0.0", "1.0", "0"])
    assert (y.tolist(), likelihood, labels) == ([1, 0, 1, 0], "bernoulli", ["0.0", "1"])


@pytest.mark.parametrize("unit", [1e-320, 1e-200, 1e-19, 1e200, 1e307])
def test_columns_of_any_size_are_standardised(unit):
    rows = [[repr(k * unit)] for k in (1, 2, 4, 9)]
    encoder, _ = Encoder.learn(["n"], rows)
    np.testing.assert_allclose(encoder.encode(["n"], rows)[0][:, 0], (np.array([1, 2, 4, 9]) - 4) / np.std([1, 2, 4, 9]), atol=2e-3)


def test_what_is_held_out_says_nothing_about_the_scale():
    names = ["n", "c", "m"]
    rows = [["1", "x", "5"], ["3", "y", "6"], ["5", "z", "5"], ["100", "x", "9"]]
    encoder, _ = Encoder.learn(names, rows, policy="drop")
    X = encoder.rescale(encoder.encode(names, rows)[0], [0, 1, 2])
    n, m = (np.array([float(r[k]) for r in rows]) for k in (0, 2))
    np.testing.assert_allclose(X[:, 0], (n - 3) / np.std([1, 3, 5]), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(X[:, 3], (m - m[:3].mean()) / m[:3].std(), rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(X[:, 1:3], [[0, 0], [1, 0], [0, 1], [0, 0]])
    np.testing.assert_allclose(encoder.encode(names, rows)[0], X, rtol=1e-12, atol=1e-12)


def test_what_is_missing_is_the_mean_of_what_is_learnt_from():
    names, rows = ["n", "m"], [["1", "5"], ["3", "?"], ["", "6"], ["100", "9"]]
    encoder, _ = Encoder.learn(names, rows, policy="fill")
    X = encoder.rescale(encoder.encode(names, rows, fill=False)[0], [0, 1, 2])
    np.testing.assert_allclose(X, [[-1, -1], [1, 0], [0, 1], [98, 7]], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(encoder.encode(names, rows)[0], X, rtol=1e-12, atol=1e-12)


def test_read_csv_takes_a_byte_order_mark(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"\xef\xbb\xbfa,b\r\n1,2\r\n")
    assert read_csv(tmp_path / "t.csv") == (["a", "b"], [["1", "2"]])
