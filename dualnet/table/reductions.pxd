cpdef object axes_of(axis, Py_ssize_t ndim)
cpdef object given(value, default=*)
cpdef object masked(x, where, neutral)
cpdef object in_precision(n, x)
