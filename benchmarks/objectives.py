"""The objectives of the ADBench suite, written afresh in plain NumPy, with generated data of its sizes.

Filip Srajer, Zuzana Kukelova and Andrew Fitzgibbon, 2018, "A benchmark of selected algorithmic differentiation
tools on some problems in computer vision and machine learning", Optimization Methods and Software 33: sections 4.1
(Gaussian mixture), 4.2 (bundle adjustment) and 4.3 (hand tracking); the LSTM is that of the suite's code, whose
weight matrices are diagonal. Each objective is a function ``f(parameters, *data, xp=numpy)``.
"""

import math

import numpy as np
import scipy.special

# ---------------------------------------------------------------- Gaussian mixture


def logsumexp(a, xp=np):
    """log(sum(exp(a))) along the first axis."""
    top = xp.amax(a, axis=0)
    return xp.log(xp.sum(xp.exp(a - top), axis=0)) + top


def mixture(parameters, points, place, gamma=1.0, m=0, xp=np):
    """Log posterior of a Gaussian mixture under a Wishart prior; a scalar.

    `parameters` are the logarithms of the K weights (K,), the means (K, d) and the factors of the inverse covariances
    (K, d (d + 1) / 2): the logarithms of the diagonal, then the lower triangle by columns. `points` are (n, d),
    `place` is that of each entry of a factor among its numbers, (d, d), from `mixture_place`.
    """
    alphas, means, factors = parameters
    n, d = points.shape
    logs, below = factors[:, :d], factors[:, d:]
    diagonal, total = xp.exp(logs), xp.sum(logs, axis=1)
    triangles = xp.concatenate([diagonal, below, 0.0 * alphas[:, None]], axis=1)[:, place]
    z = triangles @ (points.T[None] - means[:, :, None])
    inner = (alphas + total)[:, None] - 0.5 * xp.sum(z * z, axis=1)
    prior = xp.sum(0.5 * gamma**2 * (xp.sum(diagonal**2, axis=1) + xp.sum(below**2, axis=1)) - m * total)
    return xp.sum(logsumexp(inner, xp)) - n * logsumexp(alphas, xp) + prior + mixture_constant(n, d, len(alphas), gamma, m)


def mixture_constant(n, d, k, gamma, m):
    """The part of `mixture` that does not depend on the parameters."""
    degrees = d + m + 1
    wishart = degrees * d * math.log(gamma / math.sqrt(2)) - float(scipy.special.multigammaln(0.5 * degrees, d))
    return -0.5 * n * d * math.log(2 * math.pi) - k * wishart


def mixture_place(d):
    """Where each entry of a lower triangle of side `d` stands: diagonal, columns below it, one zero; (d, d)."""
    place = np.full((d, d), d * (d + 1) // 2)
    place[np.diag_indices(d)] = np.arange(d)
    columns, rows = np.triu_indices(d, 1)
    place[rows, columns] = d + np.arange(len(rows))
    return place


def mixture_problem(d, k, n, seed=0):
    """Parameters and data: `k` Gaussians in `d` dimensions, `n` points."""
    rng = np.random.default_rng(seed)
    parameters = (rng.standard_normal(k), rng.uniform(0, 1, (k, d)), rng.standard_normal((k, d * (d + 1) // 2)) * 0.5)
    return parameters, rng.standard_normal((n, d)), mixture_place(d)


# ---------------------------------------------------------------- bundle adjustment

CAMERA, POINT = 11, 3  # numbers of a camera (rotation, centre, focal length, principal point, distortion) and of a point


def rotated(axis, v, xp=np):
    """Rodrigues' rotation of `v` about `axis` by its length, which may not be zero; both are three arrays or numbers."""
    (a, b, c), (x, y, z) = axis, v
    square = a * a + b * b + c * c
    angle = xp.sqrt(square)
    cosine, sine = xp.cos(angle), xp.sin(angle) / angle
    along = (a * x + b * y + c * z) * (1.0 - cosine) / square
    return (x * cosine + (b * z - c * y) * sine + a * along,
            y * cosine + (c * x - a * z) * sine + b * along,
            z * cosine + (a * y - b * x) * sine + c * along)


def observations(gathered, seen, xp=np):
    """Residuals of p observations, each with the camera (p, 11), the point (p, 3) and the weight (p,) of its own.

    Returns three arrays (p,): weighted differences of the projection from `seen` (p, 2), and ``1 - weight^2``.
    """
    cameras, points, weights = gathered
    a, b, c, *centre, focal, right, up, first, second = cameras.T
    x, y, z = rotated((a, b, c), [p - q for p, q in zip(points.T, centre)], xp)
    x, y = x / z, y / z
    square = x * x + y * y
    stretch = focal * (1.0 + first * square + second * square * square)
    return weights * (x * stretch + right - seen[:, 0]), weights * (y * stretch + up - seen[:, 1]), 1.0 - weights * weights


def bundle(parameters, camera, point, seen, xp=np):
    """Residuals of bundle adjustment, (3 p,): both projection errors of every observation, then the weights'.

    `parameters` are cameras (n, 11), points (m, 3) and weights (p,); observation i is of point ``point[i]`` by
    camera ``camera[i]`` and was seen at ``seen[i]``.
    """
    cameras, points, weights = parameters
    return xp.concatenate(observations((cameras[camera], points[point], weights), seen, xp))


def bundle_problem(n, m, p, seed=0):
    """Parameters and data: `n` cameras, `m` points, `p` observations."""
    rng = np.random.default_rng(seed)
    cameras = rng.standard_normal((n, CAMERA)) * 0.1
    cameras[:, 5] -= 5.0
    cameras[:, 6] += 1.0
    parameters = cameras, rng.standard_normal((m, POINT)), rng.uniform(0.5, 1.0, p)
    return parameters, rng.integers(0, n, p), rng.integers(0, m, p), rng.standard_normal((p, 2))


# ---------------------------------------------------------------- hand tracking

BONES, ANGLES = 22, 26
PARENTS = np.array([-1, 0, *(joint - 1 if (joint - 2) % 4 else 1 for joint in range(2, BONES))])


def hand_place():
    """Which number of theta each of a bone's three angles is; `ANGLES` where it is fixed; (22, 3)."""
    place, number = np.full((BONES, 3), ANGLES), 6
    for finger in range(5):
        for joint in range(3):
            bone = 2 + 4 * finger + joint
            place[bone, 0] = number
            if joint == 0:
                place[bone, 1] = number + 1
            number += 2 if joint == 0 else 1
    return place


def matrices(entries, xp=np):
    """Stack nine arrays (k,) into matrices (k, 3, 3)."""
    return xp.stack(entries, axis=1).reshape((-1, 3, 3))


def bone_rotations(angles, xp=np):
    """Rz Ry Rx of the angles (k, 3) about x, z and y; (k, 3, 3). (Here y turns the other way, as in the suite.)"""
    c, s = xp.cos(angles), xp.sin(angles)
    cx, cz, cy, sx, sz, sy = c[:, 0], c[:, 1], c[:, 2], s[:, 0], s[:, 1], s[:, 2]
    return matrices([cz * cy, -sz * cx - cz * sy * sx, sz * sx - cz * sy * cx,
                     sz * cy, cz * cx - sz * sy * sx, -cz * sx - sz * sy * cx,
                     sy, cy * sx, cy * cx], xp)


def hand(theta, place, base, offsets, back, weights, corners, points, corners_of, xp=np):
    """Distances of `points` (c, 3) from the vertices of a skinned hand in the pose `theta` (26,); (3 c,).

    Bone i is turned by three angles after ``base[i]`` (3, 3) and ``offsets[i]`` (3,) relative to its parent; its
    absolute transform after ``back[i]`` (4, 4), the inverse of the resting one, moves the vertices `corners` (v, 4)
    by its share of `weights` (v, 22). Point i belongs to the vertex ``corners_of[i]``. theta: turn, shift, fingers.
    """
    angles = xp.concatenate([theta, 0.0 * theta[:1]])[place]
    turns = base @ bone_rotations(angles, xp)
    absolute = []
    for bone in range(BONES):
        if PARENTS[bone] < 0:
            absolute.append((turns[bone], offsets[bone]))
        else:
            turn, shift = absolute[PARENTS[bone]]
            absolute.append((turn @ turns[bone], turn @ offsets[bone] + shift))
    turn, shift = (xp.stack([each[k] for each in absolute]) for k in (0, 1))
    moves = xp.concatenate([turn, shift[:, :, None]], axis=2) @ back
    blended = (weights @ moves.reshape((BONES, 12))).reshape((-1, 3, 4))
    skinned = xp.sum(blended * corners[:, None, :], axis=2)
    vertices = xp.stack(rotated(theta[:3], skinned.T, xp), axis=1) + theta[3:6]
    return (points - vertices[corners_of]).reshape(-1)


def hand_problem(count, vertices=544, seed=0):
    """Parameters and data: a hand of `vertices` vertices and `count` points."""
    rng = np.random.default_rng(seed)
    turned = bone_rotations(rng.standard_normal((BONES, 3)) * 0.2)
    offsets = rng.standard_normal((BONES, 3)) * 0.3
    back = np.tile(np.eye(4), (BONES, 1, 1))
    back[:, :3, 3] = rng.standard_normal((BONES, 3)) * 0.3
    weights = rng.dirichlet(np.full(BONES, 0.1), vertices)
    corners = np.concatenate([rng.standard_normal((vertices, 3)), np.ones((vertices, 1))], axis=1)
    points, of = rng.standard_normal((count, 3)), rng.integers(0, vertices, count)
    return rng.standard_normal(ANGLES) * 0.3, hand_place(), turned, offsets, back, weights, corners, points, of


# ---------------------------------------------------------------- LSTM


def lstm_step(parameters, state, x, xp=np):
    """One step of all layers: the prediction (b,) and the next state, a list of (hidden, cell) for each layer."""
    layers, ends = parameters
    b = x.shape[0]
    x, out = x * ends[0], []
    for k, (hidden, cell) in enumerate(state):
        gates = xp.concatenate([x, hidden, x, hidden]) * layers[2 * k] + layers[2 * k + 1]
        share = 1.0 / (1.0 + xp.exp(-gates[:3 * b]))
        cell = cell * share[:b] + share[b:2 * b] * xp.tanh(gates[3 * b:])
        x = share[2 * b:] * xp.tanh(cell)
        out.append((x, cell))
    return x * ends[1] + ends[2], out


def lstm_miss(prediction, truth, xp=np):
    """How badly the prediction misses, of one step (the suite adds 2 to the sum of exponentials)."""
    return -xp.sum(truth * (prediction - xp.log(xp.sum(xp.exp(prediction)) + 2.0)))


def lstm(parameters, state, sequence, xp=np):
    """Mean loss of an LSTM with diagonal weights that predicts each element of `sequence` (c, b); a scalar.

    `parameters` are the layers' weights and biases in turn, (2 l, 4 b), and the ends' factors and shift, (3, b);
    `state` is a list of l pairs (hidden, cell) of (b,).
    """
    total = 0.0
    for t in range(len(sequence) - 1):
        prediction, state = lstm_step(parameters, state, sequence[t], xp)
        total = total + lstm_miss(prediction, sequence[t + 1], xp)
    return total / ((len(sequence) - 1) * sequence.shape[1])


def lstm_problem(layers, characters, b=14, seed=0):
    """Parameters and data: `layers` layers, a sequence of `characters` of `b` numbers."""
    rng = np.random.default_rng(seed)
    parameters = rng.uniform(-0.5, 0.5, (2 * layers, 4 * b)), rng.uniform(-0.5, 0.5, (3, b))
    state = [tuple(rng.uniform(-0.5, 0.5, (2, b))) for _ in range(layers)]
    return parameters, state, np.eye(b)[rng.integers(0, b, characters)]
