import cython

from dualnet.blocks cimport grow, packed
from dualnet.multiples cimport Multiple, multiple, summed, whole, with_added, with_all
from dualnet.seeds cimport Space
from dualnet.table cimport fields
from dualnet.table.row cimport Traced, dtype_of, ndim_of, primal, shape_of


cdef object DOUBLE, float64, ndarray


cdef class Mask:
    cdef public object _make
    cdef public object _array
    cdef public object depth


cdef class Live:
    cdef public object values
    cdef public Mask cell


cdef class Rows:
    cdef public Space space
    cdef public dict held
    cdef public object blocks
    cdef public list later
    cdef public dict flat
    cdef public Py_ssize_t upto
    cdef public Py_ssize_t extra

    cpdef dict own(self)
    @cython.locals(out=Rows)
    cdef Rows noted(self, dict more, blocks)
    @cython.locals(out=Rows)
    cpdef Rows with_blocks(self, blocks)
    cpdef bint lends(self)
    @cython.locals(held=dict, source=dict)
    cpdef Rows scaled(self, p, Py_ssize_t factor)
    @cython.locals(one=Multiple)
    cdef object _product(self, p, v)
    @cython.locals(one=Multiple)
    cdef object _times(self, Py_ssize_t factor, v)
    @cython.locals(one=Multiple, held=dict, s=Py_ssize_t)
    cdef object _write(self, out)
    @cython.locals(held=dict)
    cpdef Rows plus(self, p, Rows t)
    @cython.locals(held=dict)
    @cython.locals(out=Rows, ours=Py_ssize_t, theirs=Py_ssize_t)
    cpdef Rows added(self, Rows other, bint fresh)


cpdef object full(t, shape)
cpdef bint uneven(x, y) except -1
@cython.locals(out=Rows)
cpdef Rows rows_of(Space space, dict held, blocks)
