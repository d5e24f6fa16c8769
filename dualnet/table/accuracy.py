"""How exact the derivatives of ``scipy.special`` are where double precision cannot be had, as measured against mpmath.

A bound is relative to the true value and to what relative changes of the arguments make of it. What is not listed here
is right to 1e-12 in the interior of its domain, in value and in derivatives of orders 1 to 3; what is listed is so in
its derivatives. Where no series or integral reaches (degrees of hundreds, parameters of hypergeometric functions of
thousands, complex numbers far out) orders and shapes come from the function's own values, whose noise each order of
differentiation magnifies, to 8 to 10 digits in three orders: there a slope that is smaller than a thousandth of the
function is right to 1e-8 of that thousandth, and nearer to the end of its domain than a thousandth it is NaN. Mixed
third slopes of the F distribution by degrees of freedom have 9 digits where these are 1e-8. Some of SciPy's own values
have fewer digits; those that it searches for are corrected before they are differentiated. Next to a whole degree its
Legendre functions, and next to a whole second parameter its confluent hypergeometric function, lose digits as the
distance shrinks: at 0.99999 they have 11 and 10. Left of x = -1/2 its Jacobi and Gegenbauer polynomials of a degree
that is not whole have no digit, or are NaN, for some shapes whose b (a - 1/2) is whole, its itstruve0 is wrong beyond
30, its hyp1f1 for first parameters beyond 200 between x = -1 and 0, its hyp2f1 left of 0 for two beyond 100, its
ellipj for m within 1e-10 of 1 and u beyond 5; the derivatives do not come from them. Its spheroidal functions lose
digits as exp(c) from c = 10 on, and those of the second kind next to x = 1 and oblate ones below x = 2; their
derivatives keep theirs, unless a characteristic value is given, and raise where SciPy's value has less than 8. Its
Mathieu functions have an error of 1e-16 of their largest value, also where they are smaller; their derivatives keep
their digits. Numbers are powers of ten: of the value (SciPy's own), then of the derivatives.
"""

USUAL = (-12,) * 4
MEASURED = {
    (-11, -12, -12, -12): "eval_chebyt eval_chebys eval_chebyu eval_sh_chebyu it2i0k0",
    (-10, -12, -12, -12): "bdtrik fdtridfd nbdtrik nbdtrin pbwa pdtrik stdtridf "  # of pdtrik SciPy 1.15's value
                          "eval_legendre eval_sh_legendre lpmv",  # next to whole degrees
    (-9, -12, -12, -12): "bdtrin eval_gegenbauer eval_jacobi eval_sh_jacobi itmodstruve0 "  # polynomials left of -1/2
                         "hyp1f1",  # next to a second parameter of 1
    # of ncfdtr where all of its shapes are 1e-8, of besselpoly at a = 10; beyond 20 SciPy's has no digit, but its slopes are right
    (-8, -12, -12, -12): "pbvv pbdv hyperu ncfdtr besselpoly obl_rad2 pro_rad2 obl_rad2_cv pro_rad2_cv",
    (-6, -12, -12, -12): "cotdg",
    (-5, -12, -12, -12): "itstruve0",  # wrong beyond 30, where its slope is right
    (-7, -12, -12, -12): "it2struve0 nctdtr",  # of nctdtr in its tails
    (-4, -12, -12, -12): "chndtridf chndtrinc chndtrix ncfdtri ncfdtridfd ncfdtridfn ncfdtrinc nctdtrit tklmbda",  # shapes < 1e-4
    (-3, -12, -12, -12): "itairy nctdtridf nctdtrinc",  # SciPy's search leaves 1e-10 of the probability, however small that is
}
POWERS = {name: powers for powers, names in MEASURED.items() for name in names.split()}


def bound(name, order):
    """The relative error that a derivative of that order of a row keeps below.

    Examples
    --------
    >>> bound("erf", 3), bound("itairy[0]", 0)
    (1e-12, 0.001)
    """
    return float(f"1e{POWERS.get(name.split('[')[0], USUAL)[order]}")


def said(name):
    """The same in words, for the catalogue; nothing where all is right to 1e-12."""
    powers = POWERS.get(name.split("[")[0])
    if powers is None:
        return ""
    value = f"; SciPy's value is right to 1e{powers[0]}" if powers[0] > -12 else ""
    return value + "; derivatives of orders 1 to 3 to " + ", ".join(f"1e{p}" for p in powers[1:])
