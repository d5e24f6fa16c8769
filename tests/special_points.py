"""Special points of scipy.special: where a truth takes long, where a slope is lost by convention, and where it has few digits."""

DEAR = {  # rows whose truth takes mpmath a tenth of a second or more with an argument of that size
    0.0: "obl_ang1 obl_ang1_cv pbdv pbvv pbwa pro_ang1 pro_ang1_cv",
    1e-200: "_zeta airy airye bdtrin besselpoly beta betainc betaincc betainccinv betaincinv betaln btdtria btdtrib chdtr chdtrc "
        "chdtri chdtriv chndtr chndtridf chndtrinc chndtrix ellipeinc elliprd elliprf elliprg elliprj erfcinv eval_gegenbauer "
        "eval_genlaguerre eval_jacobi eval_laguerre eval_sh_chebyt eval_sh_chebyu eval_sh_jacobi eval_sh_legendre expn fdtr fdtrc "
        "fdtri fdtridfd gamma gammainc gammaincc gammainccinv gammaincinv gammaln gdtr gdtrc gdtria gdtrib gdtrix hankel1 "
        "hankel1e hankel2 hankel2e hyp2f1 hyperu it2i0k0 it2j0y0 it2struve0 itairy iti0k0 itj0y0 itmodstruve0 itstruve0 iv ive "
        "jve k0 k0e k1 k1e kei keip kelvin[1] kelvin[3] ker kerp kn kolmogorov kv kve log_wright_bessel lpmv mathieu_cem mathieu_modcem1 "
        "mathieu_modcem2 mathieu_modsem1 mathieu_modsem2 mathieu_sem modstruve nbdtrik nbdtrin ncfdtr ndtri ndtri_exp nrdtrimn "
        "nrdtrisd obl_ang1 obl_ang1_cv obl_cv obl_rad1 obl_rad1_cv obl_rad2 obl_rad2_cv owens_t pbdv pbvv pbwa poch pro_ang1 "
        "pro_ang1_cv pro_cv pro_rad1 pro_rad2 stdtr stdtrit struve tklmbda wright_bessel y0 y1 yn yv yve",
    1e-08: "chndtridf chndtrinc it2i0k0 it2j0y0 iti0k0 itj0y0 itmodstruve0 keip kelvin[1] kelvin[3] kerp mathieu_cem mathieu_modcem1 "
        "mathieu_modcem2 mathieu_modsem1 mathieu_modsem2 mathieu_sem ncfdtr obl_ang1 obl_ang1_cv obl_rad1 obl_rad2 obl_rad2_cv "
        "pbdv pbwa pro_ang1 pro_ang1_cv pro_rad2",
    100000000.0: "bdtrik bdtrin bei beip ber berp btdtria btdtrib chndtr chndtridf eval_chebyc eval_chebys eval_chebyt eval_chebyu "
        "eval_gegenbauer eval_jacobi eval_sh_chebyt eval_sh_chebyu eval_sh_jacobi hankel1 hankel1e hankel2 hankel2e hyp2f1 "
        "it2i0k0 it2j0y0 it2struve0 itairy iti0k0 itj0y0 itmodstruve0 itstruve0 iv ive jv jve kei keip ker kerp kv kve "
        "log_wright_bessel modstruve nbdtrik nbdtrin owens_t pbwa stdtridf struve yv yve",
    1e+200: "_zeta airy airye bdtrik bei beip ber berp besselpoly betainccinv betaincinv btdtria chdtr chdtrc chdtri chndtr chndtridf "
        "ellipeinc "
        "ellipj elliprg elliprj eval_chebyc eval_chebys eval_chebyt eval_chebyu eval_gegenbauer eval_jacobi eval_sh_chebyt "
        "eval_sh_chebyu eval_sh_jacobi fdtr fdtrc fdtri fdtridfd fresnel gammainc gammaincc gammainccinv gammaincinv gdtr gdtrc "
        "gdtria gdtrib gdtrix hankel1 hankel1e hankel2 hankel2e hyp0f1 hyp2f1 it2i0k0 it2j0y0 it2struve0 itairy iti0k0 itj0y0 "
        "itmodstruve0 itstruve0 iv ive jv jve kei keip ker kerp kolmogorov kv kve log_wright_bessel modstruve owens_t pbwa "
        "stdtrit struve tklmbda wright_bessel y0 y1 yn yv yve",
}
NAMED = {  # of these, points with 1e-200 in all arguments, in the first or in the last one, whatever they take
    'tie': "eval_chebys eval_chebyu eval_genlaguerre eval_laguerre eval_sh_chebyt fdtr fdtrc gdtr gdtrc hyp2f1 iv ive "
        "jve tklmbda",
    'first': "eval_chebys eval_chebyu eval_gegenbauer eval_genlaguerre eval_jacobi eval_laguerre eval_sh_chebyu eval_sh_jacobi tklmbda",
    'last': "eval_sh_chebyt eval_sh_chebyu gdtr hyp2f1",
}
ONLY = {"jve": 1}  # by which argument of a tie, where others take seconds
LOST = [  # rows, when a slope of theirs is NaN beside a finite value, and why
    ("bdtri nbdtri", lambda at, k: at[2] < 1e-30, "1 minus the solution is below rounding: SciPy's value, 1, is none"),
    ("fdtr fdtrc stdtr ncfdtr", lambda at, k: max(map(abs, at)) > 1e18, "beyond 1e18 the exponents of densities have lost their digits"),
    ("ellipj", lambda at, k: abs(at[0]) > 1e16, "SciPy's values have no digit of such a phase"),
    ("kelvin[3]", lambda at, k: at[0] < 1e-154, "of a complex slope that is infinite in one part, no part is known"),
    ("log_wright_bessel", lambda at, k: k == 2 and at[2] > 1e100, "of larger values nothing is left"),
]
NOISY = [  # rows, the relative error of their slopes at these points, and why; also to the same share of a thousandth of the value
    ("betaincinv betainccinv", 1e-8, "1 minus the solution has lost digits"),
    ("eval_sh_jacobi", 1e-7, "2 x - 1 has lost digits of x in SciPy's values"),
    ("pbdv pbvv mathieu_a mathieu_b mathieu_modcem1 mathieu_modsem1", 0, "slopes that are 0 at 0 are sums of terms of the function's size"),
]
