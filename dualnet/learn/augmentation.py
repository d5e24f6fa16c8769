"""Changed copies of images, drawn afresh for every batch, and images read from folders."""

from pathlib import Path

import numpy as np
from scipy import ndimage

from dualnet.errors import ArgumentError, ShapeError
from dualnet.learn.fitting import generator
from dualnet.learn.values import whole

FILLS = {"nearest": "nearest", "constant": "constant", "reflect": "reflect", "wrap": "grid-wrap"}


class ImageAugmentation:
    """Shift, rotate, zoom and flip images at random, on the fly (scipy.ndimage).

    Parameters
    ----------
    height_shift, width_shift : float
        Largest shift, as a share of the height or width.
    rotate : float
        Largest angle in degrees, either way.
    zoom : float
        Largest relative change of size, 0 <= zoom < 1.
    flip_horizontal, flip_vertical : bool
        Mirror half of the images. This can change what an image shows (a 6 is no 6 in a mirror), so it is off
        unless asked for.
    rescale : float, optional
        Multiply all values, such as 1 / 255.
    fill : {"nearest", "constant", "reflect", "wrap"}
        What appears at the borders.
    value : float
        For fill="constant".
    shape : tuple, optional
        (height, width[, channels]) of images that are given as flat rows.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.arange(9.0).reshape(1, 3, 3)
    >>> ImageAugmentation(flip_horizontal=True).images(image, np.random.default_rng(3))[0, 0]
    array([2., 1., 0.])
    """

    def __init__(self, *, height_shift=0.0, width_shift=0.0, rotate=0.0, zoom=0.0, flip_horizontal=False, flip_vertical=False, rescale=None,
                 fill="nearest", value=0.0, shape=None):
        limits = {"height_shift": (height_shift, 1), "width_shift": (width_shift, 1), "zoom": (zoom, 1), "rotate": (rotate, 181)}
        for name, (x, top) in limits.items():
            if isinstance(x, (bool, str)) or not 0 <= x < top:
                raise ArgumentError(f"ImageAugmentation: {name}={x!r}; give a number from 0 up to, but not including, {top}")
        if fill not in FILLS:
            raise ArgumentError(f"ImageAugmentation: fill={fill!r}; choose one of {', '.join(FILLS)}")
        self.height_shift, self.width_shift, self.rotate, self.zoom = height_shift, width_shift, rotate, zoom
        self.flip_horizontal, self.flip_vertical, self.rescale = flip_horizontal, flip_vertical, rescale
        self.fill, self.value, self.shape = fill, value, None if shape is None else tuple(shape)

    def check(self, shape):
        """Raise where examples of that shape are no images."""
        if self.shape is not None:
            if int(np.prod(self.shape)) != int(np.prod(shape)):
                raise ShapeError(f"ImageAugmentation(shape={self.shape}) does not fit examples of shape {shape}")
        elif len(shape) not in (2, 3):
            raise ShapeError(f"examples have shape {shape}: rows of a table. Shifting and rotating moves pixels between "
                             f"neighbours, but the "
                             "columns of a table have none, and a row so changed describes nobody. For images given as rows, say "
                             "shape=(height, width)")

    def __call__(self, X, y, rng):
        """A changed batch; targets stay."""
        images = X if self.shape is None else np.reshape(X, (len(X), *self.shape))
        return np.reshape(self.images(images, rng), np.shape(X)), y

    def images(self, images, rng):
        """Changed copies of images (n, height, width[, channels])."""
        out = np.empty_like(images)
        for k, image in enumerate(images):
            out[k] = self._one(image, rng)
        return out if self.rescale is None else out * images.dtype.type(self.rescale)

    def _one(self, image, rng):
        height, width = image.shape[:2]
        dy, dx, turn, grow = rng.uniform(-1, 1, 4)
        mirror = rng.random(2) < 0.5
        angle, size = np.deg2rad(turn * self.rotate), 1 / (1 + grow * self.zoom)
        matrix = size * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        matrix = matrix * [-1 if mirror[0] and self.flip_vertical else 1, -1 if mirror[1] and self.flip_horizontal else 1]
        middle = np.array([(height - 1) / 2, (width - 1) / 2])
        offset = middle - matrix @ (middle + [dy * self.height_shift * height, dx * self.width_shift * width])
        planes = image[..., None] if image.ndim == 2 else image
        moved = [ndimage.affine_transform(planes[..., c], matrix, offset, order=1, mode=FILLS[self.fill], cval=self.value)
                 for c in range(planes.shape[-1])]
        return np.stack(moved, -1).reshape(image.shape)

    def contact_sheet(self, images, path=None, *, copies=8, seed=0):
        """A picture: each image and changed copies of it, one row each."""
        from dualnet.learn.plots import plot_images
        rng, images = np.random.default_rng(seed), np.asarray(images)
        rows = []
        for image in images:
            changed = self.images(np.repeat(image[None], copies - 1, 0), rng) / (self.rescale or 1)
            rows += [image, *changed]
        return plot_images(rows, path, columns=copies)


class ImageFolder:
    """Batches of images from a folder with one sub-folder of image files for each class, read when needed (Pillow).

    ``net.fit(ImageFolder("pictures", (28, 28)), ...)``: each epoch is one pass in a fresh random order, drawn from the
    random numbers of the run.

    Parameters
    ----------
    folder : path
    size : tuple (height, width)
    channels : {1, 3}
        Grey, or red, green and blue.
    batch_size : int
    scale : float
        Values are multiplied by it.
    seed : int
        Of the order of passes outside of ``fit``.

    Attributes
    ----------
    classes : list of str
        The sub-folders' names; targets are their places.
        Hidden ones, whose names begin with a dot, are none.
    files : list of (path, class)
    """

    suffixes = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm"}

    def __init__(self, folder, size, *, channels=1, batch_size=32, scale=1 / 255, seed=0, dtype="float64"):
        if not isinstance(size, (tuple, list)) or len(size) != 2:
            raise ArgumentError(f"ImageFolder: size={size!r}; give (height, width)")
        if channels not in (1, 3):
            raise ArgumentError(f"ImageFolder: channels={channels!r}; choose 1 (grey) or 3 (red, green, blue)")
        if np.dtype(dtype).kind != "f":
            raise ArgumentError(f"ImageFolder: dtype={dtype!r}; give that of the network, float64 or float32")
        self.folder, self.channels, self.batch_size = Path(folder), channels, whole(batch_size, "ImageFolder: batch_size")
        self.size = tuple(whole(n, "ImageFolder: size") for n in size)
        self.scale, self.dtype, self._rng = scale, dtype, generator(seed)
        folders = self.folder.iterdir() if self.folder.is_dir() else ()
        self.classes = sorted(p.name for p in folders if p.is_dir() and not p.name.startswith("."))
        self.files = [(p, k) for k, name in enumerate(self.classes) for p in sorted((self.folder / name).iterdir())
                      if p.suffix.lower() in self.suffixes]
        if len(self.classes) < 2 or not self.files:
            raise ArgumentError(f"{folder}: give a folder with a sub-folder of image files for each class; found "
                                f"{len(self.classes)} sub-folder(s) "
                                f"and {len(self.files)} image(s)")

    def __len__(self):
        return -(-len(self.files) // self.batch_size)

    def __iter__(self):
        return self.epoch(self._rng)

    def epoch(self, rng):
        """Batches of one pass, in an order drawn from `rng`."""
        order = rng.permutation(len(self.files))
        for i in range(0, len(order), self.batch_size):
            rows = order[i:i + self.batch_size]
            yield np.stack([self.read(self.files[r][0]) for r in rows]), np.array([self.files[r][1] for r in rows])

    def read(self, path):
        """One image as an array (height, width[, 3])."""
        from dualnet.learn.extras import need
        Image = need("PIL.Image")
        try:
            with Image.open(path) as image:
                if image.mode[0] in "IF":  # Pillow would cut all above 255 off
                    raise OSError(f"it holds numbers of more than 8 bits (mode {image.mode}); save it with 8 bits for each channel")
                image = image.convert("L" if self.channels == 1 else "RGB").resize(self.size[::-1])
                return np.asarray(image, self.dtype) * self.scale
        except OSError as error:
            raise ArgumentError(f"{path} cannot be read as an image: {error}") from None
