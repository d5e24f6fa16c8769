"""How exact the derivatives of ``scipy.special`` are where double precision cannot be had, as measured against mpmath.

A bound is relative to the true value and to what relative changes of the arguments make of it. What is not listed here
is right to 1e-12 in the interior of its domain, in value and in derivatives of orders 1 to 3. Orders and shapes without a
closed form come from the function's own values, which each order of differentiation magnifies the noise of; some of SciPy's
own values have fewer digits to begin with. A slope by an order or a shape that is smaller than a thousandth of the function
is right to 1e-8 of that thousandth; nearer to the end of its domain than a thousandth it is NaN. Numbers are powers of ten:
of the value (SciPy's own), then of the derivatives.
"""

USUAL = (-12,) * 4
MEASURED = {
    (-12, -12, -12, -11): "beip yv",
    (-12, -12, -12, -10): "bdtr eval_chebyu eval_laguerre eval_sh_legendre hankel1e hankel2 log_ndtr obl_rad1 "
        "modfresnelm modfresnelp pseudo_huber",
    (-12, -12, -12, -9): "ellipeinc eval_chebys",
    (-12, -12, -11, -11): "lpmv",
    (-12, -12, -11, -10): "hankel1 hankel2e jv kv pbdv pbvv",
    (-12, -12, -11, -9): "agm elliprf elliprg mathieu_a struve",
    (-12, -12, -10, -10): "_zeta mathieu_modcem1 mathieu_modsem1 yve",
    (-12, -12, -10, -9): "_riemann_zeta ellipj eval_legendre eval_sh_jacobi hyp0f1 jve mathieu_b zetac",
    (-12, -12, -10, -8): "hyp2f1 wright_bessel",
    (-12, -12, -9, -9): "elliprd",
    (-12, -12, -9, -7): "elliprc",
    (-12, -11, -11, -9): "iv",
    (-12, -11, -10, -10): "kve",
    (-12, -11, -10, -9): "eval_genlaguerre ive modstruve",
    (-12, -11, -10, -8): "eval_jacobi",
    (-12, -11, -9, -9): "elliprj",
    (-12, -11, -9, -8): "log_wright_bessel obl_ang1",
    (-12, -11, -8, -8): "hyp1f1",
    (-12, -11, -8, -7): "mathieu_cem",
    (-12, -10, -10, -9): "besselpoly",
    (-12, -10, -10, -7): "obl_cv",
    (-12, -10, -9, -9): "airye",
    (-12, -10, -9, -8): "eval_gegenbauer mathieu_sem",
    (-12, -10, -8, -8): "pro_ang1",
    (-12, -10, -7, -7): "pro_cv",
    (-11, -12, -12, -12): "eval_sh_chebyu it2i0k0",
    (-11, -11, -9, -8): "pbwa",
    (-10, -12, -12, -12): "fdtridfd nbdtrik stdtridf",
    (-10, -12, -11, -11): "bdtrik",
    (-9, -12, -11, -10): "bdtrin",
    (-8, -12, -11, -9): "hyperu",
    (-6, -12, -12, -12): "cotdg",
    (-8, -7, -6, -5): "obl_rad2 obl_rad2_cv pro_rad2 pro_rad2_cv",
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
