from dualnet.arithmetic cimport Arithmetic
from dualnet.table cimport fields


cdef class Array(Arithmetic):
    cdef public object _views
    cdef public object _base
    cdef object __weakref__
