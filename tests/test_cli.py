"""The command line: what is printed where, exit codes, rooms that are there or not, errors in one line."""

import importlib
import runpy
import subprocess
import sys
import types
from importlib import metadata

import pytest

import dualnet as dn
from dualnet import cli
from dualnet.errors import ArgumentError


@pytest.fixture
def room(monkeypatch):
    """Install a room with one command ``try`` that does what it is given."""

    def install(run):
        def add_commands(subparsers):
            subparsers.add_parser("try", help="a command of a test").set_defaults(run=run)

        module = types.ModuleType("dualnet_test_room")
        module.add_commands = add_commands
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setattr(cli, "ROOMS", (module.__name__,))

    return install


def raising(error):
    def run(args):
        raise error

    return run


def test_alone_it_prints_help_and_names_the_demo(capsys):
    assert cli.main([]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("usage: dualnet") and "demo" in out and not err


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_version(flag, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main([flag])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"dualnet {dn.__version__}\n"


def test_version_is_that_of_the_installed_package():
    assert dn.__version__ == metadata.version("dualnet")


@pytest.mark.parametrize("argv", [["nosuch"], ["demo", "--nosuch"], ["demo", "extra"], ["--nosuch"]])
def test_a_command_line_that_is_not_understood_exits_with_2(argv, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(argv)
    out, err = capsys.readouterr()
    assert caught.value.code == 2 and not out
    assert err.startswith("usage: dualnet")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ArgumentError("first line\n   second line"), "first line second line"),
        (dn.DerivativeMismatch("forward 2 against 3"), "forward 2 against 3"),
        (FileNotFoundError(2, "No such file or directory", "data.csv"), "data.csv: No such file or directory"),
        (OSError("disk full"), "disk full"),
        (dn.DualnetError(), "DualnetError"),
        (MemoryError("Unable to allocate 22 TiB"), "Unable to allocate 22 TiB"),
        (KeyboardInterrupt(), "interrupted"),
    ],
)
def test_an_error_is_one_line_on_stderr(room, capsys, error, text):
    room(raising(error))
    assert cli.main(["try"]) == 1
    out, err = capsys.readouterr()
    assert out == "" and err == f"dualnet try: {text}\n"


def test_a_fault_of_the_program_keeps_its_traceback(room):
    room(raising(ZeroDivisionError("a bug")))
    with pytest.raises(ZeroDivisionError):
        cli.main(["try"])


@pytest.mark.parametrize(("returned", "code"), [(None, 0), (0, 0), (1, 1)])
def test_the_exit_code_is_what_the_command_returns(room, returned, code):
    room(lambda args: returned)
    assert cli.main(["try"]) == code


def test_help_lists_the_commands_of_the_rooms(room, capsys):
    room(print)
    cli.main([])
    assert "a command of a test" in capsys.readouterr().out


def test_the_rooms_of_this_package_bring_their_commands(capsys):
    cli.main([])
    out = capsys.readouterr().out
    assert all(f"    {command} " in out for command in ("demo", "explain", "check-table", "page"))


def test_an_error_of_a_room_is_one_line(capsys):
    assert cli.main(["explain", "x**"]) == 1
    out, err = capsys.readouterr()
    assert not out and err.startswith("dualnet explain: not a formula") and err.count("\n") == 1


def test_a_room_that_is_not_installed_is_left_out():
    cli.build_parser(("dualnet.nosuch.commands", "dualnet.errors.commands"))


def test_a_room_that_fails_to_import_is_not_passed_over(monkeypatch):
    def fail(name):
        raise ModuleNotFoundError("No module named 'pandas'", name="pandas")

    monkeypatch.setattr(importlib, "import_module", fail)
    with pytest.raises(ModuleNotFoundError, match="pandas"):
        cli.build_parser(("dualnet.learn.commands",))


def test_the_demo_imports_no_room(monkeypatch):
    from dualnet import demo

    monkeypatch.setattr(cli, "ROOMS", ("dualnet_no_such_room",))
    monkeypatch.setattr(cli, "_import_if_there", lambda name: pytest.fail(f"imports {name}"))
    seen = []
    monkeypatch.setattr(demo, "run", seen.append)
    assert cli.main(["demo", "--out", "here"]) == 0
    assert cli.main(["demo"]) == 0
    assert seen == ["here", "dualnet-demo"]


@pytest.mark.parametrize(("typed", "understood"), [([], ["demo"]), (["--version"], ["--version"])])
def test_python_dash_m_alone_runs_the_demo(monkeypatch, typed, understood):
    seen = []
    monkeypatch.setattr(cli, "main", lambda argv: seen.append(argv) or 0)
    monkeypatch.setattr(sys, "argv", ["dualnet", *typed])
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("dualnet", run_name="__main__")
    assert seen == [understood] and caught.value.code == 0


def test_the_console_script_is_main():
    (script,) = metadata.entry_points(group="console_scripts", name="dualnet")
    assert script.load() is cli.main


def test_a_reader_that_goes_away_leaves_no_traceback():
    code = (
        "import sys, types; from dualnet import cli\n"
        "def run(args):\n    for i in range(100_000): print(i)\n"
        "room = types.ModuleType('room')\n"
        "room.add_commands = lambda subparsers: subparsers.add_parser('try').set_defaults(run=run)\n"
        "sys.modules['room'] = room; cli.ROOMS = ('room',)\n"
        "sys.exit(cli.main(['try']))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline() == "0\n"
        child.stdout.close()
        assert child.stderr.read() == ""
        assert child.wait() == 1


def test_a_process_without_output_does_its_work(room, monkeypatch):
    room(lambda args: print("dξ"))
    monkeypatch.setattr(sys, "stdout", None)
    assert cli.main(["try"]) == 0


def test_a_terminal_without_greek_gets_question_marks():
    code = "import sys; from dualnet import cli; cli.main([]); print('dξ')"
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-c", code], capture_output=True, env={"PYTHONIOENCODING": "ascii"}, check=True
    )
    assert done.stdout.endswith(b"d?\n")
