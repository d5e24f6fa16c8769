import cython

from dualnet.arithmetic cimport Arithmetic
from dualnet.dispatch cimport Array
from dualnet.table cimport fields
from dualnet.table.row cimport Traced, primal, shape_of


cdef object ndarray


cpdef object nest(tree, list leaves)
cpdef tuple leaves_of(tree)
cpdef tuple flatten(tree, what)
cpdef object unflatten(structure, leaves)
cpdef tuple filled(tuple structure, leaves, Py_ssize_t start)
cpdef tuple results(out, f)
@cython.locals(x=Arithmetic, values=list)
cpdef object run(call, arrays)
cpdef object captured(x)
cpdef object set_kinks(kinks)
cpdef object reset_kinks(token)
