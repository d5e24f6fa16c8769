"""How exact the derivatives of ``scipy.special`` are where double precision cannot be had, as measured against mpmath.

A bound is relative to the true value and to what relative changes of the arguments make of it. What is not listed
here is right to 1e-12 in the interior of its domain, in value and in derivatives of orders 1 to 3. Orders and shapes
without a closed form come from the function's own values, whose noise each order of differentiation magnifies: bounds
of 1e-10, 1e-9 and 1e-8, where random points gave less. Some of SciPy's own values have fewer digits; those that it
searches for are corrected before they are differentiated. Next to a whole degree its Legendre functions, and next to
a whole second parameter its confluent hypergeometric function, lose digits as the distance shrinks: at 0.99999 they
have 11 and 10. Left of x = -1/2 its Jacobi and Gegenbauer polynomials of a degree that is not whole have no digit, or
are NaN, for some shapes whose b (a - 1/2) is whole, and its itstruve0 is wrong beyond 30; the derivatives do not come from
them. A slope by an order or a
shape that is smaller than a thousandth of the function is right to 1e-8 of that thousandth; nearer to the end of its
domain than a thousandth it is NaN. Numbers are powers of ten: of the value (SciPy's own), then of the derivatives.
"""

USUAL = (-12,) * 4
MEASURED = {
    (-12, -12, -11, -9): "mathieu_a",
    (-12, -12, -10, -8): "_smirnovp",
    (-12, -12, -10, -9): "ellipj mathieu_b",
    (-12, -11, -11, -10): "bdtri nbdtri",
    (-12, -10, -9, -8): "eval_genlaguerre eval_laguerre "
        "hankel1 hankel1e hankel2 hankel2e iv jv jve kv kve "
        "lpmv mathieu_modcem2 mathieu_modsem1 mathieu_modsem2 mathieu_sem "
        "obl_ang1 obl_ang1_cv obl_rad1 obl_rad1_cv pro_ang1_cv pro_rad1 pro_rad1_cv yv "
        "yve",
    (-12, -12, -12, -10): "bdtr log_ndtr modfresnelm modfresnelp pseudo_huber smirnov smirnovi",
    (-12, -12, -12, -11): "modstruve struve",
    (-12, -12, -12, -9): "eval_chebys",
    (-12, -12, -11, -10): "airye gdtrib",
    (-12, -10, -8, -8): "hyp2f1 mathieu_modcem1 pro_ang1",
    (-12, -9, -9, -8): "hyp0f1",
    (-12, -9, -9, -7): "ive",  # by orders next to 0
    (-12, -10, -8, -7): "mathieu_cem obl_cv",
    (-12, -10, -7, -7): "pro_cv",
    (-11, -12, -12, -12): "it2i0k0",
    (-11, -11, -10, -8): "eval_chebyu eval_sh_chebyu",
    (-10, -12, -12, -12): "fdtridfd nbdtrik nbdtrin stdtridf",
    (-10, -12, -12, -11): "pdtrik",  # SciPy 1.15's value
    (-10, -12, -11, -11): "bdtrik",
    (-10, -9, -9, -8): "pbwa",
    (-10, -10, -9, -8): "eval_legendre eval_sh_legendre",  # next to whole degrees
    (-9, -10, -8, -8): "hyp1f1",  # next to a whole second parameter
    (-9, -12, -12, -12): "itmodstruve0",
    (-8, -11, -11, -9): "besselpoly",  # at a = 10, where SciPy's series cancels; beyond 20 it has no digit
    (-9, -12, -11, -10): "bdtrin",
    (-9, -10, -9, -8): "eval_gegenbauer eval_jacobi eval_sh_jacobi",  # left of x = -1/2; of whole b some of SciPy's are wrong there
    (-7, -12, -11, -11): "nctdtr",  # in its tails
    (-8, -12, -12, -12): "ncfdtr pbdv pbvv",  # where all shapes are 1e-8; next to whole orders, where pbvv has no digit
    (-8, -10, -9, -8): "hyperu",
    (-8, -7, -6, -5): "obl_rad2 obl_rad2_cv pro_rad2 pro_rad2_cv",
    (-6, -12, -12, -12): "cotdg",
    (-5, -12, -12, -12): "itstruve0",  # wrong beyond 30, where its slope is right
    (-7, -12, -12, -12): "it2struve0",
    (-4, -12, -12, -12): "chndtridf chndtrinc chndtrix ncfdtri ncfdtridfd ncfdtridfn ncfdtrinc "
        "tklmbda",  # SciPy takes its shapes below 1e-4 for 0
    (-4, -10, -10, -9): "nctdtridf nctdtrit",
    (-3, -10, -10, -9): "nctdtrinc",  # SciPy's search leaves 1e-10 of the probability, however small that is
    (-3, -12, -12, -12): "itairy",
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
