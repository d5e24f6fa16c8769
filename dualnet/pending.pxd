import cython

from dualnet.dispatch cimport Array
from dualnet.table.row cimport Pointwise, highest


cdef class Pending(Array):
    cdef public Choice choice

    cpdef object _pointwise(self, Pointwise row, tuple args)


cdef class Choice:
    cdef public list leaves
    cdef public object level
    cdef public list inputs
    cdef public object space
    cdef public object tape
    cdef public bint once

    @cython.locals(each=Pending)
    cpdef object make(self, Pending touched, bint apart)


cdef bint _of_number(index, Py_ssize_t ndim)
cdef list _known(operands, level)
@cython.locals(total=Py_ssize_t, most=Py_ssize_t, complex_input=bint)
cpdef object foreseen(list leaves, dict known)
cdef tuple _shapes(list leaves)
