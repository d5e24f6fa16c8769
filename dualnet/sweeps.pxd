from dualnet.table cimport fields
from dualnet.table.row cimport Traced, dtype_of, primal, shape_of
from dualnet.trees cimport results, run, set_kinks, reset_kinks


cdef object UNIT, float64, ndarray


cpdef bint of_level(x, number, kind)
cpdef object unboxed(x)
cpdef list own(arrays, taken=*)
