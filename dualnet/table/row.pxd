import cython

from dualnet.table cimport fields


cdef object ndarray


cdef class Traced:
    cdef public object value
    cdef public object level


cdef class Argument:
    cdef public Py_ssize_t place
    cdef public Py_ssize_t factor
    cdef public bint twice


cdef class Row:
    cdef dict __dict__
    cdef public object name
    cdef public object rule
    cdef public bint elementwise


cdef class Pointwise(Row):
    cdef public object function
    cdef public object evaluate
    cdef public tuple partials
    cdef public bint varies
    cdef public bint arithmetic
    cdef public object of_floats


cdef class _Ruled(Row):
    pass


cdef class Gather(_Ruled):
    cdef public object onto
    cdef public object view
    cdef public object fills


cdef class Reduction(_Ruled):
    pass


cdef class Bilinear(_Ruled):
    pass


cdef class Linear(_Ruled):
    cdef public object fixed
    cdef public object core
    cdef public object positive


cdef class Composed(_Ruled):
    pass


@cython.locals(one=Traced, top=Traced)
cpdef object highest(operands)
@cython.locals(one=Traced)
cpdef object primal(x)
@cython.locals(one=Traced)
cpdef object shape_of(x)
cpdef object ndim_of(x)
cpdef object dtype_of(x)
@cython.locals(of=Argument)
cpdef object partial_of(Pointwise row, Py_ssize_t i, values, out)
cdef object in_precision(values, out)
