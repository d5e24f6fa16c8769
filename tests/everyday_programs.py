"""Everyday code with writes in place, loops and buffers: pairs of the inputs' names and a program of them."""

import numpy as np

PROGRAMS = []


def of(names):
    """Enter a program of the inputs of those names (see ``everyday.py``)."""
    def enter(f):
        PROGRAMS.append((names, f))
        return f

    return enter


@of("x s")
def item(x, s):
    a = x * 1
    a[2] = s
    return a


@of("x v")
def slice_(x, v):
    a = x.copy()
    a[1:4] = v
    return a


@of("x")
def mask(x):
    a = x * 2
    a[a > 0] = 0.5
    return a + x


@of("x y")
def mask_of_another(x, y):
    a = np.copy(x)
    a[y > 0] = y[y > 0]
    return a * x


@of("x")
def fancy(x):
    a = np.zeros_like(x)
    a[[0, 3]] = x[[1, 2]]
    return a


@of("x")
def plus_equals(x):
    a = x.copy()
    a += 1
    a *= x
    a -= 0.5 * x
    a /= 2
    a **= 2
    return a


@of("x v")
def slice_plus_equals(x, v):
    a = x.copy()
    a[1:4] += v
    a[0] *= 3
    a[::2] -= 1
    return a


@of("A w")
def column(A, w):
    a = A.copy()
    a[:, 1] = 2
    a[0] = w
    a[1, 2] *= w[0]
    return a


@of("x")
def add_at(x):
    a = np.zeros_like(x)
    np.add.at(a, [0, 0, 2], x[:3])
    return a


@of("x")
def subtract_at(x):
    a = x * 1
    np.subtract.at(a, [1, 1], 2.0 * x[0])
    return a


@of("x y")
def multiply_at(x, y):
    a = x * 1
    np.multiply.at(a, [1, 3], y[:2])
    return a


@of("A x")
def multiply_at_repeated(A, x):
    a = A * 1
    np.multiply.at(a, ([0, 0, 2, 0], [1, 1, 3, 1]), x[:4])
    return a


@of("x y")
def maximum_at_repeated(x, y):
    a = x * 0.1
    np.maximum.at(a, [1, 1, 3], y[:3])
    np.negative.at(a, [2, 2, 2])
    return a


@of("x")
def maximum_at(x):
    a = x * 1
    np.maximum.at(a, [0, 1], 0.1 * x[2])
    return a


@of("A v")
def add_at_rows(A, v):
    a = np.zeros_like(A)
    np.add.at(a, (slice(None), [0, 0, 2]), np.outer(v, v))
    return a * A


@of("x")
def filled_in_a_loop(x):
    a = np.zeros(5, like=x)
    for k in range(5):
        a[k] = x[k] ** k
    return a


@of("x s")
def recurrence(x, s):
    a = np.empty_like(x)
    a[0] = x[0]
    for k in range(1, 5):
        a[k] = s * a[k - 1] + x[k]
    return a


@of("x")
def appended(x):
    out = []
    for e in x:
        out.append(e * e + 1)
    return np.array(out)


@of("x")
def summed(x):
    total = 0.0
    for e in x:
        total += e ** 3
    return total


@of("x")
def view(x):
    a = x * 1
    b = a[1:3]
    b *= 2
    return a * x


@of("A")
def view_of_a_row(A):
    a = A.copy()
    r = a[1]
    r[0] = r[1] * 3
    r += 1
    return a


@of("A")
def view_by_reshape(A):
    a = A * 1
    b = a.reshape(-1)
    b[3] = b[0] * b[1]
    return a


@of("A")
def view_by_transpose(A):
    a = A.copy()
    a.T[1] = a.T[0] ** 2
    return a


@of("x y")
def out_buffer(x, y):
    a = np.empty_like(x)
    np.multiply(x, y, out=a)
    np.add(a, x, out=a)
    return a


@of("A B")
def matmul_out(A, B):
    a = np.zeros((3, 3), like=A)
    np.matmul(A, B, out=a)
    return a


@of("x")
def sum_out(x):
    a = np.zeros((), like=x)
    np.sum(x * x, out=a)
    return a * 1


@of("x y")
def copyto(x, y):
    a = np.zeros_like(x)
    np.copyto(a, x)
    np.copyto(a, y, where=[True, False, False, True, False])
    return a


@of("x v")
def put(x, v):
    a = x * 1
    np.put(a, [0, 2, 4], v)
    a.put([1], 3.0)
    return a


@of("x v")
def place(x, v):
    a = x * 1
    np.place(a, [True, False, True, False, True], v)
    return a


@of("x y")
def putmask(x, y):
    a = x.copy()
    np.putmask(a, [True, False, True, False, True], y)
    return a


@of("A v")
def fill_diagonal(A, v):
    a = A.copy()
    np.fill_diagonal(a, v)
    return a


@of("x")
def sort_in_place(x):
    a = x.copy()
    a.sort()
    return a * np.arange(5)


@of("x s")
def fill(x, s):
    a = np.empty_like(x)
    a.fill(s)
    return a * x


@of("x")
def swap(x):
    a = x.copy()
    a[0], a[1] = a[1] * 1, a[0] * 1
    return a


@of("x")
def stencil(x):
    a = np.zeros_like(x)
    a[1:-1] = x[2:] - 2 * x[1:-1] + x[:-2]
    return a


@of("W v")
def gaussian_elimination(W, v):
    a, b = W.copy(), v.copy()
    for k in range(3):
        for i in range(k + 1, 3):
            m = a[i, k] / a[k, k]
            a[i, k:] -= m * a[k, k:]
            b[i] -= m * b[k]
    x = np.zeros_like(b)
    for k in (2, 1, 0):
        x[k] = (b[k] - a[k, k + 1:] @ x[k + 1:]) / a[k, k]
    return x


@of("s t")
def runge_kutta(s, t):
    u = np.array([s, t])
    f = lambda u: np.array([u[1], -u[0] - 0.1 * u[1] ** 3])
    for _ in range(3):
        k1 = f(u)
        k2 = f(u + 0.05 * k1)
        u = u + 0.1 * k2
    return u


@of("p s")
def newton(p, s):
    r = p * 0 + 1.0
    for _ in range(8):
        r = r - (r ** 3 - p - s) / (3 * r ** 2)
    return r


@of("x A B")
def network(x, A, B):
    h = np.tanh(A @ x[:4])
    return np.log(np.sum(np.exp(B @ h)))


@of("x")
def while_loop(x):
    total, k = x[0] * 0, 0
    while k < 4:
        total = total + x[k] * x[k + 1]
        k += 1
    return total


@of("x y")
def dictionary(x, y):
    d = {"a": x * y, "b": x + y}
    return d["a"] / (1 + d["b"] ** 2)


@of("A")
def rows_unpacked(A):
    a, b, c = A
    return a * b - c


@of("x")
def enumerate_and_zip(x):
    return np.stack([k * e * g for k, (e, g) in enumerate(zip(x, x[::-1]))])


@of("x")
def array_as_it_is_and_a_copy(x):
    a = x * 1
    np.asarray(a, like=a)[1] = a[0] * 2
    b = np.array(a, like=a)
    b[0] = 5.0
    return a * b


@of("x A")
def swapped_rows_and_views(x, A):
    a = A.copy()
    a[0], a[1] = a[1], a[0]  # views: both rows are the second
    a[[0, 2]] = a[[2, 0]]
    column = a[:, 0]
    a[:, 0], a[1, 1] = a[:, 1], x[0]
    a.flat[3] = x[1]
    return a, column
