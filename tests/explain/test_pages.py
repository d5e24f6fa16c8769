"""The worked pages are what the code says now; the commands print what explain and check_table say."""

import runpy
from pathlib import Path

import pytest

from dualnet.cli import main

PAGES = Path(__file__).parents[2] / "docs" / "make_pages.py"


def test_the_pages_are_up_to_date():
    assert runpy.run_path(str(PAGES))["main"](check=True) == 0


def test_explain_command(tmp_path, capsys):
    html, svg = tmp_path / "e.html", tmp_path / "e.svg"
    command = ["explain", "-y*log(1/(1+exp(-W*x)))", "--at", "x=3,y=1,W=3", "--wrt", "W", "--html", str(html), "--svg", str(svg)]
    assert main(command) == 0
    out = capsys.readouterr().out
    assert "-0.00037018372795869517" in out and "sweep 1 of 2" in out
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>") and svg.read_text(encoding="utf-8").startswith("<svg")
    assert main(["explain", "x*y", "--at", "x=1, y=2", "--wrt", "x, y"]) == 0
    capsys.readouterr()
    assert main(command[:6] + ["--mode", "forward"]) == 0
    assert "sweep 1 of 2" not in capsys.readouterr().out
    assert main(command[:6] + ["--latex"]) == 0
    assert capsys.readouterr().out.startswith("\\documentclass")


def test_check_table_command(tmp_path, capsys):
    assert main(["check-table", "lecture"]) == 1
    assert "7 wrong" in capsys.readouterr().out
    (tmp_path / "t.csv").write_text("variable,what,partial\na,x**2,2*x\n")
    assert main(["check-table", str(tmp_path / "t.csv")]) == 0


@pytest.mark.parametrize("command", [["explain", "x+", "--at", "x=1"],
                                     ["explain", "x"], ["check-table", "nowhere.json"], ["page", "--port", "99999"],
                                     ["explain", "x", "--at", "x=1", "--wrt", "z"]])
def test_what_cannot_be_done_is_said_in_one_line(command, capsys):
    assert main(command) == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_values_that_are_none_end_with_usage():
    with pytest.raises(SystemExit):
        main(["explain", "x", "--at", "x=one"])
