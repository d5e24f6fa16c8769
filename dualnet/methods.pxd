from dualnet.arithmetic cimport Arithmetic


cdef class Methods(Arithmetic):
    pass
