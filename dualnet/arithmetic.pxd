import cython

from dualnet.table.row cimport Pointwise, Row, Traced


cdef object FLOAT64, MULTIPLY, NEGATIVE, SQUARE, ndarray


cdef class Arithmetic(Traced):
    cpdef object _pointwise(self, Pointwise row, tuple args)
    cpdef object _numbers(self, Row row, x, y)


@cython.locals(other=Arithmetic)
cdef object binary(Row row, Arithmetic x, y)
cdef object reflected(Row row, x, Arithmetic y)
cdef object inplace(Row row, Arithmetic x, y)
cdef object plain(x)
cdef object exact(number, Arithmetic x)
