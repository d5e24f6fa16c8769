"""Special points of scipy.special's rows: those whose truth takes long, where a slope is lost by convention, and where it has few digits."""

DEAR = {  # rows whose truth takes mpmath a tenth of a second or more with an argument of that size
    0.0: "obl_ang1 obl_ang1_cv pbdv pbvv pbwa pro_ang1 pro_ang1_cv",
    1e-200: "_zeta airy airye bdtrin besselpoly beta betainc betaincc betainccinv betaincinv betaln btdtria btdtrib chdtr chdtrc "
        "chdtri chdtriv chndtr chndtridf chndtrinc chndtrix ellipeinc elliprd elliprg elliprj erfcinv eval_gegenbauer "
        "eval_genlaguerre eval_jacobi eval_laguerre eval_sh_chebyt eval_sh_chebyu eval_sh_jacobi eval_sh_legendre expn fdtr fdtrc "
        "fdtri fdtridfd gamma gammainc gammaincc gammainccinv gammaincinv gammaln gdtr gdtrc gdtria gdtrib gdtrix hankel1 "
        "hankel1e hankel2 hankel2e hyp2f1 hyperu it2i0k0 it2j0y0 it2struve0 itairy iti0k0 itj0y0 itmodstruve0 itstruve0 iv ive jv "
        "jve k0 k0e k1 k1e kei keip kelvin ker kerp kn kv kve log_wright_bessel lpmv mathieu_cem mathieu_modcem1 mathieu_modcem2 "
        "mathieu_modsem1 mathieu_modsem2 mathieu_sem modstruve nbdtrik nbdtrin ncfdtr ndtri ndtri_exp nrdtrimn nrdtrisd obl_ang1 "
        "obl_ang1_cv obl_cv obl_rad1 obl_rad1_cv obl_rad2 obl_rad2_cv owens_t pbdv pbvv pbwa poch pro_ang1 pro_ang1_cv pro_cv "
        "pro_rad1 pro_rad2 stdtr stdtrit struve tklmbda wright_bessel y0 y1 yn yv yve",
    1e-08: "chndtridf chndtrinc it2i0k0 it2j0y0 iti0k0 itj0y0 itmodstruve0 keip kelvin kerp mathieu_cem mathieu_modcem1 "
        "mathieu_modcem2 mathieu_modsem1 mathieu_modsem2 mathieu_sem ncfdtr obl_ang1 obl_ang1_cv obl_rad1 obl_rad2 obl_rad2_cv "
        "pbdv pbwa pro_ang1 pro_ang1_cv pro_rad2",
    100000000.0: "bdtrik bdtrin bei beip ber berp btdtria btdtrib chndtr chndtridf eval_chebyc eval_chebys eval_chebyt eval_chebyu "
        "eval_gegenbauer eval_jacobi eval_sh_chebyt eval_sh_chebyu eval_sh_jacobi hankel1 hankel1e hankel2 hankel2e hyp2f1 "
        "it2i0k0 it2j0y0 it2struve0 itairy iti0k0 itj0y0 itmodstruve0 itstruve0 iv ive jv jve kei keip ker kerp kv kve "
        "log_wright_bessel modstruve nbdtrik nbdtrin owens_t pbwa stdtridf struve yv yve",
    1e+200: "_zeta airy airye bdtrik bei beip ber berp besselpoly betainccinv betaincinv btdtria chdtr chdtrc chdtri chndtr ellipeinc "
        "elliprg elliprj eval_chebyc eval_chebys eval_chebyt eval_chebyu eval_gegenbauer eval_jacobi eval_sh_chebyt "
        "eval_sh_chebyu eval_sh_jacobi fdtr fdtrc fdtri fdtridfd fresnel gammainc gammaincc gammainccinv gammaincinv gdtr gdtrc "
        "gdtria gdtrib gdtrix hankel1 hankel1e hankel2 hankel2e hyp0f1 hyp2f1 it2i0k0 it2j0y0 it2struve0 itairy iti0k0 itj0y0 "
        "itmodstruve0 itstruve0 iv ive jv jve kei keip ker kerp kolmogorov kv kve log_wright_bessel modstruve owens_t pbwa "
        "stdtrit struve tklmbda wright_bessel y0 y1 yn yv yve",
}
LOST = []
NOISY = []
