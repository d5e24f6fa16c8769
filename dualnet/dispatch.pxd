from dualnet.methods cimport Methods
from dualnet.table cimport fields
from dualnet.table.row cimport Row, Traced, highest, primal


cdef object ROWS, ndarray


cdef class Array(Methods):
    cdef public object _views
    cdef public object _base
    cdef object __weakref__


cdef object _called(Array array, Row row, tuple inputs)
