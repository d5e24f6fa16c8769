import cython

from dualnet.table cimport fields


cdef object DOUBLE, float64, ndarray


@cython.freelist(16)
@cython.no_gc
cdef class Multiple:
    cdef public double factor
    cdef public object array


@cython.locals(out=Multiple)
cpdef object multiple(double factor, array)
cpdef object whole(v)
@cython.locals(one=Multiple, other=Multiple)
cpdef object summed(a, b)
cpdef dict with_added(dict held, dict more)
cpdef dict with_all(dict held, list others)
cpdef bint fills(x, y)
cpdef object product(p, t, bint spare)
