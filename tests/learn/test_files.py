"""Files: saved networks and checkpoints, whole, torn, foreign and changed."""

import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from dualnet.learn import (
    L2,
    SGD,
    Adam,
    Bernoulli,
    CheckpointError,
    Dense,
    Dropout,
    EarlyStopping,
    Likelihood,
    Network,
    Normal,
    ReduceOnPlateau,
)
from dualnet.learn.checkpoint import read, write

X = np.random.default_rng(0).standard_normal((50, 3))
Y = (X[:, 0] > 0).astype(float)


def net():
    return Network([Dense(5, "relu"), Dropout(0.3), Dense(1)], Bernoulli())


@pytest.mark.parametrize("network", [net(), Network([Dense(2)], Normal("learnt"), dtype="float32")], ids=["relu", "float32"])
def test_a_saved_network_is_the_same(tmp_path, network):
    network.fit(X, Y, epochs=2)
    network.save(tmp_path / "n.npz")
    back = Network.load(tmp_path / "n.npz")
    np.testing.assert_array_equal(back.predict(X), network.predict(X))
    assert repr(back) == repr(network) and back.dtype == network.dtype
    with np.load(tmp_path / "n.npz", allow_pickle=False) as arrays:
        assert "0.weights" in arrays.files


def test_what_has_no_text_is_not_saved(tmp_path):
    network = Network([Dense(1)], Likelihood.from_density(lambda y, m: -abs(y - m)))
    network.fit(X, Y, epochs=1)
    with pytest.raises(ValueError, match="pickle"):
        network.save(tmp_path / "n.npz")


@pytest.mark.parametrize("options", [
    {"optimizer": Adam(1e-2)}, {"optimizer": SGD(0.1, momentum=0.9), "early_stopping": EarlyStopping(50), "validation": 0.2},
    {"optimizer": SGD(ReduceOnPlateau(0.1, patience=1))}, {"gradient": "forward-gradient"},
], ids=["adam", "early stopping", "plateau", "forward gradient"])
def test_a_resumed_run_is_the_same_bit_for_bit(tmp_path, options):
    def run(epochs, folder):
        network = net()
        history = network.fit(X, Y, epochs=epochs, batch_size=16, penalty=L2(1e-2), seed=5, checkpoint=folder, **options)
        return network, history

    whole, straight = run(8, tmp_path / "a")
    run(3, tmp_path / "b")
    resumed, history = run(8, tmp_path / "b")
    for p, q in zip(whole.parameters, resumed.parameters):
        for k in p:
            np.testing.assert_array_equal(p[k], q[k])
    np.testing.assert_array_equal(straight["loss"], history["loss"])


def test_a_run_that_was_stopped_early_is_not_trained_on(tmp_path):
    options = {"epochs": 100, "validation": 0.2, "early_stopping": EarlyStopping(3), "optimizer": Adam(0.1), "seed": 2}
    first, again = net(), net()
    history = first.fit(X, Y, checkpoint=tmp_path, **options)
    resumed = again.fit(X, Y, checkpoint=tmp_path, **options)
    assert len(resumed) == len(history) < 100 and resumed.stopped == history.stopped == "no improvement for 3 epochs"
    np.testing.assert_array_equal(again.predict(X), first.predict(X))


def test_killed_at_any_point_it_goes_on(tmp_path):
    """A process that ends itself inside the writing of a file, at every step of it."""
    script = """
import os, sys, numpy as np
from dualnet.learn import *
from dualnet.learn import checkpoint
X = np.random.default_rng(0).standard_normal((50, 3)); Y = (X[:, 0] > 0).astype(float)
left = int(sys.argv[2])
def counted(f):
    def g(*a, **k):
        global left
        left -= 1
        if left == 0:
            os._exit(9)
        return f(*a, **k)
    return g
os.replace, os.fsync = counted(os.replace), counted(os.fsync)
Network([Dense(5, "relu"), Dropout(0.3), Dense(1)], Bernoulli()).fit(X, Y, epochs=4, seed=1, checkpoint=sys.argv[1])
"""
    straight = net()
    straight.fit(X, Y, epochs=4, seed=1)
    for last in (5, 6, 7):
        folder = tmp_path / str(last)
        code = subprocess.run([sys.executable, "-c", script, str(folder), str(last)], capture_output=True).returncode
        assert code == 9
        again = net()
        again.fit(X, Y, epochs=4, seed=1, checkpoint=folder)
        np.testing.assert_array_equal(again.logits(X), straight.logits(X))


@pytest.mark.parametrize("damage", [
    lambda p: p.write_bytes(p.read_bytes()[:-200]), lambda p: p.write_bytes(b""), lambda p: p.write_bytes(b"hello" * 100),
    lambda p: p.write_bytes(p.read_bytes().replace(b'best_loss', b'best_lost')), lambda p: np.savez(p, a=np.ones(3)),
], ids=["torn", "empty", "foreign", "header", "other npz"])
def test_a_damaged_checkpoint_is_named_and_the_previous_one_used(tmp_path, damage):
    net().fit(X, Y, epochs=3, seed=1, checkpoint=tmp_path)
    damage(tmp_path / "checkpoint.npz")
    with pytest.raises(CheckpointError, match=r"checkpoint\.npz"):
        read(tmp_path / "checkpoint.npz", "checkpoint")
    resumed, straight = net(), net()
    with pytest.warns(UserWarning, match="going on from .*previous.npz, epoch 2"):
        resumed.fit(X, Y, epochs=4, seed=1, checkpoint=tmp_path)
    straight.fit(X, Y, epochs=4, seed=1)
    np.testing.assert_array_equal(resumed.logits(X), straight.logits(X))


def test_changed_numbers_are_found(tmp_path):
    write(tmp_path / "f.npz", "network", {}, {"a": np.arange(4.0)})
    data = (tmp_path / "f.npz").read_bytes()
    (tmp_path / "f.npz").write_bytes(data.replace(np.float64(2.0).tobytes(), np.float64(2.5).tobytes()))
    with pytest.raises(CheckpointError):
        read(tmp_path / "f.npz", "network")


def test_nothing_is_unpickled_or_blown_up(tmp_path):
    np.savez_compressed(tmp_path / "big.npz", a=np.zeros(20_000_000))
    with pytest.raises(CheckpointError, match="compressed"):
        Network.load(tmp_path / "big.npz")
    np.savez(tmp_path / "o.npz", a=np.array([{}], dtype=object))
    with pytest.raises(CheckpointError):
        Network.load(tmp_path / "o.npz")
    with zipfile.ZipFile(tmp_path / "e.npz", "w") as archive:
        archive.writestr("header.json", json.dumps({"sha256": "", "body": "{}"}))
    with pytest.raises(CheckpointError, match="changed"):
        Network.load(tmp_path / "e.npz")
    with pytest.raises(FileNotFoundError):
        Network.load(tmp_path / "none.npz")


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    net().fit(X, Y, epochs=1, checkpoint=tmp_path)
    with pytest.raises(CheckpointError, match="another run"):
        Network([Dense(1)], Bernoulli()).fit(X, Y, epochs=1, checkpoint=tmp_path)


@pytest.mark.parametrize(("changed", "named"), [
    ({"optimizer": SGD(0.2)}, "optimizer 'SGD"), ({"seed": 2}, "data"), ({"y": 1 - Y}, "data"), ({"X": X + 1e-9}, "data"),
    ({"sample_weight": np.ones(50)}, "data"),
])
def test_a_checkpoint_does_not_go_on_with_another_rate_split_or_data(tmp_path, changed, named):
    options = {"X": X, "y": Y, "epochs": 2, "optimizer": SGD(ReduceOnPlateau(0.1)), "validation": 0.2, "seed": 1, "checkpoint": tmp_path}
    net().fit(**options)
    with pytest.raises(CheckpointError, match=f"another run: {named}"):
        net().fit(**options | changed)
    net().fit(**options)


def test_a_checkpoint_with_a_function_for_a_penalty_goes_on_in_another_process(tmp_path):
    for epochs in (1, 2):
        penalty = eval("lambda p: 0.1 * p[0]['weights'].sum()")  # each time at another address, as after a new start
        net().fit(X, Y, epochs=epochs, penalty=penalty, checkpoint=tmp_path)


def test_a_rate_of_numpys_goes_into_a_checkpoint(tmp_path):
    for epochs in (1, 3):
        resumed = net()
        resumed.fit(X, Y, epochs=epochs, optimizer=Adam(np.float32(0.1)), penalty=L2(np.float32(0.1)), checkpoint=tmp_path)
    straight = net()
    straight.fit(X, Y, epochs=3, optimizer=Adam(float(np.float32(0.1))), penalty=L2(float(np.float32(0.1))))
    np.testing.assert_array_equal(resumed.logits(X), straight.logits(X))


def test_a_flipped_bit_in_the_list_of_arrays_is_found(tmp_path):
    write(tmp_path / "f.npz", "network", {}, {"a": np.arange(4.0)})
    data = (tmp_path / "f.npz").read_bytes()
    first = data.index(b"PK\x01\x02")  # of each array: version, flags, sizes
    for bit in range(8 * first, 8 * (first + 46)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        (tmp_path / "f.npz").write_bytes(flipped)
        try:
            np.testing.assert_array_equal(read(tmp_path / "f.npz", "network")[1]["a"], np.arange(4.0))
        except CheckpointError:
            pass
