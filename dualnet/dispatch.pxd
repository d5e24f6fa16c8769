from dualnet.arithmetic cimport Arithmetic


cdef class Array(Arithmetic):
    cdef public object _views
    cdef public object _base
    cdef object __weakref__
