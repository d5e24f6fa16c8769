cdef class Space:
    cdef public object size
    cdef public object names
    cdef public object ahead
    cdef public object start
    cdef public object root
    cdef public bint careful
    cdef public bint parted
    cdef public Py_ssize_t products
    cdef public Py_ssize_t entries
