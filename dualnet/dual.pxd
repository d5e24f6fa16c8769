import cython

from dualnet.blocks cimport apart
from dualnet.dispatch cimport Array
from dualnet.multiples cimport product
from dualnet.seeds cimport Space
from dualnet.table.quiet cimport hush, unhush
from dualnet.table.row cimport Argument, Pointwise, Row, dtype_of, partial_of, primal, shape_of
from dualnet.tangents cimport Live, Rows, full, rows_of, uneven


cdef object DOUBLE, MULTIPLY, NARROW, OPEN, UNIT, WATCHING, float64, ndarray


cdef class Dual(Array):
    cdef public object _tangent

    cdef object _opened(self)
    @cython.locals(i=Py_ssize_t, n=Py_ssize_t, weak=bint, mine=Dual, values=list)
    cpdef object _pointwise(self, Pointwise row, tuple args)
    @cython.locals(mine=Dual, rule=Pointwise, a=double, b=double, out=double, slope=double)
    cpdef object _numbers(self, Row row, x, y)
    @cython.locals(rows=Rows, space=Space)
    cdef bint _is_root(self)
    cdef object _derived(self, Pointwise row, tuple args, list values, out)
    @cython.locals(i=Py_ssize_t, n=Py_ssize_t, times=Py_ssize_t, fresh=bint, mine=Dual, rows=Rows, given=Argument, factor=Py_ssize_t)
    cdef object _combined(self, Pointwise row, tuple args, list values, out)


cdef class Parameters:
    cdef Dual whole
    cdef Rows rows
    cdef list numbers
    cdef Py_ssize_t place


cdef Dual _of_seed(number, Space space, seed, level)
cdef Dual stepped(row, operands, value, tangent, level)
@cython.locals(out=Dual)
cpdef Dual make(value, tangent, level)
cdef tuple _parted(args, level)

@cython.locals(place=Argument)
cdef double _times(p, double x, double y, double t)
