from dualnet.table.row cimport highest, shape_of
from dualnet.tangents cimport Live


cdef class Pieces:
    cdef public object shape
    cdef public list parts


cdef class Buffer(Live):
    pass
