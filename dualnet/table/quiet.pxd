cdef object _GET, _RESET, _SET, _SILENT, _WATCHING, _seen


cpdef object hush()
cpdef object unhush(token)
