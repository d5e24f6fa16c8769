from dualnet.table cimport fields
from dualnet.trees cimport results, run, set_kinks, reset_kinks


cpdef bint of_level(x, number, kind)
cpdef object unboxed(x)
cpdef list own(arrays, taken=*)
