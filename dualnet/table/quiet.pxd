cpdef object hush()
cpdef object unhush(token)
