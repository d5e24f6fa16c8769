import cython

from dualnet.dispatch cimport Array
from dualnet.multiples cimport fills
from dualnet.pieces cimport Buffer, Pieces
from dualnet.pulls cimport Pull, Record, record_of, settled
from dualnet.table cimport fields
from dualnet.table.quiet cimport hush, unhush
from dualnet.table.row cimport Pointwise, primal, shape_of
from dualnet.tangents cimport Live, full
from dualnet.trees cimport captured


cdef object ADD, ADD_UP, CONTRACT, CONTRACTION, MULTIPLY, OPEN, POINTWISE, SETITEM, SQUARE, SUM, WATCHING, ndarray


cdef class Tape:
    cdef public object level
    cdef public list records
    cdef public Py_ssize_t inputs
    cdef public object probes
    cdef public dict lines
    cdef public bint once
    cdef public bint quick

    @cython.locals(k=Py_ssize_t, record=Record, i=Py_ssize_t, parent=Py_ssize_t, slots=list, records=list, pair=tuple, looking=bint,
                   once=bint)
    cpdef list pull(self, list cotangents, Py_ssize_t lead=*, bint apart=*)


cdef class Node(Array):
    cdef public Tape tape
    cdef public Py_ssize_t place

    @cython.locals(i=Py_ssize_t, n=Py_ssize_t, mine=Node, values=list, parents=list)
    cpdef object _pointwise(self, Pointwise row, tuple args)


@cython.locals(record=Record, new=Node, records=list, place=Py_ssize_t)
cdef Node _step(row, values, out, parents, plan, Pull reader, Tape tape)
@cython.locals(out=Node)
cpdef Node node(value, Tape tape, Py_ssize_t place)
