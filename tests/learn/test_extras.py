"""Networks, training and the demo need NumPy, SciPy and what `import dualnet` needs; the rest says what to install."""

import subprocess
import sys

import pytest

BLOCKED = """
import sys
for name in ("pandas", "sklearn", "joblib", "tqdm", "PIL", "matplotlib"):
    sys.modules[name] = None
import numpy as np
from dualnet.learn import Adam, Bernoulli, Dense, Dropout, EarlyStopping, L2, Network, auc, tune
X = np.random.default_rng(0).standard_normal((60, 3))
y = (X[:, 0] > 0).astype(float)
net = Network([Dense(4, "tanh"), Dropout(0.2), Dense(1)], Bernoulli())
"""


def run(code):
    return subprocess.run([sys.executable, "-c", BLOCKED + code], capture_output=True, text=True, timeout=120)


def test_training_needs_no_extra(tmp_path):
    done = run(f"""
net.fit(X, y, optimizer=Adam(1e-2), penalty=L2(1e-3), epochs=3, validation=0.2, early_stopping=EarlyStopping(2), restarts=2,
        callbacks=[lambda row: None])
net.save({str(tmp_path / "n.npz")!r})
assert (Network.load({str(tmp_path / "n.npz")!r}).predict(X) == net.predict(X)).all() and auc(y, net.logits(X)) > 0
tune(Network([Dense(1)], Bernoulli()), X, y, steps=3, iterations=1)
""")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("code", "extra"), [
    ("net.fit(X, y, epochs=1).plot('x.png')", "plot"), ("net.fit(X, y, epochs=1, progress=True)", "learn"),
    ("net.fit(X, y, epochs=1, restarts=2, n_jobs=2)", "learn"), ("net.fit(X, y, epochs=1).frame()", "learn"),
    ("from dualnet.learn import NetworkClassifier", "learn"),
])
def test_what_needs_an_extra_names_it(code, extra):
    done = run(code)
    assert done.returncode == 1 and f'pip install "dualnet[{extra}]"' in done.stderr
