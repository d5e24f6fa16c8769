"""``dualnet train``, ``dualnet predict`` and ``dualnet tune``: networks for tables, from the command line."""

import csv
import json
import re
import sys
from pathlib import Path

import numpy as np

from dualnet.errors import ArgumentError
from dualnet.learn.metrics import auc

OPTIMIZERS = ("adam", "adamw", "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "gradient-descent", "lbfgs", "trust-ncg")
LIKELIHOODS = ("bernoulli", "categorical", "normal", "poisson", "laplace", "studentt")


def add_commands(subparsers):
    """Add the commands of this room to the parser of the command line."""
    train = subparsers.add_parser("train", help="train a network on a CSV table",
                                  description="Train a network on a CSV table with a header; "
                                  "write model.npz, history.csv, trace.png and report.json.")
    _shared(train)
    train.add_argument("--gradient", choices=("reverse", "forward", "forward-gradient", "closed-form"), default="reverse")
    train.add_argument("--directions", type=int, default=1, help="for --gradient forward-gradient")
    train.add_argument("--epochs", type=int, default=200)
    train.add_argument("--patience", type=int, help="stop early after that many epochs without improvement")
    train.add_argument("--dropout", type=float, default=0.0)
    train.add_argument("--restarts", type=int, default=1)
    train.add_argument("--checkpoint", action="store_true", help="write the state each epoch into OUT/checkpoint, and go on from there")
    train.add_argument("--progress", action="store_true")
    train.add_argument("--out", default="run", metavar="DIR", help="folder for the results (default: %(default)s)")
    train.set_defaults(run=run_train)

    predict = subparsers.add_parser("predict", help="predict with a trained network", description="Predict for the rows of a CSV table.")
    predict.add_argument("model", help="folder that dualnet train wrote")
    predict.add_argument("data", help="CSV table")
    predict.add_argument("--out", metavar="FILE", help="write here instead of to the terminal")
    predict.set_defaults(run=run_predict)

    tune = subparsers.add_parser("tune", help="set learning rate and penalty by hypergradients",
                                 description="Find the learning rate and the L2 "
                                 "penalty that lower the validation loss, by derivatives through whole training runs.")
    _shared(tune)
    tune.add_argument("--steps", type=int, default=200, help="of each training run (default: %(default)s)")
    tune.add_argument("--iterations", type=int, default=15)
    tune.add_argument("--out", metavar="FILE", help="also write the result as JSON")
    tune.set_defaults(run=run_tune)


def _shared(parser):
    parser.add_argument("data", help="CSV table with a header")
    parser.add_argument("--target", required=True, metavar="COLUMN")
    parser.add_argument("--likelihood", choices=LIKELIHOODS, help="by default from the target: two values, text, or numbers")
    parser.add_argument("--hidden", default="16", help="units of each hidden layer, such as 16,16; 0 for none (default: %(default)s)")
    parser.add_argument("--activation", default="tanh")
    parser.add_argument("--optimizer", choices=OPTIMIZERS, default="adam")
    parser.add_argument("--learning-rate", type=float, default=1e-2)
    parser.add_argument("--l2", type=float, default=1e-3)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--validation", type=float, default=0.2, help="share held out; 0 for none (default: %(default)s)")
    parser.add_argument("--categorical", default="", metavar="COLUMNS", help="numeric columns that are names of things, comma separated")
    parser.add_argument("--drop", default="", metavar="COLUMNS", help="columns to leave out")
    parser.add_argument("--missing", choices=("drop", "fill"), default="drop", help="rows with missing values (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)


def _names(text):
    return tuple(n for n in (part.strip() for part in text.split(",")) if n)


def _hidden(text):
    try:
        units = [int(v) for v in _names(text)]
    except ValueError:
        raise ArgumentError(f"--hidden {text}: give whole numbers such as 16,16") from None
    return [] if units == [0] else units


def _optimizer(name, rate):
    from dualnet import learn
    make = {"adam": learn.Adam, "adamw": learn.AdamW, "sgd": learn.SGD, "adagrad": learn.Adagrad, "rmsprop": learn.RMSprop,
            "momentum": lambda r: learn.SGD(r, momentum=0.9), "nesterov": lambda r: learn.SGD(r, momentum=0.9, nesterov=True),
            "gradient-descent": learn.GradientDescent, "lbfgs": lambda r: learn.LBFGS(), "trust-ncg": lambda r: learn.TrustNCG()}
    return make[name](rate)


def _load(args):
    """What is learnt from and held out (features, targets), the network, the table's encoding, and what was decided about it."""
    from dualnet import learn
    from dualnet.learn.tables import Encoder, missing, read_csv, read_target

    names, rows = read_csv(args.data)
    if args.target not in names:
        cure = "; separate columns by commas" if len(names) == 1 and re.search(r"[;\t|]", names[0]) else ""
        raise ArgumentError(f"{args.data} has no column {args.target!r}; its columns are {', '.join(names)}{cure}")
    place = names.index(args.target)
    kept = [r for r in rows if not missing(r[place])]
    if not kept:
        raise ArgumentError(f"{args.data}: the target {args.target} is missing in every row")
    remarks = [f"target: missing in {len(rows) - len(kept)} row(s), dropped"] if len(kept) < len(rows) else []
    encoder, more = Encoder.learn(names, kept, skip=(args.target, *_names(args.drop)), categorical=_names(args.categorical),
                                  policy=args.missing)
    X, keep = encoder.encode(names, kept, fill=False)
    if not len(X):
        raise ArgumentError("every row has a missing value; say --missing fill")
    y, likelihood, labels, remark = read_target([r[place] for r, k in zip(kept, keep) if k], args.likelihood)
    remarks += [*more, remark, f"{len(X)} of {len(rows)} rows, {X.shape[1]} features"]
    kind = {c.lower(): getattr(learn, c) for c in ("Bernoulli", "Categorical", "Normal", "Poisson", "Laplace", "StudentT")}[likelihood]()
    layers = []
    for units in _hidden(args.hidden):
        layers.append(learn.Dense(units, args.activation))
        if getattr(args, "dropout", 0):
            layers.append(learn.Dropout(args.dropout))
    network = learn.Network([*layers, learn.Dense(len(labels) if likelihood == "categorical" else 1)], kind)
    learning, held = _held_out(X, y, labels, args, encoder)
    table = {"columns": encoder.columns, "missing": args.missing, "target": args.target, "labels": labels}
    return learning, held, network, table, remarks


def run_train(args):
    """``dualnet train``."""
    from dualnet import learn
    from dualnet.learn.checkpoint import save_network

    learning, held, network, table, remarks = _load(args)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    for remark in remarks:
        print(f"  {remark}")
    history = network.fit(
        *learning, validation=held, optimizer=_optimizer(args.optimizer, args.learning_rate), epochs=args.epochs,
        batch_size=args.batch_size, penalty=learn.L2(args.l2) if args.l2 else None, gradient=args.gradient,
        directions=args.directions, restarts=args.restarts, seed=args.seed,
        early_stopping=learn.EarlyStopping(args.patience) if args.patience is not None else None, progress=args.progress,
        checkpoint=out / "checkpoint" if args.checkpoint else None)
    save_network(network, out / "model.npz", table)
    history.to_csv(out / "history.csv")
    scores = {"training": _scores(network, *learning), **({} if held is None else {"validation": _scores(network, *held)})}
    found = history.diagnose()
    report = {"data": Path(args.data).name, "rows": {"training": len(learning[0]), "validation": 0 if held is None else len(held[0])},
              "network": repr(network), "parameters": network.size(), "remarks": remarks,
              "epochs": len(history), "kept_epoch": history.best_epoch, "stopped": history.stopped, "diagnosis": str(found),
              "scores": scores, "restarts": history.restarts,
              "options": {k: v for k, v in vars(args).items() if k not in ("run", "command", "data", "out")}}
    (out / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    history.plot(out / "trace.png")
    for part, values in scores.items():
        print(f"  {part}: " + ", ".join(f"{k} {v:.4g}" for k, v in values.items()))
    print(f"  {found}\n  wrote {out / 'model.npz'}, history.csv, trace.png, report.json")


def _held_out(X, y, labels, args, encoder):
    """What is learnt from and what is held out, scaled by the former."""
    if not args.validation:
        return (encoder.rescale(X, slice(None)), y), None
    from dualnet.learn.data import split
    from dualnet.learn.fitting import generator
    learn, test = split(len(X), args.validation, generator(args.seed), y if labels is not None else None)
    X = encoder.rescale(X, learn)
    return (X[learn], y[learn]), (X[test], y[test])


def _scores(network, X, y):
    out = {"loss": -network.score(X, y)}
    prediction = network.predict(X)
    if type(network.likelihood).__name__ in ("Bernoulli", "Categorical"):
        out["accuracy"] = float(np.mean(prediction == y))
        return {**out, "auc": auc(y, network.logits(X))} if len(np.unique(y)) == 2 and network.outputs == 1 else out
    return {**out, "root_mean_squared_error": float(np.sqrt(np.mean((prediction - y) ** 2)))}


def run_predict(args):
    """``dualnet predict``."""
    from dualnet.learn.checkpoint import load_network
    from dualnet.learn.tables import Encoder, read_csv

    path = Path(args.model)
    network = load_network(path / "model.npz" if path.is_dir() else path)
    table = network.extra
    if not table:
        raise ArgumentError(f"{path} was not written by dualnet train: it does not say how columns become features")
    names, rows = read_csv(args.data)
    X, keep = Encoder(table["columns"], table["missing"]).encode(names, rows)
    header, lines = _predictions(network, X, table["labels"]) if len(X) else (["prediction"], [])
    lines = iter(lines)
    file = open(args.out, "w", newline="", encoding="utf-8") if args.out else sys.stdout
    try:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["row", *header])
        for k, kept in enumerate(keep):
            writer.writerow([k + 1, *(next(lines) if kept else [""] * len(header))])
    finally:
        if args.out:
            file.close()
    if not keep.all():
        print(f"dualnet predict: {int(np.sum(~keep))} of {len(keep)} rows have missing values and no prediction (train with "
              f"--missing fill)",
              file=sys.stderr)


def _predictions(network, X, labels):
    if labels is None:
        return ["prediction"], [[repr(float(v))] for v in network.predict(X)]
    p = network.predict_proba(X)
    rows = [[labels[k], *(f"{v:.6g}" for v in row)] for k, row in zip(p.argmax(1), p)]
    return ["prediction", *(f"p_{label}" for label in labels)], rows


def run_tune(args):
    """``dualnet tune``."""
    from dualnet import learn
    from dualnet.learn.tuning import tune

    if not 0 < args.validation < 1:
        raise ArgumentError(f"--validation {args.validation}: tune needs a share between 0 and 1 to hold out")
    learning, held, network, table, remarks = _load(args)
    for remark in remarks:
        print(f"  {remark}")
    optimizer = _optimizer(args.optimizer, args.learning_rate)
    if isinstance(optimizer, (learn.LBFGS, learn.TrustNCG)):
        raise ArgumentError(f"--optimizer {args.optimizer} has no learning rate to tune")
    found = tune(network, *learning, optimizer=optimizer, penalty=learn.L2(args.l2) if args.l2 else False, validation=held,
                 steps=args.steps,
                 batch_size=args.batch_size, iterations=args.iterations, seed=args.seed)
    penalty = "" if found.penalty is None else f" --l2 {found.penalty:.3g}"
    print(f"  validation loss {found.trace[0]['loss']:.4g} at first, {found.loss:.4g} with --learning-rate "
          f"{found.learning_rate:.3g}{penalty}")
    if args.out:
        result = {"learning_rate": found.learning_rate, "l2": found.penalty, "validation_loss": found.loss,
                  "trace": [{"learning_rate": float(np.exp(r["point"][0])), "loss": float(r["loss"])} for r in found.trace]}
        Path(args.out).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
