from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF
from cpython.tuple cimport PyTuple_New, PyTuple_SET_ITEM


cdef extern from "Python.h":
    Py_ssize_t Py_REFCNT(object) noexcept


cdef extern from "numpy/ndarraytypes.h":
    ctypedef struct PyArrayObject:
        pass
    int PyArray_NDIM(PyArrayObject *) noexcept
    Py_ssize_t *PyArray_DIMS(PyArrayObject *) noexcept
    void *PyArray_DESCR(PyArrayObject *) noexcept
    PyObject *PyArray_BASE(PyArrayObject *) noexcept
    bint PyArray_ISWRITEABLE(PyArrayObject *) noexcept


cdef inline tuple shape(x):
    cdef int k, n = PyArray_NDIM(<PyArrayObject *>x)
    cdef Py_ssize_t *lengths = PyArray_DIMS(<PyArrayObject *>x)
    cdef object length
    cdef tuple out = PyTuple_New(n)
    for k in range(n):
        length = lengths[k]
        Py_INCREF(length)
        PyTuple_SET_ITEM(out, k, length)
    return out


cdef inline object dtype(x):
    return <object><PyObject *>PyArray_DESCR(<PyArrayObject *>x)


cdef inline Py_ssize_t size(x) noexcept:
    cdef int k
    cdef Py_ssize_t out = 1
    for k in range(PyArray_NDIM(<PyArrayObject *>x)):
        out *= PyArray_DIMS(<PyArrayObject *>x)[k]
    return out


cdef inline int ndim(x) noexcept:
    return PyArray_NDIM(<PyArrayObject *>x)


cdef inline bint writeable(x) noexcept:
    return PyArray_ISWRITEABLE(<PyArrayObject *>x)


cdef inline object base(x):
    cdef PyObject *owner = PyArray_BASE(<PyArrayObject *>x)
    return <object>owner if owner is not NULL else None


cdef inline bint own(x) noexcept:
    return Py_REFCNT(x) == 1 and PyArray_BASE(<PyArrayObject *>x) is NULL and PyArray_ISWRITEABLE(<PyArrayObject *>x)


cdef inline bint same_shape(x, y) noexcept:
    cdef int k, n = PyArray_NDIM(<PyArrayObject *>x)
    if n != PyArray_NDIM(<PyArrayObject *>y):
        return False
    for k in range(n):
        if PyArray_DIMS(<PyArrayObject *>x)[k] != PyArray_DIMS(<PyArrayObject *>y)[k]:
            return False
    return True


cdef inline size_t place(x) noexcept:
    return <size_t><PyObject *>x
