cpdef object packed(a)
cpdef object apart(p, tuple args)
cpdef object grow(a, Py_ssize_t ndim, Py_ssize_t lead=*)
