"""Networks learnt from data: choose a likelihood, and output unit and loss follow; gradients come by themselves.

Follow docs/learning.md; the names are those of the fields of statistics and of scikit-learn.
"""

from dualnet.learn.fitting import fit
from dualnet.learn.history import Diagnosis, History
from dualnet.learn.layers import Activation, Dense, Dropout, Flatten, Layer
from dualnet.learn.likelihoods import Bernoulli, Categorical, Laplace, Likelihood, Normal, Poisson, StudentT
from dualnet.learn.network import Network, NotFittedError
from dualnet.learn.optimizers import LBFGS, SGD, Adagrad, Adam, AdamW, GradientDescent, LevenbergMarquardt, Optimizer, RMSprop, TrustNCG
from dualnet.learn.penalties import L1, L2, ElasticNet, Penalty
from dualnet.learn.schedules import Constant, Cosine, Exponential, InverseTime, ReduceOnPlateau, Schedule, Step, WarmUp
from dualnet.learn.watching import DivergedError, EarlyStopping, Noise

_LATER = {
    "NetworkClassifier": "estimators", "NetworkRegressor": "estimators", "ImageAugmentation": "augmentation", "ImageFolder": "augmentation",
    "GAN": "gan", "tune": "tuning", "learning_rate_range_test": "tuning", "hypergradient": "unrolled",
    "stationary_point": "stationary", "landscape": "stationary", "CheckpointError": "checkpoint", "auc": "metrics",
}


def __getattr__(name):
    """Names that few need, or that need scikit-learn, are imported when they are asked for."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "Activation", "Adagrad", "Adam", "AdamW", "Bernoulli", "Categorical", "Constant", "Cosine", "Dense",
    "Diagnosis", "DivergedError", "Dropout", "EarlyStopping", "ElasticNet", "Exponential", "Flatten",
    "GradientDescent", "History", "InverseTime", "L1", "L2", "LBFGS", "Laplace", "Layer",
    "LevenbergMarquardt", "Likelihood", "Network", "Noise", "Normal", "NotFittedError", "Optimizer",
    "Penalty", "Poisson", "RMSprop", "ReduceOnPlateau", "SGD", "Schedule", "Step", "StudentT", "TrustNCG",
    "WarmUp", "fit", *_LATER,
]
