cpdef object packed(a)
cpdef object grow(a, Py_ssize_t ndim, Py_ssize_t lead=*)
