"""scikit-learn estimators made of networks."""

import numpy as np

from dualnet.learn.data import middle_and_spread
from dualnet.learn.extras import need
from dualnet.learn.fitting import fit
from dualnet.learn.layers import Dense, Dropout
from dualnet.learn.likelihoods import Bernoulli, Categorical, Normal
from dualnet.learn.network import Network
from dualnet.learn.optimizers import Adam
from dualnet.learn.penalties import L2
from dualnet.learn.watching import EarlyStopping

need("sklearn")

from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin  # noqa: E402
from sklearn.utils import check_random_state  # noqa: E402
from sklearn.utils.multiclass import check_classification_targets  # noqa: E402
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data  # noqa: E402

SHARED = "What classifier and regressor share."


class _NetworkEstimator(BaseEstimator):
    """What classifier and regressor share.

    Parameters
    ----------
    hidden : tuple of int or int, default (16,)
        Units of each hidden layer; () for the (generalised) linear model.
    activation : str
    optimizer : Optimizer, optional
        Adam(learning_rate) by default; then `learning_rate` is not used.
    learning_rate : float
    epochs : int
    batch_size : int
    l2 : float
        Strength of the penalty on the weights.
    penalty : Penalty, optional
        In place of `l2`.
    dropout : float
        Rate behind each hidden layer.
    likelihood : Likelihood, optional
    gradient : {"reverse", "forward", "forward-gradient", "closed-form"}
    validation : float, optional
        Share held out for early stopping.
    patience : int, optional
        Stop after that many epochs without improvement.
    standardize : bool
        Subtract the mean of each feature and divide by its standard deviation (constant columns: by 1).
    restarts : int
    random_state : int, RandomState or None

    Attributes
    ----------
    network_ : Network
    history_ : History
    n_features_in_ : int
    n_iter_ : int
        Epochs run.
    """

    def __init__(self, hidden=(16,), *, activation="tanh", optimizer=None, learning_rate=1e-2, epochs=200, batch_size=200, l2=1e-4,
                 penalty=None, dropout=0.0, likelihood=None, gradient="reverse", validation=None, patience=None, standardize=True,
                 restarts=1, random_state=None):
        self.hidden, self.activation, self.optimizer, self.learning_rate = hidden, activation, optimizer, learning_rate
        self.epochs, self.batch_size, self.l2, self.penalty, self.dropout = epochs, batch_size, l2, penalty, dropout
        self.likelihood, self.gradient, self.validation, self.patience = likelihood, gradient, validation, patience
        self.standardize, self.restarts, self.random_state = standardize, restarts, random_state

    def _build(self, outputs, likelihood):
        layers = []
        for units in np.atleast_1d(self.hidden):
            layers.append(Dense(units, self.activation))
            if self.dropout:
                layers.append(Dropout(self.dropout))
        return Network([*layers, Dense(outputs)], likelihood)

    def _learn(self, X, y, weights, *, epochs, warm_start=False):
        state = check_random_state(self.random_state) if not warm_start else self._state
        self._state = state
        optimizer = Adam(self.learning_rate) if self.optimizer is None else self.optimizer
        self.history_ = fit(
            self.network_, self._scaled(X), y, optimizer=optimizer, epochs=epochs,
            batch_size=self.batch_size, penalty=self.penalty if self.penalty is not None else L2(self.l2) if self.l2 else None,
            gradient=self.gradient, validation=None if warm_start else self.validation, sample_weight=weights,
            early_stopping=None if self.patience is None or warm_start else EarlyStopping(self.patience),
            restarts=1 if warm_start else self.restarts, seed=int(state.randint(2**31 - 1)), warm_start=warm_start)
        self.n_iter_ = len(self.history_)
        return self

    def _scale(self, X, weights):
        """Learn means and scales; examples of weight 0 do not count."""
        self.mean_, self.scale_ = np.zeros(X.shape[1]), np.ones(X.shape[1])
        if self.standardize:
            self.mean_, self.scale_ = middle_and_spread(X, weights)

    def _scaled(self, X):
        return (X - self.mean_) / self.scale_

    def _logits(self, X):
        check_is_fitted(self, "network_")
        X = validate_data(self, X, reset=False, dtype=np.float64)
        return self.network_.logits(self._scaled(X))

    def _weights(self, sample_weight, X):
        if sample_weight is None:
            return None
        return _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)


class NetworkClassifier(ClassifierMixin, _NetworkEstimator):
    __doc__ = (_NetworkEstimator.__doc__ or SHARED).replace(SHARED, '''A network that tells classes apart, for scikit-learn.

    Two classes: Bernoulli with one output; more: Categorical. Labels may be of any type.''') + '''    classes_ : ndarray
        The labels.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = NetworkClassifier((8,), random_state=0).fit(X, y)
    >>> bool(model.score(X, y) > 0.95)
    True
    '''

    def fit(self, X, y, sample_weight=None):
        """Learn from features X (n, p) and labels y (n,); returns self."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        weights = self._weights(sample_weight, X)
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise ValueError(f"NetworkClassifier needs at least 2 classes; the data contain only one class: {self.classes_[0]}")
        self._scale(X, weights)
        self._start()
        return self._learn(X, np.searchsorted(self.classes_, y), weights, epochs=self.epochs)

    def _start(self):
        two = len(self.classes_) == 2
        self.network_ = self._build(1 if two else len(self.classes_), self.likelihood or (Bernoulli() if two else Categorical()))

    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """One more epoch on these examples; the first call needs all `classes` and sets the scaling."""
        first = not hasattr(self, "network_")
        X, y = validate_data(self, X, y, dtype=np.float64, reset=first)
        weights = self._weights(sample_weight, X)
        if first:
            check_classification_targets(y)
            if classes is None:
                raise ValueError("the first call of partial_fit needs classes=, all labels that will come")
            self.classes_ = np.unique(classes)
            self._scale(X, weights)
            self._start()
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise ValueError(f"partial_fit: label {unknown[0]} is not among the classes {self.classes_.tolist()}")
        if first:
            self._state = check_random_state(self.random_state)
            self.network_.start(X, int(self._state.randint(2**31 - 1)))
        return self._learn(X, np.searchsorted(self.classes_, y), weights, epochs=1, warm_start=True)

    def decision_function(self, X):
        """Raw outputs: (n,) for two classes, above 0 for the second; else (n, classes)."""
        return self._logits(X)

    def predict_proba(self, X):
        """Probabilities, shape (n, classes)."""
        p = self.network_.likelihood.mean(self._logits(X)) if hasattr(self, "network_") else self._logits(X)
        return p if p.ndim == 2 else np.stack([1 - p, p], axis=-1)

    def predict(self, X):
        """The likeliest label of each example."""
        z = self._logits(X)
        return self.classes_[(z > 0).astype(int) if z.ndim == 1 else np.argmax(z, axis=1)]


class NetworkRegressor(RegressorMixin, _NetworkEstimator):
    __doc__ = (_NetworkEstimator.__doc__ or SHARED).replace(SHARED, '''A network that predicts numbers, for scikit-learn.

    The likelihood is Normal() where none is given; then targets are standardised, too.''') + '''
    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = NetworkRegressor((8,), l2=0.01, random_state=0).fit(X, y)
    >>> bool(model.score(X, y) > 0.5)
    True
    '''

    def fit(self, X, y, sample_weight=None):
        """Learn from features X (n, p) and targets y, (n,) or (n, k); returns self."""
        X, y = validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True)
        weights = self._weights(sample_weight, X)
        self._scale(X, weights)
        y = self._begin(y, weights)
        return self._learn(X, (y - self.target_mean_) / self.target_scale_, weights, epochs=self.epochs)

    def _begin(self, y, weights):
        if y.ndim == 2 and y.shape[1] == 1:
            from sklearn.utils.validation import column_or_1d
            y = column_or_1d(y, warn=True)
        self.target_mean_, self.target_scale_ = np.zeros(y.shape[1:]), np.ones(y.shape[1:])
        if self.likelihood is None:
            self.target_mean_, self.target_scale_ = middle_and_spread(y, weights)
        likelihood = self.likelihood or Normal()
        self.network_ = self._build((1 if y.ndim == 1 else y.shape[1]) * likelihood.per_target, likelihood)
        return y

    def partial_fit(self, X, y, sample_weight=None):
        """One more epoch on these examples; the first call sets the scaling."""
        first = not hasattr(self, "network_")
        X, y = validate_data(self, X, y, dtype=np.float64, reset=first, multi_output=True, y_numeric=True)
        weights = self._weights(sample_weight, X)
        if first:
            self._scale(X, weights)
            y = self._begin(y, weights)
            self._state = check_random_state(self.random_state)
            self.network_.start(X, int(self._state.randint(2**31 - 1)))
        return self._learn(X, (y - self.target_mean_) / self.target_scale_, weights, epochs=1, warm_start=True)

    def predict(self, X):
        """The expected target of each example."""
        z = self._logits(X)
        return self.network_.likelihood.predict(z) * self.target_scale_ + self.target_mean_
