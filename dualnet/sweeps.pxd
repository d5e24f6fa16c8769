from dualnet.graph cimport Node, Tape
from dualnet.trees cimport results, run, set_kinks, reset_kinks


cdef class Record:
    cdef public Tape tape
    cdef public object leaves
    cdef public object structure
    cdef public list values
    cdef public list places


cpdef bint of_level(x, number, kind)
cpdef object unboxed(x)
cpdef list own(arrays, taken=*)
