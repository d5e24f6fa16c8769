"""Images, generated points and streams: augmentation, folders, the GAN, files larger than memory should hold."""

import tracemalloc

import numpy as np
import pytest

from dualnet.errors import ArgumentError, ShapeError
from dualnet.learn import (
    GAN,
    L2,
    LBFGS,
    SGD,
    Adam,
    Bernoulli,
    Categorical,
    Dense,
    DivergedError,
    Flatten,
    ImageAugmentation,
    ImageFolder,
    Network,
    Normal,
)
from dualnet.learn.gan import covered, ring


def spot():
    image = np.zeros((1, 9, 9))
    image[0, 2, 4] = 1
    return image


def test_shift_rotate_and_flip_move_a_spot_as_they_should():
    rng = np.random.default_rng(0)
    for _ in range(20):
        moved = ImageAugmentation(height_shift=0.3, fill="constant").images(spot(), rng)[0]
        assert moved[:, 4].sum() == pytest.approx(moved.sum()) and moved.sum() > 0.5
        turned = ImageAugmentation(rotate=90, fill="constant").images(spot(), rng)[0]
        rows, columns = np.nonzero(turned > 0.2)
        assert np.allclose(np.hypot(rows - 4, columns - 4), 2, atol=0.8)
    flipped = [ImageAugmentation(flip_vertical=True).images(spot(), rng)[0] for _ in range(20)]
    assert {int(np.argwhere(f)[0, 0]) for f in flipped} == {2, 6} and all(np.argwhere(f)[0, 1] == 4 for f in flipped)
    np.testing.assert_array_equal(ImageAugmentation().images(spot(), rng), spot())
    np.testing.assert_array_equal(ImageAugmentation(rescale=1 / 255).images(255 * spot(), rng), spot())


def test_zoom_changes_the_size():
    square = np.zeros((1, 20, 20))
    square[0, 6:14, 6:14] = 1
    sums = [ImageAugmentation(zoom=0.3).images(square, np.random.default_rng(s)).sum() for s in range(20)]
    assert min(sums) < 50 < 64 < 80 < max(sums) < 64 * 1.3**2 * 1.15


def test_augmentation_in_training_is_fresh_and_refused_for_tables():
    X, y = np.random.default_rng(0).random((20, 6, 6)), np.arange(20) % 2
    net = Network([Flatten(), Dense(2)], Categorical())
    assert len(net.fit(X, y, epochs=2, augmentation=ImageAugmentation(width_shift=0.1, rotate=10))) == 2
    flat = Network([Dense(2)], Categorical())
    flat.fit(X.reshape(20, 36), y, epochs=1, augmentation=ImageAugmentation(rotate=10, shape=(6, 6)))
    with pytest.raises(ShapeError, match="rows of a table"):
        flat.fit(X.reshape(20, 36), y, epochs=1, augmentation=ImageAugmentation(rotate=10))
    for wrong in ({"rotate": -1}, {"fill": "mirror"}, {"zoom": 1.0}, {"height_shift": "a"}):
        with pytest.raises(ArgumentError):
            ImageAugmentation(**wrong)


def test_a_folder_of_images(tmp_path):
    Image = pytest.importorskip("PIL.Image")
    rng = np.random.default_rng(0)
    for k, name in enumerate(("dark", "light")):
        (tmp_path / name).mkdir()
        for i in range(10):
            Image.fromarray((rng.random((12, 10)) * 100 + 120 * k).astype(np.uint8)).save(tmp_path / name / f"{i}.png")
    folder = ImageFolder(tmp_path, (8, 8), batch_size=6)
    assert folder.classes == ["dark", "light"] and [len(X) for X, _ in folder] == [6, 6, 6, 2]
    net = Network([Flatten(), Dense(1)], Bernoulli())
    net.fit(folder, epochs=40, optimizer=Adam(5e-2), augmentation=ImageAugmentation(flip_horizontal=True))
    X, y = next(iter(folder))
    assert X.shape == (6, 8, 8) and X.max() <= 1 and (net.predict(X) == y).mean() == 1
    with pytest.raises(ArgumentError, match="sub-folder"):
        ImageFolder(tmp_path / "dark", (8, 8))
    (tmp_path / "dark" / "0.png").write_bytes(b"no image")
    with pytest.raises(ArgumentError, match=r"0\.png"):
        list(ImageFolder(tmp_path, (8, 8)))


@pytest.mark.parametrize(("options", "words"), [
    ({"size": 8}, "size=8"), ({"size": (0, 8)}, "size=0"), ({"channels": 2}, "channels=2"), ({"batch_size": 0}, "batch_size=0"),
    ({"dtype": "int8"}, "dtype='int8'"), ({"seed": -1}, "seed=-1"), ({}, r"0\.png .* 8 bits"),
])
def test_what_a_folder_of_images_cannot_be_is_refused(tmp_path, options, words):
    Image = pytest.importorskip("PIL.Image")
    for name in (".hidden", "a", "b"):
        (tmp_path / name).mkdir()
        Image.fromarray((np.arange(16).reshape(4, 4) * 4000).astype(np.uint16)).save(tmp_path / name / "0.png")
    with pytest.raises(ArgumentError, match=words):
        next(iter(ImageFolder(tmp_path, **{"size": (4, 4)} | options)))
    assert ImageFolder(tmp_path, (4, 4)).classes == ["a", "b"]


def test_a_folder_of_images_is_resumed_bit_for_bit(tmp_path):
    Image = pytest.importorskip("PIL.Image")
    rng = np.random.default_rng(0)
    for name in ("a", "b"):
        (tmp_path / "images" / name).mkdir(parents=True)
        for i in range(6):
            Image.fromarray(rng.integers(0, 255, (8, 8)).astype(np.uint8)).save(tmp_path / "images" / name / f"{i}.png")
    ends = []
    for parts in ((6,), (2, 6)):
        for epochs in parts:
            net = Network([Flatten(), Dense(1)], Bernoulli())
            net.fit(ImageFolder(tmp_path / "images", (8, 8), batch_size=4), epochs=epochs, seed=3,
                    augmentation=ImageAugmentation(rotate=10), checkpoint=tmp_path / f"checkpoint{len(parts)}")
        ends.append(net.parameters[1]["weights"])
    np.testing.assert_array_equal(*ends)


def test_the_contact_sheet(tmp_path):
    ImageAugmentation(rotate=30).contact_sheet(np.random.default_rng(0).random((2, 8, 8)), tmp_path / "sheet.png")
    assert (tmp_path / "sheet.png").stat().st_size > 5000


def test_gan_learns_a_blob_and_covered_counts_modes():
    assert covered(ring(4000)) == (8, pytest.approx(1.0, abs=0.01))
    assert covered(ring(4000, modes=2))[0] == 2
    X = np.random.default_rng(0).normal([2.0, -1.0], 0.5, (500, 2))
    gan = GAN(Network([Dense(16, "tanh"), Dense(2)]), Network([Dense(16, "tanh"), Dense(1)], Bernoulli()), latent=4)
    gan.fit(X, steps=800, seed=0)
    assert np.abs(gan.sample(2000).mean(0) - [2, -1]).max() < 0.4
    with pytest.raises(ArgumentError, match="Bernoulli"):
        GAN(Network([Dense(2)]), Network([Dense(1)], Normal()))


@pytest.mark.parametrize(("options", "words"), [
    ({"steps": 0}, "steps=0"), ({"batch_size": 0}, "batch_size=0"), ({"optimizers": (LBFGS(), LBFGS())}, "learning rate"),
    ({"seed": -1}, "seed=-1"), ({"X": np.zeros((0, 2))}, "empty"),
])
def test_a_gan_refuses_what_it_cannot_learn_with(options, words):
    gan = GAN(Network([Dense(2)]), Network([Dense(1)], Bernoulli()), latent=2)
    with pytest.raises(ValueError, match=words):
        gan.fit(**{"X": ring(10), "steps": 1} | options)


def test_a_gan_stops_where_its_loss_is_no_number():
    gan = GAN(Network([Dense(2)]), Network([Dense(8, "relu"), Dense(1)], Bernoulli()), latent=2)
    with pytest.raises(DivergedError, match="GAN: the loss became"), np.errstate(all="ignore"):
        gan.fit(1e200 * ring(50), steps=50, optimizers=(SGD(1e150), SGD(1e150)))
    assert all(np.isfinite(v).all() for net in (gan.generator, gan.discriminator) for layer in net.parameters for v in layer.values())


def test_memory_mapped_files_stream(tmp_path):
    def peak(n):
        X = np.lib.format.open_memmap(tmp_path / f"{n}.npy", "w+", np.float32, (n, 50))
        X[:] = np.random.default_rng(0).standard_normal((n, 50), dtype=np.float32)
        X.flush()
        y = (X[:, 0] > 0).astype(np.float32)
        net = Network([Dense(8, "tanh"), Dense(1)], Bernoulli(), dtype="float32")
        tracemalloc.start()
        net.fit(np.load(tmp_path / f"{n}.npy", mmap_mode="r"), y, epochs=1, batch_size=512)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert net.history["loss"][0] < 0.69
        return size

    small, large = peak(20_000), peak(80_000)
    assert large - small < 60_000 * 20  # the targets (checked and copied), not the 200 bytes of each example


def test_mapped_batches_hold_every_row_once(tmp_path):
    from dualnet.learn.data import Arrays
    np.save(tmp_path / "x.npy", np.arange(20_000.0).reshape(-1, 1))
    X = np.load(tmp_path / "x.npy", mmap_mode="r")
    batches = Arrays(X, np.arange(20_000), None, 300).epoch(np.random.default_rng(0))
    seen = np.concatenate([np.stack([x[:, 0], y]) for x, y, _ in batches], 1)
    np.testing.assert_array_equal(seen[0], seen[1])
    np.testing.assert_array_equal(np.sort(seen[0]), np.arange(20_000))
    assert np.abs(np.diff(seen[0])).mean() > 100


def test_penalties_work_without_weights():
    assert L2(1.0)([{}]) == 0.0
