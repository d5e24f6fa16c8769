from dualnet.table.row cimport Traced, ndim_of, shape_of
from dualnet.tangents cimport Live, Mask, Rows, full
