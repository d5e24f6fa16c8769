"""Files: networks and the state of training, as arrays and JSON, written so that nothing is ever half there.

A file is an uncompressed .npz whose first member is a JSON header with the SHA-256 of each array and of
itself. Compressed members are refused, so a file never expands beyond its own size; nothing is unpickled.
"""

import hashlib
import io
import json
import math
import os
import re
import warnings
import zipfile
from pathlib import Path

import numpy as np

from dualnet.errors import ArgumentError, DualnetError
from dualnet.learn.layers import LAYERS
from dualnet.learn.likelihoods import LIKELIHOODS

MAX_HEADER = 1 << 28  # bytes


class CheckpointError(DualnetError, ValueError):
    """A file is torn, not dualnet's, changed since it was written, or of another run."""


def _digest(data):
    return hashlib.sha256(data).hexdigest()


def write(path, kind, header, arrays):
    """Write header and arrays: a temporary file first, synced, then put in place, and the folder synced."""
    path = Path(path)
    arrays = {k: np.array(v, order="C", copy=None) for k, v in arrays.items()}
    about = {k: {"shape": v.shape, "dtype": v.dtype.str, "sha256": _digest(v.tobytes())} for k, v in arrays.items()}
    body = json.dumps({"format": f"dualnet-{kind}", "version": 1, "header": header, "arrays": about})
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                archive.writestr("header.json", json.dumps({"sha256": _digest(body.encode()), "body": body}))
                for name, value in arrays.items():
                    buffer = io.BytesIO()
                    np.lib.format.write_array(buffer, value, allow_pickle=False)
                    archive.writestr(f"{name}.npy", buffer.getvalue())
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder):
    """Make a rename last, where the system can."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read(path, kind):
    """Header and arrays of a file of that kind; raises CheckpointError with what is wrong."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = {m.filename: m for m in archive.infolist()}
            if any(m.compress_type != zipfile.ZIP_STORED or m.file_size != m.compress_size for m in members.values()):
                raise CheckpointError(f"{path} holds compressed members; dualnet writes none, so it is not dualnet's file")
            if "header.json" not in members or members["header.json"].file_size > MAX_HEADER:
                raise CheckpointError(f"{path} is not a file of dualnet: it has no header.json")
            outer = json.loads(archive.read("header.json"))
            if _digest(outer["body"].encode()) != outer["sha256"]:
                raise CheckpointError(f"{path}: the header was changed since it was written")
            body = json.loads(outer["body"])
            if body["format"] != f"dualnet-{kind}" or body["version"] != 1:
                raise CheckpointError(f"{path} is a {body['format']!r} of version {body['version']}, not a dualnet-{kind} of version 1")
            return body["header"], {k: _array(archive, path, k, about) for k, about in body["arrays"].items()}
    except FileNotFoundError:
        raise
    except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError, EOFError, AttributeError, RuntimeError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(f"{path} cannot be read ({type(error).__name__}: {error}); it is torn or not a file of dualnet") from None


def _array(archive, path, name, about):
    size = math.prod(about["shape"]) * np.dtype(about["dtype"]).itemsize
    member = archive.getinfo(f"{name}.npy")
    if member.file_size > size + 4096:
        raise CheckpointError(f"{path}: array {name!r} takes {member.file_size} bytes where the header says {size}")
    value = np.lib.format.read_array(io.BytesIO(archive.read(member)), allow_pickle=False)
    if list(value.shape) != list(about["shape"]) or value.dtype.str != about["dtype"] or _digest(value.tobytes()) != about["sha256"]:
        raise CheckpointError(f"{path}: array {name!r} was changed since it was written")
    return value


# --- networks ------------------------------------------------------------------------------------------------


def describe(network):
    """The network without its numbers, as JSON; raises where a function has no name."""
    for layer in network.layers:
        if type(layer).__name__ not in LAYERS or any(callable(v) for v in layer.spec().values()):
            raise ArgumentError(f"{layer!r} cannot be saved: name its activation instead of passing a function, use dualnet's "
                                f"layers, or pickle")
    likelihood = type(network.likelihood).__name__
    if likelihood not in LIKELIHOODS:
        raise ArgumentError(f"{network.likelihood!r} cannot be saved: its density is code; save network.parameters with "
                            f"np.savez, or pickle")
    return {"layers": [[type(layer).__name__, layer.spec()] for layer in network.layers],
            "likelihood": [likelihood, network.likelihood.spec()], "dtype": network.dtype, "input_shape": network.input_shape,
            "feature_names": network.feature_names}


def save_network(network, path, extra=None):
    """Write a fitted network; `extra` is JSON that :func:`load_network` puts into ``network.extra``."""
    if network.parameters is None:
        raise ArgumentError("this network has no parameters to save yet; call fit first")
    arrays = {f"{k}.{name}": value for k, layer in enumerate(network.parameters) for name, value in layer.items()}
    write(path, "network", {**describe(network), "extra": extra}, arrays)


def load_network(path):
    """The network in a file of :func:`save_network`."""
    from dualnet.learn.network import Network

    header, arrays = read(path, "network")
    try:
        layers = [LAYERS[name](**spec) for name, spec in header["layers"]]
        name, spec = header["likelihood"]
        network = Network(layers, LIKELIHOODS[name](**spec), dtype=header["dtype"])
        network.start(np.empty((0, *header["input_shape"])))
        for k, layer in enumerate(network.parameters):
            for key, value in layer.items():
                if arrays[f"{k}.{key}"].shape != value.shape:
                    raise CheckpointError(f"{path}: {key} of layer {k} has shape {arrays[f'{k}.{key}'].shape}, not {value.shape}")
                layer[key] = arrays[f"{k}.{key}"].astype(network.dtype)
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{path}: the header does not describe a network ({error})") from None
    network.feature_names, network.extra = header["feature_names"], header.get("extra")
    return network


# --- the state of training --------------------------------------------------------------------------------------


class Checkpoint:
    """A folder with the state at the end of the last epoch, and of the one before."""

    def __init__(self, folder, trainer):
        self.folder, self.run = Path(folder), _run(trainer)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.current, self.previous = self.folder / "checkpoint.npz", self.folder / "previous.npz"

    def save(self, trainer):
        """Write the state; the file written last becomes the previous one."""
        state = trainer.state
        header = {"run": self.run, "epoch": state.epoch, "step": state.step, "best_loss": state.best_loss,
                  "best_epoch": state.best_epoch,
                  "waited": state.waited, "history": state.history.columns, "random": trainer.rng.bit_generator.state,
                  "schedule": _numbers(trainer.optimizer.learning_rate)}
        arrays = {"flat": state.flat, "best": state.best, **{f"memory.{k}": v for k, v in state.memory.items()}}
        if self.current.exists():
            os.replace(self.current, self.previous)
        write(self.current, "checkpoint", header, arrays)

    def resume(self, trainer):
        """Put the trainer into the newest state that can be read; leave it as it is where there is none."""
        problem = None
        for path in (self.current, self.previous):
            try:
                header, arrays = read(path, "checkpoint")
            except FileNotFoundError:
                continue
            except CheckpointError as error:
                problem = error
                continue
            other = [f"{k} {header['run'].get(k)!r}, not {v!r}" for k, v in self.run.items() if header["run"].get(k) != v]
            if other:
                raise CheckpointError(f"{path} belongs to another run: {'; '.join(other)}; choose another folder or delete it")
            if problem is not None:
                warnings.warn(f"{problem}; going on from {path}, epoch {header['epoch']}", stacklevel=4)
            return _restore(trainer, header, arrays)
        if problem is not None:
            raise problem


def _restore(trainer, header, arrays):
    state = trainer.state
    state.flat[...], state.best[...] = arrays["flat"], arrays["best"]
    for k in state.memory:
        state.memory[k][...] = arrays[f"memory.{k}"]
    state.epoch, state.step, state.best_loss = header["epoch"], header["step"], header["best_loss"]
    state.best_epoch, state.waited, state.history.columns = header["best_epoch"], header["waited"], header["history"]
    trainer.rng.bit_generator.state = header["random"]
    _set_numbers(trainer.optimizer.learning_rate, header["schedule"])


def _run(trainer):
    """What must be equal for a run to go on; taken before its first step, which may change the schedule."""
    return {"network": _text(trainer.network), "optimizer": _text(trainer.optimizer), "gradient": trainer.options["gradient"],
            "penalty": _text(trainer.penalty), "dtype": trainer.network.dtype, "inputs": list(trainer.network.input_shape),
            "examples": trainer.data.n, "batch_size": trainer.data.batch_size, "data": _fingerprint(trainer.data)}


def _text(thing):
    """The repr, without the addresses of functions, which are others in each process."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(thing))


def _fingerprint(data):
    """SHA-256 of the arrays learnt from, without those in memory-mapped files; None for a stream.

    It also tells a run of another seed whose validation data were split off otherwise.
    """
    if data.n is None:
        return None
    parts = [v for v in data.whole() if v is not None and not isinstance(v, np.memmap)]
    return _digest(b"".join(hashlib.sha256(np.ascontiguousarray(v).data).digest() for v in parts))


def _numbers(schedule):
    return {k: _numbers(v) if hasattr(v, "factor") else v for k, v in vars(schedule).items()}


def _set_numbers(schedule, numbers):
    for k, v in numbers.items():
        if isinstance(v, dict):
            _set_numbers(getattr(schedule, k), v)
        else:
            setattr(schedule, k, v)
