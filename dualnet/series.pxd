import cython

from dualnet.dispatch cimport Array
from dualnet.table.row cimport Pointwise


cdef class Trace:
    cdef public object level
    cdef public Py_ssize_t order
    cdef public dict steps
    cdef public Py_ssize_t size
    cdef public Py_ssize_t depth

    cpdef object room(self, tuple shape)


cdef class Series(Array):
    cdef public Trace expansion
    cdef public list known
    cdef public object more

    cpdef object coefficient(self, Py_ssize_t k)
    cpdef object _pointwise(self, Pointwise row, tuple args)
