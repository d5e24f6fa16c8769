from dualnet.dispatch cimport Array
from dualnet.table.row cimport Pointwise, highest


cdef class Pending(Array):
    cdef public Choice choice

    cpdef object _pointwise(self, Pointwise row, tuple args)


cdef class Choice:
    cdef public list leaves
    cdef public object tape
    cdef public list inputs
    cdef public object space

    cpdef object make(self, Pending touched, bint apart)


cdef bint _of_number(index, Py_ssize_t ndim)
cdef list _known(operands, level)
