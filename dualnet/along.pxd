import cython

from dualnet.pulls cimport Record
from dualnet.table.row cimport partial_of, shape_of
from dualnet.tangents cimport Rows


@cython.locals(record=Record)
cdef list _tangents(tape, list ts)
@cython.locals(i=Py_ssize_t, rows=Rows)
cdef object _step(Record record, list parents, space)
@cython.locals(record=Record, depends=list, here=double, inner=double, size=double, forward=double, reverse=double, steps=Py_ssize_t,
               place=Py_ssize_t, most=double)
cpdef bint forward_is_less(run, Py_ssize_t inputs)
@cython.locals(x=double, whole=double)
cdef double _summed(Record record)
cdef double _size(x)
