"""Special points of scipy.special: where a truth takes long, where a slope is lost by convention, and where it has few digits."""

# rows whose truth, or SciPy's own search, takes seconds with an argument of that size
DEAR = {
    0.0: "pbvv",
    1e-200: "bdtrin hyperu nctdtrinc nctdtrit pbvv",
    1e-08: "nctdtrit",
    100000000.0: "chndtridf it2i0k0 it2j0y0 iti0k0 itj0y0 stdtridf",
    1e+200: "it2i0k0 it2j0y0 iti0k0 itj0y0",
}
LOST = [  # rows, when a slope of theirs is NaN beside a finite value, and why
    ("fdtr fdtrc stdtr ncfdtr", lambda at, k: max(map(abs, at)) > 1e18, "beyond 1e18 the exponents of densities have lost their digits"),
    ("ellipj", lambda at, k: abs(at[0]) > 1e16, "SciPy's values have no digit of such a phase"),
    ("eval_sh_legendre", lambda at, k: k == 0 and at[1] < 1e-40, "the steps towards the end of the interval would be hundreds"),
    ("kelvin[3]", lambda at, k: at[0] < 1e-154, "of a complex slope that is infinite in one part, no part is known"),
    ("log_wright_bessel", lambda at, k: max(at) > 1e150, "the saddle point of its integral is beyond the range"),
]
NOISY = [  # rows, the relative error of their slopes at these points, and why; also to the same share of a thousandth of the value
    ("betaincinv betainccinv", 1e-8, "1 minus the solution has lost digits"),
    ("eval_sh_jacobi", 1e-7, "2 x - 1 has lost digits of x in SciPy's values"),
    ("pbdv pbvv pbwa mathieu_a mathieu_b eval_genlaguerre", 0, "slopes that are 0 at 0 are sums of terms of the function's size"),
]
