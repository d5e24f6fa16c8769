cpdef list parts(x)
cpdef object first_largest(x)
