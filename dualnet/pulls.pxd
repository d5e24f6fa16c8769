import cython

from dualnet.multiples cimport fills, product
from dualnet.pieces cimport Buffer, Pieces
from dualnet.table cimport fields
from dualnet.table.row cimport Argument, Pointwise, dtype_of, highest, partial_of, primal, shape_of
from dualnet.tangents cimport Live, full


cdef object DOUBLE, PRODUCT, WATCHING, float64, ndarray


@cython.freelist(64)
cdef class Record:
    cdef public object row
    cdef public object values
    cdef public object out
    cdef public object parents
    cdef public object plan
    cdef public Pull reader


cdef class Pull:
    cpdef object pull(self, Record record, Py_ssize_t i, g, Py_ssize_t lead)
    cpdef object push(self, Record record, Py_ssize_t i, t)


cdef class PointwisePull(Pull):
    @cython.locals(given=Argument)
    cpdef object pull(self, Record record, Py_ssize_t i, g, Py_ssize_t lead)


cdef class GatherPull(Pull):
    cpdef object pull(self, Record record, Py_ssize_t i, g, Py_ssize_t lead)


cdef class JoinPull(Pull):
    cpdef object pull(self, Record record, Py_ssize_t i, g, Py_ssize_t lead)


cdef class SumPull(Pull):
    cpdef object pull(self, Record record, Py_ssize_t i, g, Py_ssize_t lead)


cdef class ContractPull(Pull):
    cpdef object pull(self, Record record, Py_ssize_t i, g, Py_ssize_t lead)


cdef class LinearPull(Pull):
    cpdef object pull(self, Record record, Py_ssize_t i, g, Py_ssize_t lead)


@cython.locals(record=Record)
cpdef Record record_of(row, values, out, parents, plan, Pull reader)
cpdef object settled(g, shape, Py_ssize_t lead)
cpdef object cast(g, like)
cdef object unbroadcast(g, tuple shape, Py_ssize_t lead=*)
cdef object _widened(g, out, tuple wide, Py_ssize_t lead)
cdef object _conjugate(x)
cdef object _dot(x, y, like)
cdef object _product(p, g, bint last)
cdef object _dtype(x)
cpdef object numbers_of(g)
